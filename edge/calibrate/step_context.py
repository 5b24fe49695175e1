"""Context of a calibration step: the dialogue, the configuration, and the parts of the bin, made on demand."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

from edge.calibrate.annotate import encoded, write_picture
from edge.calibrate.dialogue import Dialogue
from edge.calibrate.frames import fresh_frames
from edge.calibrate.picture_page import PicturePage
from edge.config.camera import CameraConfig
from edge.config.schema import Config
from edge.errors import SorterRunningError, UnavailableError
from edge.records.log_lock import lock_name
from edge.service.drivers import DriverFactory, SharedDrives
from edge.service.factories import make_camera
from edge.service.world_factory import WorldFactory, make_simulation
from hardware.camera import Camera
from hardware.clock import Clock
from hardware.frame import Frame, Pixels
from hardware.pin_factory import PinFactory
from hardware.registry import PIN_FACTORIES, load
from hardware.world.world import World


class StepContext:
    """What one step works with. Made by ``step_context``, which also closes the parts.

    Args:
        config: configuration before the step.
        clock: clock of the bin.
        dialogue: dialogue with the user.
        beside: folder of the configuration, for files that it refers to.
        world: makes the simulated bin, if ``camera.kind`` is ``sim``.
        held: closes the parts, the last one first.
        page: shows pictures in a browser; None: they are only written to files.

    Attributes:
        to_do: what the step found and left as it is, a sentence each with what to do about it; steps append to it.
        folder: folder for pictures that the user looks at.
        simulation: the simulated bin; None on real hardware.
    """

    def __init__(
        self,
        config: Config,
        clock: Clock,
        dialogue: Dialogue,
        *,
        beside: Path,
        world: WorldFactory,
        held: ExitStack,
        page: PicturePage | None = None,
    ) -> None:
        self.config = config
        self.dialogue = dialogue
        self.beside = beside
        self.folder = config.event_log.file.parent / "calibrate"
        self.clock = clock
        self.simulation: World | None = None
        self.held = held
        self.to_do: list[str] = []
        self._page = page
        self._pins: PinFactory | None = None
        self._camera: Camera | None = None
        self._shared: SharedDrives | None = None
        if config.camera.kind == "sim":
            self.simulation = world(config, clock, self.pins)
            held.callback(self.simulation.close)
            self.clock = _SimulationClock(clock, self.simulation)

    @property
    def pins(self) -> PinFactory:
        """The configured pin factory.

        Raises:
            HardwareError: this machine has no such pins.
        """
        if self._pins is None:
            self._pins = load(PIN_FACTORIES, self.config.flaps.pin_factory)()
            self.held.callback(self._pins.close)
        return self._pins

    @property
    def camera(self) -> Camera:
        """The configured camera.

        Raises:
            HardwareError: it cannot be opened.
        """
        if self._camera is None:
            self._camera = self.held.enter_context(self.open_camera(self.config.camera))
        return self._camera

    def fresh_frames(self) -> Iterator[Frame]:
        """Yield frames of the configured camera captured from now on.

        Raises:
            HardwareError: the camera cannot be opened, or gives no frame.
        """
        return fresh_frames(self.camera, self.clock, warm_up_s=warm_up_s(self.config.camera))

    def take(self, count: int) -> list[Frame]:
        """``count`` frames of ``fresh_frames``."""
        return list(islice(self.fresh_frames(), count))

    def show_picture(self, name: str, pixels: Pixels, text: str) -> None:
        """Let the user look at a picture: it is written to ``folder``, and shown on the page.

        Args:
            name: name of the file, ending in ``.jpg``.
            pixels: RGB uint8 (height, width, 3).
            text: what it shows, and what to look for; said in the dialogue and below the picture.

        Raises:
            UnavailableError: it cannot be written.
        """
        content = encoded(pixels, ".jpg")
        path = self.folder / name
        write_picture(path, content)
        if self._page is not None:
            self._page.publish(name, content, text)
        self.dialogue.show(f"{text}: {path if self._page is None else self._page.urls[0]}")

    def show_live(self, name: str, pixels: Pixels, text: str) -> None:
        """Show a picture that soon gives way to the next, on the page alone. Arguments as of ``show_picture``."""
        if self._page is not None:
            self._page.publish(name, encoded(pixels, ".jpg"), text)

    def open_camera(self, settings: CameraConfig) -> Camera:
        """Open a camera, which the caller closes.

        Raises:
            HardwareError: it cannot be opened.
        """
        return make_camera(self.config.model_copy(update={"camera": settings}), self.clock, self.simulation)

    def driver_factory(self, held: ExitStack) -> DriverFactory:
        """Factory of the drivers, which ``held`` closes.

        Raises:
            HardwareError: this machine has no such pins.
        """
        if self._shared is None:
            # They outlive the flaps that are made and closed again within a step: a stepper must keep its position.
            self._shared = SharedDrives(self.held, self.config.drives, pin_factory=self.pins, clock=self.clock)
        return DriverFactory(held, pin_factory=self.pins, clock=self.clock, shared=self._shared)


def warm_up_s(settings: CameraConfig) -> float:
    """Seconds after it was opened during which a camera gives no frame."""
    return float(getattr(getattr(settings, settings.kind, None), "warm_up_s", 0.0))


class _SimulationClock:
    """Advances the simulated bin after every wait: on its own it advances only when a frame is read."""

    def __init__(self, clock: Clock, simulation: World) -> None:
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
    config: Config,
    clock: Clock,
    dialogue: Dialogue,
    *,
    beside: Path,
    world: WorldFactory = make_simulation,
    page: PicturePage | None = None,
) -> Iterator[StepContext]:
    """Make the context of one step, and close its parts at the end. Arguments and errors as of ``StepContext``."""
    with ExitStack() as held:
        yield StepContext(config, clock, dialogue, beside=beside, world=world, held=held, page=page)


@contextmanager
def exclusive_bin_access(config: Config) -> Iterator[None]:
    """Keep the sorter from running during the ``with`` block: it would hold the camera and the pins, and move the flaps.

    Raises:
        SorterRunningError: the sorter is running.
        UnavailableError: this cannot be checked.
    """
    log = config.event_log.file.resolve()
    with ExitStack() as held:
        # Both, as the sorter does: the log may also be known by another name.
        for lock in (lock_name(log), log):
            try:
                # Without waiting: whoever owns the folder may have left a pipe of this name.
                descriptor = os.open(lock, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                held.callback(os.close, descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except FileNotFoundError:
                pass  # the sorter has never run here
            except BlockingIOError as error:
                raise SorterRunningError(
                    f"the sorter is running ({lock} is locked) and holds the camera and the flaps: stop it first with "
                    "'sudo systemctl stop sorter' (Ctrl-C where you started it), and start it again afterwards"
                ) from error
            except OSError as error:
                raise UnavailableError(
                    f"{lock}: cannot check whether the sorter is running: {error}; run this with sudo"
                ) from error
        yield
