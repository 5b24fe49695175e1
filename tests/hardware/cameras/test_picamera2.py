"""The Raspberry Pi's cameras, on a fake that obeys picamera2's rules. See also the contract suite."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.cameras.picamera2 import TO_RGB, PiCamera2Camera
from hardware.clock import ManualClock, SystemClock
from hardware.errors import CameraError, HardwareConfigError
from hardware.frame import Frame
from tests.doubles.fake_picamera2 import IN_MEMORY, RED, FakePicamera2, connect
from tests.paths import ROOT
from tests.processes import until

PATIENCE_S = 20.0
LOCKED = {
    "AeEnable": False,
    "AwbEnable": False,
    "AfMode": 0,
    "ExposureTime": 10_000,
    "AnalogueGain": 2.0,
    "ColourGains": (1.5, 1.6),
    "LensPosition": 4.0,
}


@pytest.fixture
def picamera2(monkeypatch: pytest.MonkeyPatch) -> type[FakePicamera2]:
    return connect(monkeypatch)


def make_camera(**options: object) -> PiCamera2Camera:
    settings = {"warm_up_s": 0.0, "reconnect_s": 0.01} | options
    return PiCamera2Camera(clock=SystemClock(), **settings)  # type: ignore[arg-type]


def next_frame(camera: PiCamera2Camera, after: Frame | None = None) -> Frame:
    frame = camera.read(newer_than=-1 if after is None else after.sequence, timeout_s=PATIENCE_S)
    assert frame is not None
    return frame


def test_it_is_configured_as_asked(picamera2: type[FakePicamera2]) -> None:
    with make_camera(width=320, height=240, fps=20, sensor_size=(1640, 1232)) as camera:
        assert (next_frame(camera).width, next_frame(camera).height) == (320, 240)
    (made,) = picamera2.made
    assert made.config["main"] == {"size": (320, 240), "format": "BGR888"}
    assert made.config["queue"] is False
    assert made.config["buffer_count"] == 4
    assert made.config["sensor"] == {"output_size": (1640, 1232)}
    assert made.set["FrameDurationLimits"] == (50_000, 50_000)
    assert made.closed


def test_the_sensor_s_stamp_less_the_exposure_is_the_frame_s_time(picamera2: type[FakePicamera2]) -> None:
    clock = SystemClock()
    with PiCamera2Camera(clock=clock, warm_up_s=0.0) as camera:
        frame = next_frame(camera)
        assert 0.03 <= clock.now_s() - frame.time_s < 5.0


@pytest.mark.parametrize("given", sorted(IN_MEMORY))
def test_frames_are_rgb_whatever_the_camera_gives(
    picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setattr(picamera2, "gives", given)
    with make_camera() as camera:
        assert tuple(next_frame(camera).pixels[0, 0]) == RED


def test_a_format_that_cannot_be_read_is_named(picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picamera2, "gives", "R8")
    with pytest.raises(CameraError, match=f"gives R8; expected one of {', '.join(TO_RGB)}"):
        make_camera()
    assert picamera2.made[0].closed


# --- exposure


def test_exposure_is_locked_after_the_warm_up_and_no_frame_comes_before(picamera2: type[FakePicamera2]) -> None:
    clock = SystemClock()
    start_s = clock.now_s()
    with PiCamera2Camera(clock=clock, warm_up_s=0.1) as camera:
        next_frame(camera)
        assert clock.now_s() - start_s >= 0.1
        assert picamera2.made[0].history[-1] == LOCKED


def test_it_is_not_locked_while_it_still_searches(
    picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picamera2, "searches_for", 40)
    clock = ManualClock()
    with PiCamera2Camera(clock=clock, width=64, height=48, warm_up_s=1.0) as camera:
        clock.advance(1.5)  # and stands still: the warm-up is over, its last extension is not
        next_frame(camera)
        assert picamera2.made[0].frames_since_start > 40


def test_without_the_lock_everything_stays_automatic(picamera2: type[FakePicamera2]) -> None:
    with make_camera(lock=False) as camera:
        next_frame(camera)
        assert picamera2.made[0].set["AeEnable"] is True
        assert "ExposureTime" not in picamera2.made[0].set


def test_relock_sets_the_fixed_values_free_first(picamera2: type[FakePicamera2]) -> None:
    with make_camera() as camera:
        next_frame(camera)
        history = picamera2.made[0].history
        before = len(history)
        camera.relock()
        assert until(lambda: len(history) == before + 3)
        assert history[before:] == [
            {"AeEnable": True, "AwbEnable": True, "AfMode": 2},
            {"ExposureTime": 0, "AnalogueGain": 0},  # picamera2's way to say automatic again
            LOCKED,
        ]


def test_a_camera_without_controls_is_left_alone(
    picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picamera2, "offers", ())
    with make_camera() as camera:
        next_frame(camera)
        assert picamera2.made[0].set == {}


@pytest.mark.parametrize("has_motor", [True, False], ids=["Camera Module 3", "HQ camera"])
def test_it_tells_whether_it_focuses_itself(
    picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch, has_motor: bool
) -> None:
    offers = [name for name in picamera2.offers if has_motor or name not in ("AfMode", "LensPosition")]
    monkeypatch.setattr(picamera2, "offers", tuple(offers))
    with make_camera() as camera:
        assert camera.focuses_itself is has_motor


# --- stalled, stuck, missing


def test_a_stalled_sensor_is_opened_anew_with_the_same_exposure(
    picamera2: type[FakePicamera2], caplog: pytest.LogCaptureFixture
) -> None:
    with make_camera(grab_timeout_s=0.05) as camera:
        next_frame(camera)
        picamera2.made[0].stalled = True
        assert until(lambda: len(picamera2.made) == 2)
        assert "no frame for 0.05 s, it has stalled" in caplog.text
        assert picamera2.made[0].closed
        newest = next_frame(camera)
        next_frame(camera, newest)
        assert camera.failure is None
        assert picamera2.made[1].history[-1] == LOCKED
        assert "AeEnable" not in {name for change in picamera2.made[1].history[:-1] for name in change}


def test_reading_never_waits_for_a_stalled_sensor_and_closing_ends_its_wait(picamera2: type[FakePicamera2]) -> None:
    camera = make_camera(grab_timeout_s=60)
    frame = next_frame(camera)
    picamera2.made[0].stalled = True
    while (newer := camera.read(newer_than=frame.sequence, timeout_s=0.05)) is not None:
        frame = newer
    camera.close()
    assert picamera2.made[0].closed


STUCK = """
import sys, threading
import pytest
from hardware.camera import CaptureThread
from hardware.cameras.picamera2 import PiCamera2Camera
from hardware.clock import SystemClock
from tests.doubles.fake_picamera2 import connect

