"""USB cameras, video files and network streams, through OpenCV."""

import os
import time
from typing import Literal

import cv2
import numpy as np

from hardware.camera import CaptureThread
from hardware.cameras.fit import check_size, letterbox
from hardware.clock import Clock
from hardware.errors import CameraError
from hardware.frame import Pixels
from hardware.limits import fps_within

# FFmpeg, which chatters too, looks at this once, when it is first used.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

NETWORK_TIMEOUT_MS = 5000
"""How long opening and reading a network stream may take."""

STALL_S = 5.0
"""A V4L2 camera that repeats its picture for this long has stopped."""

_OLDEST_S = 10.0
"""A device time stamp further back than this is on another clock than ours."""


class OpenCVCamera(CaptureThread):
    """What OpenCV can open. CSI cameras of a Raspberry Pi are not among it: use ``picamera2``.

    Args:
        clock: stamps the frames, and paces a video file.
        source: number of a V4L2 device (0 is /dev/video0), its path, a video file's path, or a network URL.
        width, height: of the frames, in pixels. A device is asked for it; whatever comes is fitted in unstretched.
        fps: frames per second (0.01..240): asked of a device; of a file, used where it doesn't tell its own.
        loop: whether a video file starts again at its end. Otherwise the camera is exhausted there.
        reconnect_s: first pause before a lost camera is opened again; doubles up to ``reconnect_max_s``. Seconds.

    Raises:
        HardwareConfigError: an option is out of range.
        CameraError: the source cannot be opened.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        source: int | str = 0,
        width: int = 640,
        height: int = 480,
        fps: float = 15.0,
        loop: bool = False,
        reconnect_s: float = 0.5,
        reconnect_max_s: float = 30.0,
    ) -> None:
        check_size(width, height)
        fps_within(fps)
        self._source: int | str = int(source) if isinstance(source, str) and source.isdecimal() else source
        self._kind = _kind(self._source)
        self._width, self._height, self._fps, self._loop = width, height, fps, loop
        self._capture: cv2.VideoCapture | None = None
        self._due_s: float | None = None
        self._stamp_ms = 0.0
        self._on_our_clock = False
        self._fresh_s = 0.0
        _silence()
        super().__init__(clock=clock, reconnect_s=reconnect_s, reconnect_max_s=reconnect_max_s)

    @property
    def description(self) -> str:
        where = f"/dev/video{self._source}" if isinstance(self._source, int) else _without_password(self._source)
        return f"opencv {where} {self._width}x{self._height}"

    @property
    def repeats(self) -> bool:
        # What was compressed as video repeats a still scene bit for bit, noise and all.
        return self._kind != "device"

    def _open(self) -> None:
        if self._kind == "device":
            self._capture = cv2.VideoCapture(self._source, cv2.CAP_V4L2)
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._width)
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._height)
            self._capture.set(cv2.CAP_PROP_FPS, self._fps)
            self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # no queue of old pictures in the driver
            hint = "is it plugged in ('v4l2-ctl --list-devices'), may we use it (group video), does another program hold it?"
        elif self._kind == "file":
            self._capture = cv2.VideoCapture(str(self._source))
            hint = "does the file exist, and is it a video that OpenCV can decode?"
        else:
            timeouts = (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, cv2.CAP_PROP_READ_TIMEOUT_MSEC)
            limits = [number for key in timeouts for number in (key, NETWORK_TIMEOUT_MS)]
            self._capture = cv2.VideoCapture(str(self._source), cv2.CAP_FFMPEG, limits)
            hint = "is the address right, and the camera reachable from here?"
        if not self._capture.isOpened():
            raise CameraError(f"{self.description}: cannot open it; {hint}")
        self._fresh_s = self._clock.now_s()

    def _grab(self) -> tuple[Pixels, float] | None:
        if self._kind == "file":
            return self._grab_file()
        while True:
            picture = self._read()
            if picture is None:
                raise CameraError(f"{self.description}: no picture came")
            now_s = self._clock.now_s()
            age_s = self._age_s()
            if age_s is not None:
                return self._finished(picture), now_s - age_s
            if now_s - self._fresh_s > STALL_S:
                raise CameraError(f"{self.description}: the same picture for {STALL_S:g} s, the camera has stalled")
            if self._stop.wait(0.005):
                raise CameraError(f"{self.description}: the camera is closed")

    def _age_s(self) -> float | None:
        """Age of the picture just read, by the device's own stamp; 0 where it gives none; None if it is a repeat."""
        assert self._capture is not None
        stamp_ms = self._capture.get(cv2.CAP_PROP_POS_MSEC) if self._kind == "device" else 0.0
        if stamp_ms > 0 and stamp_ms == self._stamp_ms:
            return None
        self._stamp_ms = stamp_ms
        self._fresh_s = self._clock.now_s()
        age_s = time.monotonic() - stamp_ms / 1000  # V4L2 stamps with CLOCK_MONOTONIC
        if stamp_ms > 0 and 0 <= age_s < _OLDEST_S:
            self._on_our_clock = True
        # Once its stamps were seen to be on our clock, an old one is old, however old.
        return age_s if self._on_our_clock and stamp_ms > 0 and age_s >= 0 else 0.0

    def _grab_file(self) -> tuple[Pixels, float] | None:
        picture = self._read()
        if picture is None and self._loop:
            self._release()  # opened anew: not every container can be wound back
            self._open()
            picture = self._read()
        if picture is None:
            return None
        assert self._capture is not None
        own_fps = self._capture.get(cv2.CAP_PROP_FPS)
        now_s = self._clock.now_s()
        due_s = now_s if self._due_s is None else self._due_s
        if due_s > now_s and self._clock.wait(self._stop, due_s - now_s):
            return None
        # After a stall the film goes on from here instead of racing to catch up.
        due_s = max(due_s, now_s - 1.0)
        self._due_s = due_s + 1.0 / (own_fps if 0 < own_fps <= 240 else self._fps)
        return self._finished(picture), self._clock.now_s()

    def _read(self) -> Pixels | None:
        assert self._capture is not None
        try:
            arrived, picture = self._capture.read()
        except cv2.error as error:
            raise CameraError(f"{self.description}: {str(error).strip()}") from error
        return picture if arrived and picture is not None and picture.size else None

    def _finished(self, picture: Pixels) -> Pixels:
        """RGB of the asked size, in memory of its own."""
        if picture.dtype != np.uint8:
            raise CameraError(f"{self.description}: expected 8 bit pictures, got {picture.dtype}")
        code = cv2.COLOR_GRAY2RGB if picture.ndim == 2 or picture.shape[2] == 1 else cv2.COLOR_BGR2RGB
        return letterbox(cv2.cvtColor(picture, code), self._width, self._height)

    def _release(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


def _kind(source: int | str) -> Literal["device", "file", "network"]:
    if isinstance(source, int) or source.startswith("/dev/"):
        return "device"
    return "network" if "://" in source else "file"


def _without_password(source: str) -> str:
    """A camera's address often carries its password; the log is no place for it."""
    scheme, separator, rest = source.partition("://")
    host = rest.partition("/")[0]
    if not separator or "@" not in host:
        return source
    return f"{scheme}://***@{rest[host.rindex('@') + 1 :]}"


def _silence() -> None:
    """OpenCV chatters on stderr; what matters is in our errors."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
