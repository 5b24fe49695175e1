"""What the camera of a simulated bin sees, and what goes wrong."""

from dataclasses import dataclass

from hardware.limits import MAX_LIGHT_COLOUR, MAX_LIGHT_DRIFT, MIN_LIGHT_COLOUR, within
from hardware.world.fault import PlannedFault


@dataclass(frozen=True, slots=True)
class LightChange:
    """The light changes for good, as when a door opens.

    Attributes:
        at_s: when it begins to, in seconds after the world's start.
        factor: brightness afterwards, as a share of the one before.
        over_s: duration of the change, in seconds (0: at once).
    """

    at_s: float
    factor: float
    over_s: float = 0.0


@dataclass(frozen=True, slots=True)
class TrayTexture:
    """How the empty tray looks.

    Attributes:
        texture_seed: determines texture and scratches where they are to differ from the world's seed; None: that one.
        texture: strength of grain, clouds and scratches (0: none, 1: usual).
        vignette: darkening of the corners, as a share (0..1).
        glints: number of places where water reflects the lamp (0..50).
        stripes: how much brighter stripes of sunlight are that move over it, as a share (0: none, 2).
        shadow: how much light a person's shadow takes, who comes and stands there again and again, as a share (0: none, 0.9).
        crumbs: number of crumbs that come to lie on it by and by, and do not fall (0..50).

    Raises:
        HardwareConfigError: a value is out of range.
    """

    texture_seed: int | None = None
    texture: float = 1.0
    vignette: float = 0.16
    glints: int = 0
    stripes: float = 0.0
    shadow: float = 0.0
    crumbs: int = 0

    def __post_init__(self) -> None:
        within("simulation: glints", self.glints, 0, 50)
        within("simulation: stripes", self.stripes, 0, 2)
        within("simulation: shadow", self.shadow, 0, 0.9)
        within("simulation: crumbs", self.crumbs, 0, 50)


@dataclass(frozen=True, slots=True)
class SceneConditions:
    """The camera's picture, the light, and the faults.

    Attributes:
        width, height: of the camera's picture, in pixels (64..4096).
        fps: frames per second that the camera should take.
        noise_sigma: sensor noise, standard deviation in grey levels (0..50).
        light_drift: amplitude of the slow change of the light, as a share (0..0.2).
        light_colour: red, green and blue of the lamp, as factors (0.1..2).
        tray: the look of the empty tray.
        light_changes: changes of the light for good.
        hole: side of the hole that an open flap shows, as a share of the tray's sides (0: none is seen, 1).
        idle_frame_s: time from one picture to the next while nothing happens, in seconds, so that hours pass quickly on a
            ``ManualClock``; None: every picture is taken.
        faults: what goes wrong, and when.

    Raises:
        HardwareConfigError: a value is out of range.
    """

    width: int = 640
    height: int = 480
    fps: float = 15.0
    noise_sigma: float = 2.0
    light_drift: float = 0.03
    light_colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    tray: TrayTexture = TrayTexture()
    light_changes: tuple[LightChange, ...] = ()
    hole: float = 0.0
    idle_frame_s: float | None = None
    faults: tuple[PlannedFault, ...] = ()

    def __post_init__(self) -> None:
        within("simulation: width", self.width, 64, 4096)
        within("simulation: height", self.height, 64, 4096)
        within("simulation: noise_sigma", self.noise_sigma, 0, 50)
        within("simulation: light_drift", self.light_drift, 0, MAX_LIGHT_DRIFT)
        for factor in self.light_colour:
            within("simulation: light_colour", factor, MIN_LIGHT_COLOUR, MAX_LIGHT_COLOUR)
        within("simulation: hole", self.hole, 0, 1)
