"""The Raspberry Pi's own (CSI) cameras, through picamera2."""

import atexit
import os
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from hardware.cameras.fit import check_size, letterbox
from hardware.cameras.settling import AutoExposureCamera
from hardware.cameras.stamp import FrameTimestamps
from hardware.clock import Clock
from hardware.errors import CameraError, HardwareConfigError
from hardware.frame import Pixels
from hardware.limits import fps_within, within

FORMAT = "BGR888"
"""What is asked for. libcamera names formats by the order in a little-endian word: its BGR888 is RGB in memory."""

TO_RGB = {
    "BGR888": None,
    "RGB888": cv2.COLOR_BGR2RGB,
    "XBGR8888": cv2.COLOR_RGBA2RGB,
    "XRGB8888": cv2.COLOR_BGRA2RGB,
    "YUYV": cv2.COLOR_YUV2RGB_YUYV,
    "MJPEG": None,  # picamera2 decodes it, to RGB
}
"""What a camera may give instead, in libcamera's names, and OpenCV's way to RGB; None: it is."""

BUFFERS = 4
"""As many as picamera2 takes for a preview: enough for the full frame rate, half a second of camera memory at most."""

AF_MANUAL, AF_CONTINUOUS = 0, 2
AE_SEARCHING = 1
"""libcamera's values of AfMode and AeState."""


