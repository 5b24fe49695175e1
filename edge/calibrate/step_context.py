"""What a step works with: the person, the configuration, and the parts of the bin, made when they are asked for."""

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from edge.calibrate.dialogue import Dialogue
from edge.calibrate.frames import fresh_frames
from edge.config.schema import CameraConfig, Config
from edge.errors import UnavailableError
from edge.service.drivers import DriverFactory
from edge.service.factories import make_camera, make_simulation
from hardware.camera import Camera
from hardware.clock import Clock
from hardware.frame import Frame
from hardware.registry import PIN_FACTORIES, load

World = Callable[[Config, Clock, Any], Any]
"""Makes the simulated bin around a pin factory."""


class StepContext:
    """One step's; ``workbench`` makes it, and lets go what it has made.

    Args:
        config: as it stands before the step.
        clock: time.
        dialogue: the person.
        beside: the configuration's folder, for files that it names.
        world: makes the simulated bin, where the camera is one.
        held: see below.

    Attributes:
        folder: where pictures to look at are written.
        simulation: the simulated bin; None on real hardware.
        held: closes what is made, the last first.
    """

    def __init__(
        self, config: Config, clock: Clock, dialogue: Dialogue, *, beside: Path, world: World, held: ExitStack
    ) -> None:
        self.config = config
        self.dialogue = dialogue
        self.beside = beside
        self.folder = config.event_log.file.parent / "calibrate"
        self.clock = clock
        self.simulation: Any | None = None
        self.held = held
        self._pins: Any | None = None
        self._camera: Camera | None = None
        if config.camera.kind == "sim":
            self.simulation = world(config, clock, self.pins)
            held.callback(self.simulation.close)
            self.clock = _LivelyClock(clock, self.simulation)

    @property
    def pins(self) -> Any:
        """The configured pin factory. Raises HardwareError where this machine has no such pins."""
        if self._pins is None:
            self._pins = load(PIN_FACTORIES, self.config.flaps.pin_factory)()
            self.held.callback(self._pins.close)
        return self._pins

    @property
    def camera(self) -> Camera:
        """The configured camera. Raises HardwareError when it cannot be opened."""
        if self._camera is None:
            self._camera = self.held.enter_context(self.open_camera(self.config.camera))
        return self._camera

    def fresh_frames(self) -> Iterator[Frame]:
        """Picture after picture of the configured camera, all taken after this. Raises HardwareError when none comes."""
        return fresh_frames(self.camera, self.clock, warm_up_s=warm_up_s(self.config.camera))

    def take(self, count: int) -> list[Frame]:
        """So many of them."""
        return list(islice(self.fresh_frames(), count))

    def open_camera(self, settings: CameraConfig) -> Camera:
        """A camera, for the caller to close. Raises HardwareError when it cannot be opened."""
        return make_camera(self.config.model_copy(update={"camera": settings}), self.clock, self.simulation)

    def driver_factory(self, held: ExitStack) -> DriverFactory:
        """Makes the parts that are wired, for the caller's stack to close. Raises HardwareError where there are no pins."""
        return DriverFactory(held, pin_factory=self.pins, clock=self.clock)


def warm_up_s(settings: CameraConfig) -> float:
    """How long a camera gives no picture after it was opened, in seconds."""
    return float(getattr(getattr(settings, settings.kind, None), "warm_up_s", 0.0))


class _LivelyClock:
    """A simulated bin moves on when somebody looks at it; here whoever waits does."""

    def __init__(self, clock: Clock, simulation: Any) -> None:
        self._clock = clock
        self._simulation = simulation

    def now_s(self) -> float:
        return self._clock.now_s()

    def wall_s(self) -> float:
        return self._clock.wall_s()

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        was_set = self._clock.wait(event, timeout_s)
        self._simulation.advance()
        return was_set


@contextmanager
def step_context(
    config: Config, clock: Clock, dialogue: Dialogue, *, beside: Path, world: World = make_simulation
) -> Iterator[StepContext]:
    """The workbench of one step. Arguments and errors as of ``StepContext`` and its parts."""
    with ExitStack() as held:
        yield StepContext(config, clock, dialogue, beside=beside, world=world, held=held)


@contextmanager
def exclusive_bin_access(config: Config) -> Iterator[None]:
    """Keep the sorter from running meanwhile: it would hold the camera and the pins, and move the flaps.

    Raises:
        UnavailableError: it runs.
    """
    lock = config.event_log.file.with_name(f"{config.event_log.file.name}.lock")
    with ExitStack() as held:
        try:
            file = held.enter_context(lock.open())
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            pass  # it has never run here
        except BlockingIOError as error:
            raise UnavailableError(
                f"the sorter is running ({lock} is locked), and camera and flaps can serve one only: stop it first, "
                "'sudo systemctl stop sorter', and start it again afterwards"
            ) from error
        except OSError as error:
            raise UnavailableError(
                f"{lock}: cannot tell whether the sorter is running: {error}; run calibrate with sudo"
            ) from error
        yield
