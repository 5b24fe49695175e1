"""picamera2 as far as the bin uses it; it obeys the real one's rules (0.3.38)."""

import atexit
import sys
import threading
import time
from concurrent.futures import CancelledError
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from hardware.frame import Pixels

RED = (220, 30, 20)
IN_MEMORY = {
    "BGR888": RED,
    "RGB888": RED[::-1],
    "XBGR8888": (*RED, 255),
    "XRGB8888": (*RED[::-1], 255),
}
"""A red pixel as each of libcamera's formats keeps it."""

PI = ("AeEnable", "AwbEnable", "AfMode", "ExposureTime", "AnalogueGain", "ColourGains", "LensPosition")


class FakeRequest:
    def __init__(self, owner: "FakePicamera2") -> None:
        self.owner = owner
        self.stamp_ns = time.monotonic_ns() - 20_000_000
        self.released = False

    def make_array(self, name: str) -> Pixels:
        assert name == "main"
        assert not self.released
        main = self.owner.config["main"]
        width, height = main["size"]
        colour = IN_MEMORY[main["format"]]
        return np.full((height, width, len(colour)), colour, np.uint8)

    def get_metadata(self) -> dict[str, Any]:
        assert not self.released
        self.owner.frames_since_start += 1
        searching = self.owner.frames_since_start <= self.owner.searches_for
        sensor = {"SensorTimestamp": self.stamp_ns, "ExposureTime": 10_000, "Lux": 400.0}
        if "AeEnable" not in self.owner.camera_controls:
            return sensor
        scene = {"AnalogueGain": 2.0, "ColourGains": (1.5, 1.6), "LensPosition": 4.0, "AeState": 1 if searching else 2}
        fixed = {key: value for key, value in self.owner.set.items() if key in (*scene, "ExposureTime") and value}
        return sensor | scene | (fixed if not self.owner.set.get("AeEnable", True) else {})

    def release(self) -> None:
        assert not self.released
        self.released = True
        self.owner.held -= 1


class FakeJob:
    def __init__(self, owner: "FakePicamera2") -> None:
        self.owner = owner
        self.cancelled = threading.Event()

    def get_result(self, timeout: float | None = None) -> FakeRequest:
        assert timeout is not None, "a stalled sensor would be waited for for ever"
        if self.owner.stalled:
            if self.cancelled.wait(timeout):
                raise CancelledError
            raise TimeoutError
        if self.cancelled.wait(0.002):  # a sensor takes its time
            raise CancelledError
        with self.owner.lock:
            if self not in self.owner.jobs:
                raise CancelledError
            self.owner.jobs.remove(self)
        self.owner.held += 1
        assert self.owner.held == 1, "a request was not given back"
        return FakeRequest(self.owner)


class FakePicamera2:
    """One camera on the connector, whoever opens it."""

    made: "list[FakePicamera2]"
    connected = True
    busy = False
    gives: str | None = None
    offers: tuple[str, ...] = (*PI, "FrameDurationLimits")
    searches_for = 0
    stuck: threading.Event | None = None
    """Set: closing waits for it, as in a kernel that does not answer."""

    def __init__(self, camera_num: int = 0) -> None:
        if not self.connected or camera_num > 0:
            raise RuntimeError(
                f'No camera number {camera_num} found - use "rpicam-hello --list-cameras" to check connected cameras'
            )
        if self.busy or not all(other.closed for other in self.made):
            try:
                raise RuntimeError("Failed to acquire camera: Device or resource busy")
            except RuntimeError as error:
                raise RuntimeError("Camera __init__ sequence did not complete.") from error
        self.made.append(self)
        self.config: dict[str, Any] = {}
        self.camera_controls = dict.fromkeys(self.offers, (0, 0, 0))
        self.set: dict[str, Any] = {}
        self.history: list[dict[str, Any]] = []
        self.started = self.closed = self.stalled = False
        self.held = self.frames_since_start = 0
        self.jobs: list[FakeJob] = []
        self.lock = threading.Lock()
        atexit.register(self.close)

    def create_video_configuration(self, **config: Any) -> dict[str, Any]:
        width, height = config["main"]["size"]
        config["main"]["size"] = (width - width % 2, height - height % 2)
        return config

    def configure(self, config: dict[str, Any]) -> None:
        assert not self.started, "Camera must be stopped before configuring"
        self.config = config
        if self.gives is not None:
            self.config["main"]["format"] = self.gives

    def camera_configuration(self) -> dict[str, Any]:
        return self.config

    def start(self) -> None:
        if not self.config:
            raise RuntimeError("Camera has not been configured")
        self.started = True

    def capture_request(self, wait: bool | None = None) -> FakeJob:
        assert self.started
        assert not self.closed
        assert wait is False
        job = FakeJob(self)
        with self.lock:
            self.jobs.append(job)
        return job

    def set_controls(self, controls: dict[str, Any]) -> None:
        for name in controls:
            if name not in self.camera_controls:
                raise RuntimeError(f"Control {name} is not advertised by libcamera")
        self.set |= controls
        self.history.append(controls)

    def cancel_all_and_flush(self) -> None:
        with self.lock:
            for job in self.jobs:
                job.cancelled.set()
            self.jobs = []

    def stop(self) -> None:
        assert not self.jobs, "stop() is a job too, and waits behind the others for ever"
        self.started = False

    def close(self) -> None:
        atexit.unregister(self.close)
        if self.stuck is not None:
            self.stuck.wait()
        self.stop()
        self.closed = True


def connect(monkeypatch: pytest.MonkeyPatch) -> type[FakePicamera2]:
    """Put the fake where the driver imports picamera2 from."""

    class Fresh(FakePicamera2):
        made: "list[FakePicamera2]" = []  # noqa: RUF012 one list per test is the point

    module = ModuleType("picamera2")
    module.Picamera2 = Fresh  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", module)
    return Fresh
