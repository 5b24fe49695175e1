"""USB cameras, video files and network streams, through OpenCV."""

import os
from collections.abc import Mapping
from typing import Literal

import cv2
import numpy as np

from hardware.cameras.automatic import auto_mode_settings, has_automatic_focus, locked_settings
from hardware.cameras.fit import check_size, letterbox
from hardware.cameras.settling import AutoExposureCamera
from hardware.cameras.stamp import FrameTimestamps
from hardware.cameras.v4l2 import V4L2Device
from hardware.clock import Clock
from hardware.device_path import is_device_path
from hardware.errors import CameraError, HardwareConfigError
from hardware.frame import Pixels
from hardware.limits import fps_within
from hardware.passwords import mask_passwords

# FFmpeg, which writes to stderr as well, reads this once, when it is first used.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

NETWORK_TIMEOUT_MS = 5000
"""How long opening and reading a network stream may take."""

STALL_S = 5.0
"""A V4L2 camera that repeats its picture for this long has stopped."""

BUFFERS = 2
"""One to be filled while the other is read: no queue of old pictures in the driver."""


class OpenCVCamera(AutoExposureCamera[int]):
    """What OpenCV can open. CSI cameras of a Raspberry Pi are not among it: use ``picamera2``.

    Args:
        clock: stamps the frames, and paces a video file.
        source: number of a V4L2 device (0 is /dev/video0), its path, a video file's path, or a network URL. A path below
            /dev/v4l/by-id names the same camera whatever it is plugged into.
        width, height: of the frames, in pixels. A device is asked for it; whatever comes is fitted in unstretched.
        fps: frames per second (1..120): asked of a device; of a file, used where it doesn't state its own.
        fourcc: pixel format asked of a device, four letters (MJPG, YUYV); None: OpenCV chooses.
        controls: of a device, by the names of ``v4l2-ctl --list-ctrls``; set at every opening, and left alone otherwise.
        warm_up_s: time in which a device's exposure, gain, white balance and focus settle, in seconds (0..30).
        lock: whether a device keeps them from then on; what stands in ``controls`` is never locked.
        loop: whether a video file starts again at its end. Otherwise the camera is exhausted there.
        latency_s: a network stream's longest delay from light to picture, in seconds (0..5): its pictures do not tell when they
            were taken. None: not known, taken for 0.
        reconnect_s: first pause before a lost camera is opened again; doubles up to ``reconnect_max_s``. Seconds.

    Raises:
        HardwareConfigError: an option is out of range, or the device has no such control or pixel format.
        CameraError: the source cannot be opened.
    """

    CHECK = 0.25  # some cameras don't report what their automatic chose

    def __init__(
        self,
        *,
        clock: Clock,
        source: int | str = 0,
        width: int = 640,
        height: int = 480,
        fps: float = 15.0,
        fourcc: str | None = None,
        controls: Mapping[str, int] | None = None,
        warm_up_s: float = 2.0,
        lock: bool = True,
        loop: bool = False,
        latency_s: float | None = None,
        reconnect_s: float = 0.5,
        reconnect_max_s: float = 30.0,
    ) -> None:
        check_size(width, height)
        fps_within(fps)
        self._source: int | str = int(source) if isinstance(source, str) and source.isdecimal() else source
        self._kind = _kind(self._source)
        self._path = f"/dev/video{self._source}" if isinstance(self._source, int) else self._source
        self._width, self._height, self._fps, self._loop = width, height, fps, loop
        self._fourcc, self._controls = fourcc, dict(controls or {})
        for option, given in (("controls", bool(controls)), ("fourcc", fourcc is not None)):
            if given and self._kind != "device":
                raise HardwareConfigError(
                    f"{option}: only a V4L2 device has any, and source is the {self._kind} {mask_passwords(self._path)}"
                )
        if fourcc is not None and len(fourcc) != 4:
            raise HardwareConfigError(f"fourcc: expected four letters, e.g. MJPG or YUYV, got {fourcc!r}")
        self._capture: cv2.VideoCapture | None = None
        self._due_s: float | None = None
        self._fresh_s = 0.0
        self._latency_s = latency_s or 0.0
        self._stamps = FrameTimestamps()
        _silence()
        super().__init__(
            clock=clock, warm_up_s=warm_up_s, lock=lock, reconnect_s=reconnect_s, reconnect_max_s=reconnect_max_s
        )

    @property
    def description(self) -> str:
        return f"opencv {mask_passwords(self._path)} {self._width}x{self._height}"

    @property
    def repeats(self) -> bool:
        # What was compressed as video repeats a still scene bit for bit, noise and all.
        return self._kind != "device"

    @property
    def focuses_itself(self) -> bool:
        if self._kind != "device":
            return False
        try:
            with V4L2Device(self._path) as device:
                return has_automatic_focus(device, without=self._controls)
        except CameraError:
            return False

    def _open(self) -> None:
        if self._kind == "device":
            self._open_device()
        elif self._kind == "file":
            self._capture = cv2.VideoCapture(self._path)
            self._opened("does the file exist, and is it a video that OpenCV can decode?")
        else:
            timeouts = (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, cv2.CAP_PROP_READ_TIMEOUT_MSEC)
            limits = [number for key in timeouts for number in (key, NETWORK_TIMEOUT_MS)]
            self._capture = cv2.VideoCapture(self._path, cv2.CAP_FFMPEG, limits)
            self._opened("is the address right, and the camera reachable from here?")

    def _open_device(self) -> None:
        try:
            with V4L2Device(self._path) as device:
                device.check()
                formats = device.formats
        except CameraError as error:
            raise CameraError(f"{self.description}: {error}") from error
        if self._fourcc is not None and self._fourcc not in formats:
            raise HardwareConfigError(
                f"fourcc: {self._path} does not give {self._fourcc!r}; expected one of {', '.join(formats) or 'none'}"
            )
        self._capture = cv2.VideoCapture(self._path, cv2.CAP_V4L2)
        self._opened(f"OpenCV knows none of its pixel formats: {', '.join(formats) or 'it lists none'}")
        if self._fourcc is not None and not self._capture.set(
            cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*self._fourcc)
        ):
            # Also what a camera does that has just come back, so it is no fault of the configuration.
            raise CameraError(
                f"{self.description}: cannot be set to {self._fourcc!r}, which it offers; if it stays so, OpenCV cannot read "
                f"that: give fourcc another of {', '.join(formats)}"
            )
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._height)
        self._capture.set(cv2.CAP_PROP_FPS, self._fps)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, BUFFERS)
        self._stamps.forget()
        # After the format, since some drivers take their controls back with it.
        self._set(self._controls)
        self._prepare()

    def _opened(self, hint: str) -> None:
        if self._capture is None or not self._capture.isOpened():
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
            # A network stream counts from its own beginning.
            age_s = self._stamps.age_s(self._stamp_s()) if self._kind == "device" else self._latency_s
            if age_s is not None:
                self._fresh_s = now_s
                if self._kind == "network" or self._settled(picture):
                    return self._finished(picture), now_s - age_s
            elif now_s - self._fresh_s > STALL_S:
                raise CameraError(f"{self.description}: the same picture for {STALL_S:g} s, the camera has stalled")
            elif self._stop.wait(0.005):
                raise CameraError(f"{self.description}: the camera is closed")

    def _stamp_s(self) -> float:
        assert self._capture is not None
        return max(float(self._capture.get(cv2.CAP_PROP_POS_MSEC)), 0.0) / 1000

    def _grab_file(self) -> tuple[Pixels, float] | None:
        picture = self._read()
        if picture is None and self._loop:
            self._release()  # opened again: not every container can be rewound
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

    def _automatic(self) -> None:
        with V4L2Device(self._path) as device:
            self._set(auto_mode_settings(device, without=self._controls))

    def _converged(self) -> bool:
        return True  # V4L2 doesn't report it

    def _found(self) -> dict[str, int]:
        with V4L2Device(self._path) as device:
            return locked_settings(device, without=self._controls)

    def _fix(self, settings: dict[str, int]) -> None:
        self._set(settings)

    def _set(self, settings: Mapping[str, int]) -> None:
        if settings:
            with V4L2Device(self._path) as device:
                device.set(settings)

    def _release(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


def _kind(source: int | str) -> Literal["device", "file", "network"]:
    if isinstance(source, int) or is_device_path(source):
        return "device"
    return "network" if "://" in source else "file"


def _silence() -> None:
    """Keep OpenCV from writing to stderr; what matters is in our errors."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
