"""From the section camera to the driver: every key arrives, and every error names the key."""

import sys
from pathlib import Path
from typing import Any

import pytest

from edge.config.file import load_config
from edge.errors import ConfigError
from edge.service.factories import make_camera
from hardware.camera import Camera
from hardware.clock import SystemClock
from hardware.errors import CameraError, HardwareConfigError
from tests.builders.configuration import write_config
from tests.doubles.fake_picamera2 import FakePicamera2, connect
from tests.doubles.fake_v4l2 import FakeV4L2, plug_in


def camera(tmp_path: Path, **settings: Any) -> Camera:
    path = write_config(tmp_path / "config.yaml", {"camera": {"kind": "opencv"} | settings})
    return make_camera(load_config(path), SystemClock(), None)


@pytest.fixture
def webcam(monkeypatch: pytest.MonkeyPatch) -> FakeV4L2:
    return plug_in(monkeypatch)


@pytest.fixture
def picamera2(monkeypatch: pytest.MonkeyPatch) -> type[FakePicamera2]:
    return connect(monkeypatch)


def test_a_usb_camera_gets_its_options(webcam: FakeV4L2, tmp_path: Path) -> None:
    options = {"fourcc": "MJPG", "controls": {"brightness": 200}, "warm_up_s": 0, "lock": False}
    with camera(tmp_path, opencv=options) as made:
        assert made.read(newer_than=-1, timeout_s=20.0) is not None
    assert webcam.fourcc == "MJPG"
    assert webcam.stands_at("Brightness") == 200


def test_a_csi_camera_gets_its_options(picamera2: type[FakePicamera2], tmp_path: Path) -> None:
    options = {"camera_num": 0, "sensor_size": [1640, 1232], "warm_up_s": 0, "lock": False}
    with camera(tmp_path, kind="picamera2", fps=10, picamera2=options):
        assert picamera2.made[0].config["sensor"] == {"output_size": (1640, 1232)}
        assert picamera2.made[0].set["FrameDurationLimits"] == (100_000, 100_000)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"controls": {"zoom": 3}},
            r"^camera\.opencv\.controls\.zoom: /dev/video0 has no such control; it has auto_exp",
        ),
        ({"controls": {"brightness": 999}}, r"^camera\.opencv\.controls\.brightness: expected 0\.\.255, got 999$"),
        ({"fourcc": "H264"}, r"^camera\.opencv\.fourcc: .* expected one of YUYV, MJPG$"),
        ({"source": "film.mp4", "fourcc": "MJPG"}, r"^camera\.opencv\.fourcc: only a V4L2 device"),
    ],
)
def test_what_a_usb_camera_cannot_do_names_the_key(
    webcam: FakeV4L2, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(HardwareConfigError, match=message):
        camera(tmp_path, opencv=options)


def test_a_usb_camera_that_is_not_to_be_had_names_the_key(webcam: FakeV4L2, tmp_path: Path) -> None:
    with (
        camera(tmp_path),
        pytest.raises(CameraError, match=r"^camera\.kind opencv: opencv /dev/video0 320x240: /dev/video0 is busy"),
    ):
        camera(tmp_path)


@pytest.mark.parametrize(("attribute", "value"), [("busy", True), ("connected", False)])
def test_a_csi_camera_that_is_not_to_be_had_names_the_key(
    picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, attribute: str, value: bool
) -> None:
    monkeypatch.setattr(picamera2, attribute, value)
    with pytest.raises(
        CameraError, match=r"^camera\.kind picamera2: picamera2 camera 0 320x240: (it is busy|there is no)"
    ):
        camera(tmp_path, kind="picamera2")


def test_a_missing_picamera2_is_a_fault_of_the_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Starting again would not help: systemd need not try."""
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(HardwareConfigError, match=r"^camera\.kind picamera2: picamera2 is needed and not installed"):
        camera(tmp_path, kind="picamera2")


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"opencv": {"fourcc": "MJPEG"}}, "camera.opencv.fourcc"),
        ({"opencv": {"controls": {"brightness": "bright"}}}, "camera.opencv.controls.brightness"),
        ({"opencv": {"warm_up_s": 31}}, "camera.opencv.warm_up_s"),
        ({"picamera2": {"sensor_size": [1640]}}, "camera.picamera2.sensor_size"),
        ({"picamera2": {"camera_num": -1}}, "camera.picamera2.camera_num"),
    ],
)
def test_what_no_camera_takes_is_refused_before_any_is_opened(
    tmp_path: Path, settings: dict[str, Any], key: str
) -> None:
    with pytest.raises(ConfigError, match=key):
        camera(tmp_path, **settings)