class PiCamera2Camera(AutoExposureCamera[object]):
    """One CSI camera. Exposure, gain, white balance and focus settle during the warm-up, then stay as they are.

    Args:
        clock: stamps the frames.
        camera_num: which camera, 0 or more.
        width, height: of the frames, in pixels.
        fps: frames per second (1..120).
        sensor_size: width and height of the sensor's mode, in pixels; None: picamera2 chooses by the frames' size, which
            on some sensors shows only the middle of the view.
        warm_up_s: time to settle, in seconds (0..30). No frame is given before.
        lock: whether to keep what was found from then on.
        grab_timeout_s: without a frame for this long, in seconds, the camera has stalled and is opened again.
        reconnect_s: first pause before a lost camera is opened again; doubles up to ``reconnect_max_s``. Seconds.

    Raises:
        HardwareConfigError: an option is out of range, or picamera2 is not installed.
        CameraError: there is no such camera, or another program holds it.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        camera_num: int = 0,
        width: int = 640,
        height: int = 480,
        fps: float = 15.0,
        sensor_size: tuple[int, int] | None = None,
        warm_up_s: float = 2.0,
        lock: bool = True,
        grab_timeout_s: float = 3.0,
        reconnect_s: float = 0.5,
        reconnect_max_s: float = 30.0,
    ) -> None:
        check_size(width, height)
        fps_within(fps)
        within("camera_num", camera_num, 0, 15)
        within("grab_timeout_s", grab_timeout_s, 0.01, 60)
        # libcamera writes every step to stderr; what matters is in our errors.
        os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:ERROR")
        try:
            from picamera2 import Picamera2
        except Exception as error:  # also ValueError: its simplejpeg from apt, built against another numpy
            raise HardwareConfigError(
                f"picamera2 is needed and not installed ({error}): on Raspberry Pi OS 'sudo apt install "
                "python3-picamera2' and a virtual environment with --system-site-packages"
            ) from error
        self._driver = Picamera2
        self._camera: Any = None  # Any: picamera2 comes without types
        self._focuses = False
        self._camera_num = camera_num
        self._width, self._height, self._fps = width, height, fps
        self._sensor_size, self._grab_timeout_s = sensor_size, grab_timeout_s
        self._to_rgb: int | None = None
        self._metadata: Mapping[str, object] = {}
        self._stamps = FrameTimestamps()
        super().__init__(
            clock=clock, warm_up_s=warm_up_s, lock=lock, reconnect_s=reconnect_s, reconnect_max_s=reconnect_max_s
        )

    @property
    def description(self) -> str:
        return f"picamera2 camera {self._camera_num} {self._width}x{self._height}"

    @property
    def focuses_itself(self) -> bool:
        return self._focuses

    def _open(self) -> None:
        try:
            self._camera = self._driver(self._camera_num)
            # Its own way out would wait for a stalled camera for ever.
            atexit.unregister(self._camera.close)
            self._configure()
            self._focuses = "AfMode" in self._camera.camera_controls
            self._prepare()
            self._camera.start()
        except CameraError:
            raise
        except Exception as error:  # picamera2 raises RuntimeError, IndexError or libcamera's own
            raise CameraError(f"{self.description}: {_why(error)}") from error
        self._stamps.forget()

    def _configure(self) -> None:
        sensor = {} if self._sensor_size is None else {"sensor": {"output_size": self._sensor_size}}
        self._camera.configure(
            self._camera.create_video_configuration(
                main={"size": (self._width, self._height), "format": FORMAT},
                buffer_count=BUFFERS,
                queue=False,  # the next frame, never one that waited in a queue
                **sensor,
            )
        )
        given = self._camera.camera_configuration()["main"]["format"]
        if given not in TO_RGB:
            raise CameraError(f"{self.description}: it gives {given}; expected one of {', '.join(TO_RGB)}")
        self._to_rgb = TO_RGB[given]
        frame_us = round(1_000_000 / self._fps)
        self._control({"FrameDurationLimits": (frame_us, frame_us)})

    def _grab(self) -> tuple[Pixels, float]:
        while True:
            pixels, self._metadata = self._request()
            now_s = self._clock.now_s()
            age_s = self._stamps.age_s(self._number("SensorTimestamp") / 1e9)
            if self._settled(pixels) and age_s is not None:
                # The stamp is the first line's; an item that came to rest during the exposure may be blurred in it.
                return pixels, now_s - age_s - self._number("ExposureTime") / 1e6

    def _number(self, name: str) -> float:
        """A number of the newest frame's metadata; 0 where it is missing."""
        value = self._metadata.get(name)
        return float(value) if isinstance(value, int | float) else 0.0

    def _request(self) -> tuple[Pixels, Mapping[str, object]]:
        try:
            # capture_array() would wait for ever when the sensor stalls (picamera2 #1090); a job can be waited for. No
            # flush: at full rate it would let every other frame go by, and the stamp says how old this one is.
            request = self._camera.capture_request(wait=False).get_result(timeout=self._grab_timeout_s)
            try:
                pixels, metadata = request.make_array("main"), request.get_metadata()
            finally:
                request.release()
        except TimeoutError as error:
            raise CameraError(f"{self.description}: no frame for {self._grab_timeout_s:g} s, it has stalled") from error
        except Exception as error:
            raise CameraError(f"{self.description}: no frame: {type(error).__name__}: {error}") from error
        if self._to_rgb is not None:
            pixels = cv2.cvtColor(pixels, self._to_rgb)
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise CameraError(f"{self.description}: expected 8 bit RGB, got {pixels.dtype} {pixels.shape}")
        # libcamera may round the size up to what the hardware likes.
        return letterbox(pixels, self._width, self._height), metadata

    def _automatic(self) -> None:
        self._control({"AeEnable": True, "AwbEnable": True, "AfMode": AF_CONTINUOUS})
        if self._camera.started:  # 0: no longer the fixed one; a camera that was just opened has none
            self._control({"ExposureTime": 0, "AnalogueGain": 0})

    def _converged(self) -> bool:
        return bool(self._metadata.get("AeLocked", True)) and self._metadata.get("AeState") != AE_SEARCHING

    def _found(self) -> dict[str, object]:
        names = ("ExposureTime", "AnalogueGain", "ColourGains", "LensPosition")
        return {name: self._metadata[name] for name in names if name in self._metadata}

    def _fix(self, settings: dict[str, object]) -> None:
        self._control({"AeEnable": False, "AwbEnable": False, "AfMode": AF_MANUAL, **settings})

    def _control(self, controls: Mapping[str, object]) -> None:
        """Set what this camera has; picamera2 refuses the rest."""
        try:
            offered = self._camera.camera_controls
            self._camera.set_controls({name: value for name, value in controls.items() if name in offered})
        except Exception as error:
            raise CameraError(f"{self.description}: cannot set {', '.join(controls)}: {error}") from error

    def _interrupt(self) -> None:
        camera = self._camera
        if camera is not None:
            camera.cancel_all_and_flush()

    def _release(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            # A job that is no longer waited for stays in its queue, and stop() would wait behind it for ever.
            camera.cancel_all_and_flush()
            camera.close()


def _why(error: BaseException) -> str:
    """What picamera2 could not do, and what to do: its own words for it stand at the beginning of the chain."""
    while error.__cause__ is not None:
        error = error.__cause__
    text = str(error) or type(error).__name__
    if "busy" in text.lower() or text.endswith("-16"):
        return f"it is busy, another program holds it ({text}); 'fuser -v /dev/media*' names it"
    if isinstance(error, IndexError) or "found" in text.lower():
        return (
            f"there is no such camera ({text}); is the cable seated at both ends, does 'rpicam-hello --list-cameras' "
            "show it, and is this user in the group video?"
        )
    return f"cannot open it ({text}); does 'rpicam-hello --list-cameras' show it?"
