"""Random worlds that attack the bin: people, lags, losses, drives and lids, each world from one whole number."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge.simulation.scenario import Scenario

LENGTH_S = (11.0, 18.0)
"""Shortest and longest world, in seconds: room for two or three cycles of a flap."""

BLIND_LENGTH_S, BLIND_FOR_S = (22.0, 28.0), (12.0, 16.0)
"""The same, and how long nothing is seen, in a world whose camera is gone for so long that flaps come home blindly. Seconds."""

CALM_S, QUIET_END_S = 2.0, 1.0
"""Time at the start in which the bin learns its empty tray, and at the end in which nothing begins, in seconds."""

SIZE = (160, 120)
"""Width and height of the pictures, in pixels: small, so that a world takes a quarter of a second of processor time."""

PINS: Mapping[str, int] = {"paper": 12, "glass": 13, "packaging": 18, "residual": 23}
POSITIONS_DEG: Mapping[str, int] = {"paper": 90, "glass": 180, "packaging": -90, "residual": -45}
CAROUSEL = {
    "kind": "carousel",
    "step_pin": 16,
    "dir_pin": 25,
    "enable_pin": 4,
    "gate_pin": 9,
    "gate_active_high": False,
    "home_switch": {"pin": 10},
}
SWITCHES: Mapping[str, int] = {"lid": 22, "stop_button": 17, "service_button": 27}
"""Name -> pin of what is fitted where a world has it."""

SIDES = ("left", "right", "top", "bottom")
LABELS = ("glass", "paper", "metal", "trash", "plastic", "cardboard")
CLOTHS = ("dark", "light", "striped", "checked")
SKINS = ("light", "tan", "dark", "glove")

_WORLDS_STREAM = 10
"""Second part of a random generator's seed: a stream of random numbers of its own."""


@dataclass(frozen=True, slots=True)
class RandomWorld:
    """A world to play.

    Attributes:
        scenario: what happens.
        overrides: its drives and its panel, as of ``scenario_config``.
    """

    scenario: Scenario
    overrides: tuple[str, ...]


def random_world(seed: int) -> RandomWorld:
    """The world of a number, the same every time.

    What physics forbids to know is left out where it has a name in the documents: a camera that says "now" of pictures that
    are too old comes only with a lid, and then nobody reaches in through a closed one.

    Args:
        seed: 0 or more.
    """
    return _Draw(seed).world()


