"""The faults of a scenario."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edge.config.section import Share
from edge.simulation.section import Factor, Lasting, ScenarioSection, Seconds

Level = Annotated[int, Field(ge=0, le=255)]


class _Fault(ScenarioSection):
    """What every fault has: a beginning, at a time or at a moment of an item, and an end.

    Attributes:
        at_s: when it begins, in seconds from the start.
        item: the item (1 is the first) that it belongs to or waits for, instead of ``at_s``.
        when: the moment of that item, or of a flap for it, at which the fault begins.
        after_s: delay from that moment, in seconds.
        for_s: duration, in seconds; None: it does not end.
    """

    kind: str
    at_s: Seconds | None = None
    item: int | None = Field(None, ge=1)
    when: Literal["arrives", "rests", "opens", "closes"] = "arrives"
    after_s: Seconds = 0.0
    for_s: Lasting | None = None

    @model_validator(mode="after")
    def _begins_once(self) -> Self:
        if (self.at_s is None) == (self.item is None):
            raise ValueError("expected either at_s or item")
        return self


class BlindFault(_Fault):
    """No picture shows the tray as it is: none comes (block; unplug: and its exposure is off when it is back), the driver
    raises (error), it is black, the same again with a new number and time (frozen) or with the old time (stuck)."""

    kind: Literal["block", "error", "unplug", "black", "frozen", "stuck"]


class LagFault(_Fault):
    """Pictures reach the program ``lag_s`` seconds late, a lag that wanders by ``wander_s`` to both sides. ``stamps``: they
    say when they were taken (honest), or when they came, as those of a network camera do (now)."""

    kind: Literal["lag"]
    lag_s: float = Field(0.7, ge=0, le=5)
    wander_s: float = Field(0.0, ge=0, le=5)
    stamps: Literal["honest", "now"] = "honest"


class LowRateFault(_Fault):
    """The camera takes ``fps`` pictures a second, fewer than it should."""

    kind: Literal["low_rate"]
    fps: float = Field(2.0, gt=0, le=120)


class TornFault(_Fault):
    """Pictures composed of two. ``share``: of the pictures."""

    kind: Literal["torn"]
    share: Share = 1.0


class WrongSizeFault(_Fault):
    """Pictures of another size, in pixels; None: half."""

    kind: Literal["wrong_size"]
    width: int | None = Field(None, ge=1, le=8192)
    height: int | None = Field(None, ge=1, le=8192)


class ExposureFault(_Fault):
    """The brightness jumps by ``factor``."""

    kind: Literal["exposure"]
    factor: Factor = 1.6


class FlickerFault(_Fault):
    """Lamps on 50 Hz mains. ``amplitude``: of the light, as a share."""

    kind: Literal["flicker"]
    amplitude: Share = 0.1


class DarkenFault(_Fault):
    """The light slowly gets darker, ``to`` a share of its brightness, over ``over_s`` seconds."""

    kind: Literal["darken"]
    to: Share = 0.3
    over_s: Lasting = 60.0


class SpotFault(_Fault):
    """A smear on the lens. Shares of the picture (x, y), of its shorter side (radius) and of the light (density)."""

    kind: Literal["spot"]
    x: Share = 0.6
    y: Share = 0.4
    radius: float = Field(0.15, gt=0, le=1)
    density: Share = 0.7


class HandFault(_Fault):
    """A hand reaches in, in ``come_s`` seconds. Shares of the way across the picture (reach) and of the side (across)."""

    kind: Literal["hand"]
    side: Literal["left", "right", "top", "bottom"] = "bottom"
    reach: float = Field(0.6, gt=0, le=1)
    across: Share = 0.5
    come_s: Lasting = 0.35
    colour: Literal["light", "tan", "dark", "glove"] = "light"


class BodyFault(_Fault):
    """A forearm, a torso or a coat comes over a whole side in ``come_s`` seconds. Shares of the way across the picture
    (depth, and the amplitude of its sway)."""

    kind: Literal["body"]
    side: Literal["left", "right", "top", "bottom"] = "bottom"
    depth: float = Field(0.5, gt=0, le=1)
    come_s: Lasting = 0.3
    sway: Share = 0.0
    cloth: Literal["dark", "light", "striped", "checked"] = "dark"


class SecondItemFault(_Fault):
    """Another item on top of the planned ones. See ``ItemConfig``."""

    kind: Literal["second_item"]
    label: str | None = None
    size: float = Field(0.35, ge=0.02, le=1.5)
    x: float = Field(0.3, ge=-1, le=2)
    y: float = Field(0.35, ge=-1, le=2)


class EdgeItemFault(_Fault):
    """The item comes to rest half out of the picture."""

    kind: Literal["edge_item"]
    side: Literal["left", "right", "top", "bottom"] = "left"


class TakenAwayFault(_Fault):
    """Its user takes the item back ``rest_s`` seconds after it came to rest."""

    kind: Literal["taken_away"]
    rest_s: Seconds = 0.1


class RestlessFault(_Fault):
    """The item goes on rocking for ``still_after_s`` seconds; None: it does not stop."""

    kind: Literal["restless"]
    still_after_s: Lasting | None = None


class StaysFault(_Fault):
    """The item does not fall during the first ``cycles`` openings."""

    kind: Literal["stays"]
    cycles: int = Field(1, ge=1, le=1000)


class TransparentFault(_Fault):
    """The item is nearly invisible."""

    kind: Literal["transparent"]
    opacity: float = Field(0.1, ge=0.01, le=1)


class ShiftedFault(_Fault):
    """The tray is pushed by ``dx``, ``dy`` pixels."""

    kind: Literal["shifted"]
    dx: int = Field(6, ge=-200, le=200)
    dy: int = Field(4, ge=-200, le=200)


class DirtyFault(_Fault):
    """A stain on the tray. Shares of the picture (x, y) and of its shorter side (size); RGB."""

    kind: Literal["dirty"]
    x: Share = 0.5
    y: Share = 0.5
    size: float = Field(0.25, gt=0, le=1)
    colour: tuple[Level, Level, Level] = (96, 66, 38)


class FlapFault(_Fault):
    """Writing to the pin fails, or the flap does not leave the open or the closed position, or its bin is full and items
    stay on top. ``bin`` None: every bin."""

    kind: Literal["pin_error", "stuck_open", "stuck_closed", "bin_full"]
    bin: str | None = None


class SlowFault(_Fault):
    """The flap takes ``factor`` times as long. ``bin`` None: every flap."""

    kind: Literal["slow"]
    bin: str | None = None
    factor: float = Field(3.0, ge=0.1, le=100)


class PowerDipFault(_Fault):
    """The pins have no effect; relays drop."""

    kind: Literal["power_dip"]


class PressFault(_Fault):
    """The lid is opened, or a button is pressed; with ``broken_wire`` its wire is broken instead. The configuration's ``panel``
    must have it."""

    kind: Literal["lid", "stop_button", "service_button"]
    broken_wire: bool = False


class DiskFault(_Fault):
    """The event log's disk is full, or its file system read-only."""

    kind: Literal["disk_full", "read_only"]


