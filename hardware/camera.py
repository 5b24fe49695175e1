"""What every camera does, and the base of those that block: a thread delivers the newest frame through one slot."""

import logging
import threading
from abc import abstractmethod

from hardware.clock import Clock
from hardware.device import Device
from hardware.errors import CameraError, HardwareError
from hardware.frame import Frame, Pixels

log = logging.getLogger(__name__)


class Camera(Device):
    """A source of frames."""

    @abstractmethod
    def read(self, *, newer_than: int, timeout_s: float) -> Frame | None:
        """The newest frame whose sequence number is above ``newer_than`` (-1: any).

        Waits at most ``timeout_s`` seconds of the camera's clock; None when none came. Never a frame twice to a caller
        that passes the last sequence number it saw.

        Raises:
            CameraError: the camera is closed, or cannot come back.
        """

    @property
    @abstractmethod
    def description(self) -> str:
        """One line for logs: what this camera is, e.g. ``opencv /dev/video0 640x480``."""

    @property
    def exhausted(self) -> bool:
        """True when no further frame will ever come (a folder or a file at its end)."""
        return False

    @property
    def repeats(self) -> bool:
        """True when two pictures in a row may be the same, bit for bit, as photographs are and a sensor's never."""
        return False

    @property
    def failure(self) -> str | None:
        """Why no frame comes, in the driver's words, one line; None while they come, or when it is not known."""
        return None

    @property
    def has_lens(self) -> bool:
        """Whether its pictures come through a lens that stands before the tray, whose focus can be wrong."""
        return True

    @property
    def focuses_itself(self) -> bool:
        """Whether the camera has an automatic focus that the driver uses: then nobody turns a ring at its lens."""
        return False

    def relock(self) -> None:
        """Let exposure, gain and white balance settle and lock them again, for light that has changed permanently.

        Returns at once; no frame comes meanwhile. Cameras that have nothing to lock do nothing.
        """


class FrameSlot:
    """Holds the newest frame and nothing else: a slow reader never works through a queue of old pictures."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._ready = threading.Condition()
        self._closed = False

    def put(self, frame: Frame) -> None:
        """Replace what was there."""
        with self._ready:
            self._frame = frame
            self._ready.notify_all()

    def close(self) -> None:
        """Wake every reader; nothing comes any more."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    def get(self, *, newer_than: int, timeout_s: float) -> Frame | None:
        """The frame in the slot once its number is above ``newer_than``; None after ``timeout_s`` real seconds."""
        with self._ready:
            self._ready.wait_for(lambda: self._closed or self._newer(newer_than) is not None, timeout_s)
            return self._newer(newer_than)

    def _newer(self, newer_than: int) -> Frame | None:
        return self._frame if self._frame is not None and self._frame.sequence > newer_than else None


class CaptureThread(Camera):
    """Base of cameras that block: a thread of their own grabs frames into the slot and reconnects with back-off.

    A subclass gives ``_open``, ``_grab`` and ``_release``. The first ``_open`` happens in the caller's thread, so that
    a missing camera is an error at start. Reading waits in real time, as hardware does. Whatever hangs, hangs in a
    thread that the end of the program does not wait for: a camera that cannot be closed any more has stopped for good.

    Args:
        clock: stamps the frames.
        reconnect_s: first pause before a lost camera is opened again; doubles up to ``reconnect_max_s``. Seconds.
    """

    RELEASE_S = 5.0
    """How long releasing the device may take, in seconds."""

    def __init__(self, *, clock: Clock, reconnect_s: float = 0.5, reconnect_max_s: float = 30.0) -> None:
        self._clock = clock
        self._reconnect_s = reconnect_s
        self._reconnect_max_s = reconnect_max_s
        self._slot = FrameSlot()
        self._stop = threading.Event()
        self._exhausted = False
        self._failure: BaseException | None = None
        self._trouble: str | None = None
        self._sequence = 0
        try:
            self._open()
        except BaseException:
            self._release_in_time()
            raise
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)
        self._thread.start()

    @abstractmethod
    def _open(self) -> None:
        """Open the device. Raises CameraError when it is not there."""

    @abstractmethod
    def _grab(self) -> tuple[Pixels, float] | None:
        """One picture, RGB uint8 (height, width, 3), and the time on the clock at which it was taken, in seconds.

        None at the end of a finite source. Raises CameraError when the camera is lost.
        """

    @abstractmethod
    def _release(self) -> None:
        """Release the device; called also after a failed open."""

    def _interrupt(self) -> None:
        """End a wait in ``_grab``, from another thread, where the driver can: the camera is being closed."""

    def read(self, *, newer_than: int, timeout_s: float) -> Frame | None:
        if self._stop.is_set():
            raise CameraError(f"{self.description}: the camera is closed")
        if self._failure is not None:
            why = str(self._failure) if isinstance(self._failure, HardwareError) else repr(self._failure)
            raise CameraError(f"{self.description}: the camera stopped for good: {why}") from self._failure
        frame = self._slot.get(newer_than=newer_than, timeout_s=timeout_s)
        if frame is None and self._exhausted:
            # The slot no longer waits; a caller that still has something to finish must not spin.
            self._clock.wait(self._stop, timeout_s)
        return frame

    @property
    def exhausted(self) -> bool:
        return self._exhausted

    @property
    def failure(self) -> str | None:
        return self._trouble

    def close(self) -> None:
        self._stop.set()
        self._slot.close()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._interrupt()
            self._thread.join(timeout=self.RELEASE_S + 1.0)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                try:
                    grabbed = self._grab()
                except CameraError as error:
                    if self._stop.is_set():
                        return
                    self._trouble = str(error)
                    log.warning("camera lost: %s", error)
                    self._must_release(error)
                    if not self._reconnect():
                        return
                    continue
                if grabbed is None:
                    self._exhausted = True
                    self._slot.close()
                    return
                self._trouble = None
                self._slot.put(Frame(*grabbed, self._sequence))
                self._sequence += 1
        except HardwareError as error:
            self._fail(error)
        except Exception as error:
            log.exception("a bug in the camera's driver: %s", self.description)
            self._fail(error)
        finally:
            self._release_in_time()

    def _fail(self, error: BaseException) -> None:
        # An exception that ends a thread would go unnoticed: the reader gets it.
        self._trouble, self._failure = str(error), error
        self._slot.close()

    def _release_in_time(self) -> bool:
        """``_release``, in a thread of its own since a driver may hang in the kernel; False when it does."""
        release = threading.Thread(target=self._release, name=f"{type(self).__name__} release", daemon=True)
        release.start()
        release.join(self.RELEASE_S)
        if release.is_alive():
            log.error("%s: closing it hangs", self.description)
        return not release.is_alive()

    def _must_release(self, lost: CameraError) -> None:
        if not self._release_in_time():
            raise CameraError(f"closing it hangs, a new process is needed; before that: {lost}") from lost

    def _reconnect(self) -> bool:
        pause_s = self._reconnect_s
        while not self._clock.wait(self._stop, pause_s):
            try:
                self._open()
            except CameraError as error:
                self._trouble = str(error)
                self._must_release(error)
                pause_s = min(2 * pause_s, self._reconnect_max_s)
                log.warning("camera still away, next try in %.1f s: %s", pause_s, error)
            else:
                log.info("camera is back: %s", self.description)
                return True
        return False