class _Draw:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rng = np.random.default_rng((seed, _WORLDS_STREAM))
        self._is_blind = self._chance(0.06)
        self._length_s = self._between(*(BLIND_LENGTH_S if self._is_blind else LENGTH_S))
        self._items = int(self._rng.integers(1, 4))
        self._has_lid = self._chance(0.35)
        self._faults: list[dict[str, object]] = []

    def world(self) -> RandomWorld:
        # Fewer than 3 a second are refused without a lid.
        fps = float(self._rng.choice([2 if self._has_lid else 3, 5, 10, 15, 15, 15, 30]))
        drives = self._drives()
        items = [
            {
                "label": str(self._rng.choice(LABELS)),
                "gap_s": self._between(2.5, 4.0) if number == 0 else self._between(0.5, 2.0),
                "size": self._between(0.3, 0.7),
                "settle_s": self._between(0.2, 0.8),
            }
            for number in range(self._items)
        ]
        self._people()
        self._camera()
        self._rest()
        panel = {name: {"pin": pin} for name, pin in SWITCHES.items() if name != "lid" or self._has_lid}
        scenario = Scenario.model_validate(
            {
                "name": f"world-{self._seed}",
                "shows": "What chance made up.",
                "seed": self._seed % 1000,
                "duration_s": round(self._length_s, 2),
                "config": {"camera": {"width": SIZE[0], "height": SIZE[1], "fps": fps}},
                "items": items,
                "light": {"noise": 1.5},
                "lost_after_s": 8.0,
                "patience_s": 5.0,
                "faults": self._faults,
            }
        )
        blind = f"flaps.when_blind={'close_slowly' if self._chance(0.3) else 'wait'}"
        # After everything else was drawn, so that a world of an older number keeps its people.
        hole = f"simulation.hole={self._between(0.4, 0.85) if self._chance(0.4) else 0}"
        return RandomWorld(scenario, (*drives, blind, hole, f"panel={json.dumps(panel)}"))

    def _drives(self) -> list[str]:
        """What moves the flaps: servos, relays, a mixture, or a carousel."""
        kind = str(self._rng.choice(["mixed", "servo", "relay", "carousel"], p=[0.4, 0.25, 0.25, 0.1]))
        if kind == "carousel":
            flaps: dict[str, dict[str, object]] = {
                bin: {"kind": kind, "drive": kind, "position_deg": at_deg, "travel_s": 3.2}
                for bin, at_deg in POSITIONS_DEG.items()
            }
            return [f"drives={json.dumps({kind: CAROUSEL})}", *self._bins(flaps, dwell_s=3.2)]
        flaps = {}
        for bin, pin in PINS.items():
            own = kind if kind != "mixed" else str(self._rng.choice(["servo", "relay"]))
            flaps[bin] = {"kind": own, "pin": pin, "travel_s": self._between(0.2, 0.6)}
            flaps[bin] |= {"force_n": 4 if not self._has_lid or self._chance(0.5) else 40}
            flaps[bin] |= {"max_on_s": self._between(3.0, 12.0)}
            flaps[bin] |= {"home_deg": -45, "open_deg": 45} if own == "servo" else {"active_high": False}
        return self._bins(flaps, dwell_s=self._between(0.7, 1.5))

    @staticmethod
    def _bins(flaps: Mapping[str, object], *, dwell_s: float) -> list[str]:
        return [f"bins.{bin}={json.dumps({'flap': flap, 'dwell_s': dwell_s})}" for bin, flap in flaps.items()]

    def _people(self) -> None:
        """One to four times somebody reaches or leans over the tray; several at once where the moments meet."""
        for _ in range(int(self._rng.integers(1, 5))):
            moment = self._moment()
            for_s = self._between(0.4, 1.0) if self._chance(0.3) else self._between(1.0, 6.0)
            before_s = self._between(0.3, 1.0)
            if self._has_lid:
                # Nobody reaches through a closed lid: it is opened before, and closed after.
                self._add("lid", moment, for_s=for_s + before_s + self._between(0.1, 1.0))
                moment = moment | {"after_s": round(float(str(moment.get("after_s", 0.0))) + before_s, 3)}
            for _ in range(1 + self._chance(0.25) + self._chance(0.15)):
                side = str(self._rng.choice(SIDES))
                if self._chance(0.5):
                    depth = float(self._rng.choice([0.14, self._between(0.14, 1.0), 1.0], p=[0.3, 0.6, 0.1]))
                    sway = 0.004 if self._chance(0.5) else 0.0
                    cloth = str(self._rng.choice(CLOTHS))
                    come_s = self._between(0.2, 0.4)
                    self._add(
                        "body", moment, for_s=for_s, side=side, depth=depth, sway=sway, cloth=cloth, come_s=come_s
                    )
                else:
                    reach, across = self._between(0.3, 1.0), self._between(0.2, 0.8)
                    colour, come_s = str(self._rng.choice(SKINS)), self._between(0.15, 0.4)
                    self._add(
                        "hand", moment, for_s=for_s, side=side, reach=reach, across=across, colour=colour, come_s=come_s
                    )

    def _camera(self) -> None:
        """What is wrong with the camera: it is late, takes few pictures, or none for a while."""
        if self._chance(0.35):
            stamps = "now" if self._has_lid and self._chance(0.3) else "honest"
            moment: Mapping[str, object] = {"at_s": 0.0} if self._chance(0.5) else self._moment()
            for_s = self._length_s if "at_s" in moment else self._between(1.0, 6.0)
            lag_s, wander_s = self._between(0.02, 1.5), self._between(0.0, 0.4) if self._chance(0.5) else 0.0
            self._add("lag", moment, for_s=for_s, lag_s=lag_s, wander_s=wander_s, stamps=stamps)
        if self._chance(0.2):
            self._add(
                "low_rate", self._moment(), for_s=self._between(2.0, 8.0), fps=float(self._rng.choice([2, 5, 10]))
            )
        for _ in range(int(self._rng.integers(0, 3))):
            kinds = ("block", "black", "frozen", "stuck", "unplug", "torn", "exposure", "wrong_size", "error")
            kind = str(self._rng.choice(kinds, p=[0.25, 0.15, 0.15, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05]))
            self._add(kind, self._moment(), for_s=self._between(0.2, 5.0))
        if self._is_blind:
            after_s = self._between(0.0, 1.2)
            self._add("block", {"item": 1, "when": "opens", "after_s": after_s}, for_s=self._between(*BLIND_FOR_S))
            late_s, for_s = after_s + self._between(0.5, 15.0), self._between(0.5, 4.0)
            moment = {"item": 1, "when": "opens", "after_s": round(late_s, 3)}
            if not self._has_lid:
                self._add("hand", moment, for_s=for_s, side=str(self._rng.choice(SIDES)), reach=0.8)

    def _rest(self) -> None:
        """What happens besides: the panel, the disk, the items, the drives, and stops of the program."""
        if self._has_lid and self._chance(0.3):
            at_s = self._between(CALM_S, self._length_s - 4)
            for number in range(int(self._rng.integers(2, 5))):
                self._add("lid", {"at_s": at_s + 0.7 * number}, for_s=0.05)
        for chance, kind, least_s, most_s in (
            (0.2, "stop_button", 0.3, 4.0),
            (0.1, "service_button", 0.3, 0.4),
            (0.1, "disk_full", 1.0, 5.0),
            (0.05, "read_only", 1.0, 5.0),
            (0.05, "power_dip", 0.3, 2.0),
            (0.05, "pin_error", 0.3, 3.0),
            (0.05, "stuck_open", 0.3, 3.0),
            (0.05, "stuck_closed", 0.3, 3.0),
        ):
            if self._chance(chance):
                self._add(kind, self._moment(), for_s=self._between(least_s, most_s))
        if self._chance(0.05):
            self._add("slow", {"at_s": 0.0}, for_s=self._length_s, factor=self._between(1.2, 3.0))
        if self._chance(0.1):
            state = self._rng.choice(["home", "open", "closing"])
            self._faults.append({"kind": "sigterm", **self._moment(), "for_s": 10.0, "state": str(state)})
        # Of two things of which one falls and one stays, the one that stays is rightly decided again.
        one_of = "second_item" if self._chance(0.5) else "stays"
        for chance, kind in ((0.2, one_of), (0.1, "taken_away"), (0.1, "edge_item")):
            if self._chance(chance):
                self._faults.append({"kind": kind, "item": int(self._rng.integers(1, self._items + 1))})

    def _add(self, kind: str, moment: Mapping[str, object], *, for_s: float, **options: object) -> None:
        """Plan a fault; one at a time of its own is over before the end."""
        planned: dict[str, object] = {"kind": kind, **moment, "for_s": round(for_s, 3), **options}
        self._faults.append(planned)

    def _moment(self) -> dict[str, object]:
        """A time, or a moment of an item or of its flap."""
        if self._chance(0.3):
            return {"at_s": self._between(CALM_S, self._length_s - QUIET_END_S)}
        when = str(self._rng.choice(["arrives", "rests", "opens", "closes"], p=[0.1, 0.25, 0.4, 0.25]))
        item = int(self._rng.integers(1, self._items + 1))
        return {"item": item, "when": when, "after_s": self._between(0.0, 1.6)}

    def _chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)

    def _between(self, least: float, most: float) -> float:
        return round(float(self._rng.uniform(least, most)), 3)


def replay_text(world: RandomWorld) -> Sequence[str]:
    """What a world is made of, line by line."""
    faults = [f"  - {json.dumps(fault.model_dump(exclude_defaults=True))}" for fault in world.scenario.faults]
    camera = json.dumps(world.scenario.config)
    return [f"{world.scenario.name}: {world.scenario.duration_s} s, {camera}", *world.overrides, "faults:", *faults]