CaptureThread.RELEASE_S = 0.1
picamera2 = connect(pytest.MonkeyPatch())
camera = PiCamera2Camera(clock=SystemClock(), warm_up_s=0.0)
assert camera.read(newer_than=-1, timeout_s=20) is not None
picamera2.stuck = threading.Event()
if "closed" in sys.argv:
    camera.close()
sys.exit(69)
"""


@pytest.mark.parametrize("how", ["closed", "left"])
def test_a_camera_that_hangs_does_not_hold_up_the_exit(how: str, tmp_path: Path) -> None:
    script = tmp_path / "stuck.py"
    script.write_text(STUCK)
    done = subprocess.run([sys.executable, str(script), how], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, timeout=60)
    assert done.returncode == 69


# picamera2 leaves a file open in the __init__ that fails, which is noticed whenever Python collects it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("stack", ["fake", "real"])
def test_a_camera_in_use_is_busy_until_it_is_let_go(stack: str, request: pytest.FixtureRequest) -> None:
    if stack == "fake":
        request.getfixturevalue("picamera2")
    elif os.environ.get("SORTER_TEST_PICAMERA2") is None:
        pytest.skip("no CSI camera here: SORTER_TEST_PICAMERA2 is not set")
    with make_camera(grab_timeout_s=10.0) as camera:
        next_frame(camera)
        with pytest.raises(CameraError, match="it is busy, another program holds it"):
            make_camera()
        gc.collect()
    with make_camera(grab_timeout_s=10.0) as camera:
        next_frame(camera)


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("connected", False, "there is no such camera .*list-cameras"),
        ("busy", True, "it is busy, another program holds it .*Device or resource busy"),
    ],
)
def test_a_camera_that_cannot_be_had_says_why(
    picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch, attribute: str, value: bool, message: str
) -> None:
    monkeypatch.setattr(picamera2, attribute, value)
    with pytest.raises(CameraError, match=f"^picamera2 camera 0 640x480: {message}"):
        make_camera()


def test_without_picamera2_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(HardwareConfigError, match=r"python3-picamera2"):
        PiCamera2Camera(clock=ManualClock())
