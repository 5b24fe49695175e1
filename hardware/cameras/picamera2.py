"""The Raspberry Pi's own (CSI) cameras, through picamera2."""

import logging
import time
from typing import Any

import numpy as np

from hardware.camera import CaptureThread
from hardware.cameras.fit import check_size, letterbox
from hardware.clock import Clock
from hardware.errors import CameraError, HardwareConfigError
from hardware.frame import Pixels
from hardware.limits import fps_within, within

log = logging.getLogger(__name__)

_OLDEST_S = 10.0
"""A sensor time stamp further back than this is on another clock than ours."""


class PiCamera2Camera(CaptureThread):
    """One CSI camera. Exposure and white balance settle during the warm-up, then stay as they are.

    With automatic exposure the empty tray would change its brightness with every item laid on it.

    Args:
        clock: stamps the frames.
        camera_num: which camera, 0 or more.
        width, height: of the frames, in pixels.
        fps: frames per second (0.01..240).
        warm_up_s: time for exposure and white balance to settle, in seconds (0..60). No frame is given before.
        lock: whether to keep them from then on.
        grab_timeout_s: without a frame for this long, in seconds, the camera has stalled and is opened anew.
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
        warm_up_s: float = 2.0,
        lock: bool = True,
        grab_timeout_s: float = 3.0,
        reconnect_s: float = 0.5,
        reconnect_max_s: float = 30.0,
    ) -> None:
        check_size(width, height)
        fps_within(fps)
        within("warm_up_s", warm_up_s, 0, 60)
        within("grab_timeout_s", grab_timeout_s, 0.01, 60)
        try:
            from picamera2 import Picamera2
        except Exception as error:  # also ValueError: its simplejpeg from apt, built against another numpy
            raise HardwareConfigError(
                f"camera 'picamera2' needs the package picamera2 ({error}): on Raspberry Pi OS 'sudo apt install "
                "python3-picamera2' and a virtual environment with --system-site-packages"
            ) from error
        self._driver = Picamera2
        self._camera: Any = None
        self._camera_num = camera_num
        self._width, self._height, self._fps = width, height, fps
        self._warm_up_s, self._lock_settings, self._grab_timeout_s = warm_up_s, lock, grab_timeout_s
        self._opened_s = 0.0
        self._warm = False
        super().__init__(clock=clock, reconnect_s=reconnect_s, reconnect_max_s=reconnect_max_s)

    @property
    def description(self) -> str:
        return f"picamera2 camera {self._camera_num} {self._width}x{self._height}"

    def _open(self) -> None:
        try:
            self._camera = self._driver(self._camera_num)
            self._camera.configure(
                self._camera.create_video_configuration(
                    # libcamera names formats by the order in a little-endian word: its BGR888 is RGB in memory.
                    main={"size": (self._width, self._height), "format": "BGR888"},
                    controls={"FrameRate": self._fps},
                    queue=False,  # the next frame, never one that waited in a queue
                )
            )
            self._camera.start()
        except Exception as error:  # picamera2 raises RuntimeError, IndexError or libcamera's own
            raise CameraError(
                f"{self.description}: cannot open it ({error}); is the cable seated at both ends, does 'rpicam-hello "
                "--list-cameras' show it, and does no other program hold it?"
            ) from error
        self._opened_s = self._clock.now_s()
        self._warm = False

    def _grab(self) -> tuple[Pixels, float]:
        while True:
            pixels, metadata = self._request()
            now_s = self._clock.now_s()
            if self._warm:
                return pixels, now_s - _age_s(metadata)
            if now_s - self._opened_s >= self._warm_up_s:
                self._settled(metadata)
                self._warm = True
            elif self._stop.is_set():
                raise CameraError(f"{self.description}: the camera is closed")

    def _request(self) -> tuple[Pixels, dict[str, Any]]:
        try:
            # capture_array() would wait for ever when the sensor stalls (picamera2 #1090); a job can be waited for.
            request = self._camera.capture_request(wait=False).get_result(timeout=self._grab_timeout_s)
            try:
                pixels, metadata = request.make_array("main"), request.get_metadata()
            finally:
                request.release()
        except Exception as error:
            raise CameraError(f"{self.description}: no frame: {type(error).__name__}: {error}") from error
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise CameraError(f"{self.description}: expected 8 bit RGB, got {pixels.dtype} {pixels.shape}")
        # libcamera may round the size up to what the hardware likes.
        return letterbox(pixels, self._width, self._height), metadata

    def _settled(self, metadata: dict[str, Any]) -> None:
        """Keep exposure, gain and white balance as they are now."""
        if not self._lock_settings:
            return
        kept: dict[str, Any] = {
            key: metadata[key] for key in ("ExposureTime", "AnalogueGain", "ColourGains") if key in metadata
        }
        try:
            self._camera.set_controls({"AeEnable": False, "AwbEnable": False, **kept})
        except Exception as error:
            raise CameraError(f"{self.description}: cannot lock the exposure: {error}") from error
        log.info("%s: exposure and white balance locked at %s", self.description, kept)

    def _release(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            try:
                camera.stop()
                camera.close()
            except Exception as error:
                log.warning("%s: closing it failed: %s", self.description, error)


def _age_s(metadata: dict[str, Any]) -> float:
    """How long ago the frame's exposure began, in seconds; 0 where the sensor doesn't say.

    ``SensorTimestamp`` is when the first line was read out, in nanoseconds since boot; the exposure began before. An
    item that came to rest after that may be blurred in the frame, so the beginning is its honest time.
    """
    stamp_ns = metadata.get("SensorTimestamp")
    if not stamp_ns:
        return 0.0
    age_s = (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - stamp_ns) / 1e9 + metadata.get("ExposureTime", 0) / 1e6
    return age_s if 0 <= age_s < _OLDEST_S else 0.0
