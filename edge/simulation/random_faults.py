"""A scenario with random faults."""

from collections.abc import Callable, Mapping

import numpy as np

from edge.simulation.faults import KINDS
from edge.simulation.items import RandomItems
from edge.simulation.scenario import Scenario

HANDLING_S = 5.0
"""Typical time from an item's arrival until the flap is home again, in seconds."""

FIRST_FAULT_S, LAST_FAULT = 5.0, 0.95
"""Earliest fault, in seconds: the bin has learnt its empty tray; and the latest, as a share of the time that the items take."""

_FAULTS_STREAM = 8
"""Second part of a random generator's seed: a stream of random numbers of its own."""

_Draw = Callable[[np.random.Generator], dict[str, object]]


def _lasting(least_s: float, most_s: float, **options: object) -> _Draw:
    return lambda rng: {"for_s": round(float(rng.uniform(least_s, most_s)), 2), **options}


def _of_an_item(rng: np.random.Generator) -> dict[str, object]:
    return {"for_s": round(float(rng.uniform(60, 600)), 1)}


_SIDES = ("left", "right", "top", "bottom")
_CLOTHS = ("dark", "light", "striped", "checked")

DRAWS: Mapping[str, _Draw] = {
    "block": _lasting(1, 20),
    "error": _lasting(0.5, 5),
    "unplug": _lasting(2, 20),
    "black": _lasting(1, 15),
    "frozen": _lasting(1, 20),
    "stuck": _lasting(1, 15),
    "lag": lambda rng: (
        _lasting(2, 20)(rng)
        | {"lag_s": round(float(rng.uniform(0.05, 1.5)), 2), "wander_s": round(float(rng.uniform(0, 0.3)), 2)}
    ),
    "low_rate": lambda rng: _lasting(5, 30)(rng) | {"fps": float(rng.choice([2, 5, 10]))},
    "torn": _lasting(0.2, 5),
    "wrong_size": _lasting(0.5, 10),
    "exposure": lambda rng: _lasting(5, 40)(rng) | {"factor": round(float(rng.choice([0.6, 0.75, 1.3, 1.6])), 2)},
    "flicker": lambda rng: _lasting(3, 30)(rng) | {"amplitude": round(float(rng.uniform(0.03, 0.15)), 3)},
    "darken": lambda rng: _lasting(60, 120)(rng) | {"to": 0.4, "over_s": 50},
    "spot": lambda rng: _lasting(20, 60)(rng) | {"x": 0.7, "y": 0.3, "radius": 0.08},
    "hand": lambda rng: (
        _lasting(0.8, 6)(rng) | {"side": str(rng.choice(_SIDES)), "reach": round(float(rng.uniform(0.4, 0.9)), 2)}
    ),
    "body": lambda rng: (
        _lasting(0.8, 6)(rng)
        | {
            "side": str(rng.choice(_SIDES)),
            "depth": round(float(rng.uniform(0.14, 1.0)), 2),
            "cloth": str(rng.choice(_CLOTHS)),
        }
    ),
    "second_item": lambda rng: {"for_s": 1.0},
    "edge_item": lambda rng: _of_an_item(rng) | {"side": str(rng.choice(_SIDES))},
    "taken_away": lambda rng: _of_an_item(rng) | {"rest_s": round(float(rng.uniform(0, 0.4)), 2)},
    "restless": lambda rng: _of_an_item(rng) | {"still_after_s": round(float(rng.uniform(1, 8)), 1)},
    "stays": lambda rng: _of_an_item(rng) | {"cycles": int(rng.integers(1, 4))},
    "transparent": lambda rng: _of_an_item(rng) | {"opacity": round(float(rng.uniform(0.35, 0.8)), 2)},
    "shifted": lambda rng: _lasting(60, 200)(rng) | {"dx": int(rng.integers(-8, 9)), "dy": int(rng.integers(-6, 7))},
    "dirty": lambda rng: _lasting(60, 300)(rng) | {"x": 0.4, "y": 0.6, "size": round(float(rng.uniform(0.05, 0.2)), 2)},
    "pin_error": _lasting(0.5, 10),
    "slow": lambda rng: _lasting(10, 60)(rng) | {"factor": round(float(rng.uniform(1.2, 4)), 2)},
    "stuck_open": _lasting(2, 20),
    "stuck_closed": _lasting(2, 30),
    "bin_full": _lasting(10, 60),
    "power_dip": _lasting(0.2, 5),
    "lid": _lasting(0.5, 15),
    "stop_button": _lasting(0.5, 30),
    "service_button": _lasting(0.2, 1),
    "disk_full": _lasting(5, 60),
    "read_only": _lasting(5, 60),
    "slow_commit": lambda rng: _lasting(5, 60)(rng) | {"commit_s": round(float(rng.uniform(0.1, 5)), 2)},
    "clock_step": lambda rng: {"for_s": 1.0, "by_s": round(float(rng.choice([-1, 1]) * rng.uniform(1, 300_000)))},
    "sigterm": lambda rng: {"for_s": 30.0, "state": str(rng.choice(["home", "open", "closing"]))},
}
"""Kind -> draws its duration and its own values. The ranges keep each fault within what the bin must recover from."""

PANEL = {name: {"pin": pin} for name, pin in (("lid", 22), ("stop_button", 17), ("service_button", 27))}
"""The panel that the scenario adds: the switches that its faults press."""


def random_fault_scenario(
    seed: int, *, items: int = 1000, faults: int = 200, kinds: frozenset[str] = KINDS, gap_s: float = 30.0
) -> Scenario:
    """A scenario with faults spread at random over the time that its items take.

    What no bin without sensors can notice is left out: items that are nearly invisible (opacity below 0.35), and a flap
    that stands open for good, through which everything falls.

    Args:
        seed: determines it.
        items: number of items (1 or more).
        faults: number of faults (0 or more).
        kinds: kinds of fault that may happen.
        gap_s: mean time between two items, in seconds (1 or more).

    Raises:
        ValueError: an unknown kind, or a number out of range.
    """
    unknown = kinds - KINDS
    if unknown or items < 1 or faults < 0 or gap_s < 1:
        raise ValueError(
            f"random faults: expected items >= 1, faults >= 0, gap_s >= 1 and known kinds, got {sorted(unknown)}"
        )
    rng = np.random.default_rng((seed, _FAULTS_STREAM))
    length_s = items * (gap_s + HANDLING_S)
    planned = []
    for at_s in np.sort(rng.uniform(FIRST_FAULT_S, LAST_FAULT * length_s, faults)):
        kind = str(rng.choice(sorted(kinds)))
        planned.append({"kind": kind, "at_s": round(float(at_s), 2), **DRAWS[kind](rng)})
    return Scenario.model_validate(
        {
            "name": f"storm-{seed}",
            "shows": f"{items} items, and {faults} things that go wrong at random.",
            "seed": seed,
            "config": {"panel": PANEL},
            "items": RandomItems(count=items, gap_s=(0.8, 2 * gap_s - 0.8)),
            "faults": planned,
        }
    )