class SlowCommitFault(_Fault):
    """The event log's disk takes ``commit_s`` seconds for each write, as a worn card does."""

    kind: Literal["slow_commit"]
    commit_s: float = Field(0.55, gt=0, le=60)


class ClockStepFault(_Fault):
    """The wall clock is set ``by_s`` seconds forward (or back, below 0)."""

    kind: Literal["clock_step"]
    by_s: float


class SigtermFault(_Fault):
    """The program gets SIGTERM, at its time, or as soon as the flaps are in this ``state`` after it. It is restarted when
    ``again`` is true."""

    kind: Literal["sigterm"]
    state: Literal["home", "open", "closing"] | None = None
    again: bool = True


AnyFault = Annotated[
    BlindFault
    | LagFault
    | LowRateFault
    | TornFault
    | WrongSizeFault
    | ExposureFault
    | FlickerFault
    | DarkenFault
    | SpotFault
    | HandFault
    | BodyFault
    | SecondItemFault
    | EdgeItemFault
    | TakenAwayFault
    | RestlessFault
    | StaysFault
    | TransparentFault
    | ShiftedFault
    | DirtyFault
    | FlapFault
    | SlowFault
    | PowerDipFault
    | PressFault
    | DiskFault
    | SlowCommitFault
    | ClockStepFault
    | SigtermFault,
    Field(discriminator="kind"),
]

KINDS = frozenset(
    kind
    for model in AnyFault.__origin__.__args__  # type: ignore[attr-defined]
    for kind in model.model_fields["kind"].annotation.__args__
)
"""Every kind of fault."""
