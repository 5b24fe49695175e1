"""USB cameras: their controls by name, and what happens when they lie, hang or go away. See also the contract suite."""

import errno
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.cameras.automatic import auto_mode_settings, locked_settings
from hardware.cameras.opencv import OpenCVCamera
from hardware.cameras.stamp import OLDEST_S, FrameTimestamps
from hardware.cameras.v4l2 import V4L2Device
from hardware.clock import SystemClock
from hardware.errors import CameraError, HardwareConfigError
from hardware.frame import Frame
from tests.doubles.fake_v4l2 import APERTURE_PRIORITY, BOOLEAN, MANUAL, FakeV4L2, Knob, plug_in
from tests.paths import ROOT
from tests.processes import until

PATIENCE_S = 20.0
SELECT_TIMEOUT = "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"
NAMES = {
    "auto_exposure": "Auto Exposure",
    "exposure_time_absolute": "Exposure Time, Absolute",
    "white_balance_automatic": "White Balance, Automatic",
    "white_balance_temperature": "White Balance Temperature",
    "brightness": "Brightness",
}


@pytest.fixture
def webcam(monkeypatch: pytest.MonkeyPatch) -> FakeV4L2:
    return plug_in(monkeypatch)


def make_camera(source: str | int = 0, **options: object) -> OpenCVCamera:
    settings = {"width": 64, "height": 48, "warm_up_s": 0.02, "reconnect_s": 0.01} | options
    return OpenCVCamera(clock=SystemClock(), source=source, **settings)  # type: ignore[arg-type]


def next_frame(camera: OpenCVCamera, after: Frame | None = None) -> Frame:
    frame = camera.read(newer_than=-1 if after is None else after.sequence, timeout_s=PATIENCE_S)
    assert frame is not None
    return frame


# --- a device's controls; also on a real one


@pytest.fixture(params=["fake", "real"])
def path(request: pytest.FixtureRequest) -> str:
    if request.param == "fake":
        request.getfixturevalue("webcam")
        return "/dev/video0"
    device = os.environ.get("SORTER_TEST_V4L2")
    if device is None:
        pytest.skip("no V4L2 camera here: SORTER_TEST_V4L2 names none")
    return device


@pytest.fixture
def device(path: str) -> Iterator[V4L2Device]:
    with V4L2Device(path) as opened:
        yield opened


def test_a_control_is_set_by_its_name(device: V4L2Device) -> None:
    brightness = device.controls["brightness"]
    for value in (brightness.minimum, brightness.maximum, brightness.default):
        device.set({"brightness": value})
        assert device.value(brightness) == value


def test_an_unknown_control_is_refused_with_those_there_are(device: V4L2Device) -> None:
    with pytest.raises(
        HardwareConfigError, match=r"^controls\.brihgtness: /dev/\S+ has no such control; it has .*bright"
    ):
        device.set({"brihgtness": 3})


def test_a_value_out_of_range_is_refused_with_the_range_and_nothing_is_set(device: V4L2Device) -> None:
    controls = device.controls
    before = device.value(controls["brightness"])
    least, most = controls["brightness"].minimum, controls["brightness"].maximum
    with pytest.raises(
        HardwareConfigError, match=rf"^controls\.brightness: expected {least}\.\.{most}.*, got {most + 1}"
    ):
        device.set({"brightness": most + 1})
    other = next(name for name, control in controls.items() if not control.accepts(2**31 - 1) and name != "brightness")
    with pytest.raises(HardwareConfigError, match=rf"^controls\.{other}: expected"):
        device.set({"brightness": least, other: 2**31 - 1})
    assert device.value(controls["brightness"]) == before


def test_a_free_device_passes_the_check_and_tells_its_formats(device: V4L2Device) -> None:
    device.check()
    assert device.formats
    assert all(len(name) in range(1, 5) for name in device.formats)


def test_a_device_in_use_is_busy_until_it_is_let_go(path: str) -> None:
    with make_camera(path) as camera:
        next_frame(camera)
        with pytest.raises(CameraError, match=f"^opencv {path} 64x48: {path} is busy: another program"):
            make_camera(path)
    with make_camera(path) as camera:
        next_frame(camera)


def test_after_the_warm_up_nothing_is_automatic_nor_after_a_relock(path: str) -> None:
    with make_camera(path) as camera, V4L2Device(path) as device:
        automatic = auto_mode_settings(device, without=())
        assert automatic, "this camera has no automatic to lock"
        frame = next_frame(camera)
        assert locked_settings(device, without=()) == {}
        device.set(automatic)
        camera.relock()
        assert until(lambda: locked_settings(device, without=()) == {})
        next_frame(camera, frame)
        device.set(automatic)  # as we found it


def test_without_the_lock_what_is_automatic_stays_so(path: str) -> None:
    with make_camera(path, lock=False) as camera, V4L2Device(path) as device:
        next_frame(camera)
        assert set(auto_mode_settings(device, without=())) <= set(locked_settings(device, without=()))


def test_a_real_camera_unplugged_and_back_gives_frames_again() -> None:
    """Taken from its driver and given back, as far as a program can pull a plug. The fake's turn comes below."""
    path = os.environ.get("SORTER_TEST_V4L2")
    if path is None:
        pytest.skip("no V4L2 camera here: SORTER_TEST_V4L2 names none")
    plug = (Path("/sys/class/video4linux") / Path(path).resolve().name / "device").resolve()
    driver = (plug / "driver").resolve()
    if not os.access(driver / "unbind", os.W_OK):
        pytest.skip(f"no right to take {path} from its driver: {driver}/unbind")
    with make_camera(path) as camera:
        frame = next_frame(camera)
        (driver / "unbind").write_text(plug.name)
        try:
            assert until(lambda: camera.failure is not None, timeout_s=120.0)
        finally:
            (driver / "bind").write_text(plug.name)
        assert until(lambda: camera.failure is None, timeout_s=120.0)
        newest = next_frame(camera)
        assert newest.sequence > frame.sequence
        assert next_frame(camera, newest).time_s > frame.time_s


# --- what only the fake shows


def test_controls_are_those_one_can_set(webcam: FakeV4L2) -> None:
    with V4L2Device("/dev/video0") as device:
        assert set(device.controls) == set(NAMES)
        assert device.controls["auto_exposure"].menu == {1: "Manual Mode", 3: "Aperture Priority Mode"}
        with pytest.raises(
            HardwareConfigError, match=r"expected 1 \(Manual Mode\), 3 \(Aperture Priority Mode\), got 2"
        ):
            device.set({"auto_exposure": 2})
        with pytest.raises(HardwareConfigError, match=r"expected 2800\.\.6500 in steps of 10, got 4605"):
            device.set({"white_balance_temperature": 4605})
    assert webcam.handles == 0


def test_switches_are_set_before_the_values_that_count_in_them(webcam: FakeV4L2) -> None:
    with make_camera(controls={"exposure_time_absolute": 200, "auto_exposure": MANUAL}) as camera:
        next_frame(camera)
    assert webcam.set_order[:2] == [("Auto Exposure", MANUAL), ("Exposure Time, Absolute", 200)]


def test_a_control_that_its_automatic_holds_says_so(webcam: FakeV4L2) -> None:
    with pytest.raises(CameraError, match=r"controls\.exposure_time_absolute: .*refuses 200.*automatic"):
        make_camera(controls={"exposure_time_absolute": 200})


def test_the_pixel_format_is_asked_for(webcam: FakeV4L2) -> None:
    with make_camera(fourcc="MJPG"):
        assert webcam.fourcc == "MJPG"
    with pytest.raises(
        HardwareConfigError, match=r"^fourcc: /dev/video0 does not give 'H264'; expected one of YUYV, MJPG"
    ):
        make_camera(fourcc="H264")
    with pytest.raises(HardwareConfigError, match="four letters"):
        make_camera(fourcc="MJPEG")


@pytest.mark.parametrize("request_number", [2, 36, 37], ids=["formats", "controls", "menus"])
def test_a_device_that_drops_off_while_it_is_asked_is_no_fault_of_the_configuration(
    webcam: FakeV4L2, request_number: int
) -> None:
    webcam.fails[request_number] = errno.ENODEV
    with pytest.raises(CameraError, match=r"/dev/video0: cannot list its .*: No such device"):
        make_camera(fourcc="MJPG", controls={"brightness": 100})
    assert webcam.handles == 0


def test_a_pixel_format_that_the_device_offers_and_does_not_take_is_no_fault_of_the_configuration(
    webcam: FakeV4L2,
) -> None:
    webcam.takes_formats = False
    with pytest.raises(CameraError, match=r"cannot be set to 'MJPG', which it offers; .*another of YUYV, MJPG"):
        make_camera(fourcc="MJPG")


def test_a_silent_camera_is_given_up_before_the_watchdog_ends_the_program() -> None:
    given = subprocess.run(
        [sys.executable, "-c", f"import edge, os; print(os.environ[{SELECT_TIMEOUT!r}])"],
        env={name: value for name, value in os.environ.items() if name != SELECT_TIMEOUT},
        capture_output=True,
        text=True,
        check=True,
    )
    unit = (ROOT / "systemd" / "sorter.service").read_text(encoding="utf-8")
    watchdog = re.search(r"^WatchdogSec=(\d+)$", unit, re.MULTILINE)
    assert watchdog
    assert 0 < 2 * int(given.stdout) < int(watchdog[1])


def test_a_device_tells_whether_it_focuses_itself(webcam: FakeV4L2) -> None:
    with make_camera() as camera:
        assert not camera.focuses_itself, "it has no such control"
    webcam.knobs[0x009A090C] = Knob(0x009A090C, "Focus, Automatic Continuous", BOOLEAN, 0, 1, 1, 1, 1)
    with make_camera() as camera:
        assert camera.focuses_itself
    with make_camera(controls={"focus_automatic_continuous": 0}) as camera:
        assert not camera.focuses_itself, "it is the user's"
    webcam.plugged = False
    assert not camera.focuses_itself


@pytest.mark.parametrize("option", [{"controls": {"gain": 1}}, {"fourcc": "MJPG"}])
def test_a_film_has_no_controls(option: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(HardwareConfigError, match="only a V4L2 device has any"):
        OpenCVCamera(clock=SystemClock(), source=str(tmp_path / "film.mp4"), **option)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        ("plugged", False, "there is no /dev/video0"),
        ("allowed", False, "no permission for /dev/video0: .*group video"),
        ("capture", False, "gives no pictures"),
    ],
)
def test_a_device_that_cannot_be_used_says_why(webcam: FakeV4L2, attribute: str, value: bool, message: str) -> None:
    setattr(webcam, attribute, value)
    with pytest.raises(CameraError, match=f"^opencv /dev/video0 64x48: .*{message}"):
        make_camera()
    assert webcam.handles == 0


# --- automatic exposure


def test_what_the_automatic_chose_is_locked_after_the_warm_up(webcam: FakeV4L2) -> None:
    with make_camera() as camera:
        frame = next_frame(camera)
        assert webcam.knobs[0x009A0901].value == MANUAL
        assert webcam.stands_at("Exposure Time, Absolute") == 120
        assert webcam.stands_at("White Balance Temperature") == 5000  # it told 5003, which it does not take
        webcam.wanted[0x009A0902] = 60  # a white item on the tray
        later = next_frame(camera, frame)
        assert abs(float(later.pixels.mean()) - float(frame.pixels.mean())) < 3


def test_the_lock_of_an_earlier_run_is_undone_to_settle_anew(webcam: FakeV4L2) -> None:
    """A camera keeps its settings while it has power."""
    webcam.knobs[0x009A0901].value, webcam.knobs[0x009A0902].value = MANUAL, 250
    with make_camera() as camera:
        next_frame(camera)
        assert webcam.stands_at("Exposure Time, Absolute") == 120


def test_relock_settles_in_the_light_of_now(webcam: FakeV4L2) -> None:
    with make_camera() as camera:
        next_frame(camera)
        webcam.wanted[0x009A0902] = 60
        camera.relock()
        assert until(lambda: webcam.set_order[-1] == ("White Balance Temperature", 5000) and len(webcam.set_order) > 7)
        assert webcam.stands_at("Exposure Time, Absolute") == 60
        assert webcam.knobs[0x009A0901].value == MANUAL


def test_controls_given_by_hand_are_never_locked(webcam: FakeV4L2) -> None:
    by_hand = {"auto_exposure": APERTURE_PRIORITY, "white_balance_automatic": 0, "white_balance_temperature": 3000}
    with make_camera(controls=by_hand) as camera:
        next_frame(camera)
        assert webcam.knobs[0x009A0901].value == APERTURE_PRIORITY
        assert webcam.stands_at("White Balance Temperature") == 3000


def test_a_camera_that_does_not_tell_its_exposure_stays_automatic(
    webcam: FakeV4L2, caplog: pytest.LogCaptureFixture
) -> None:
    """Locked, it would go on with the exposure of long ago."""
    webcam.tells = False
    with make_camera() as camera:
        frame = next_frame(camera)
        assert webcam.knobs[0x009A0901].value == APERTURE_PRIORITY
        assert abs(float(frame.pixels.mean()) - 119) < 3
    assert "stay automatic: locking them took the picture's brightness from" in caplog.text


# --- away, stuck, back


def test_unplugged_and_back_it_is_as_it_was(webcam: FakeV4L2) -> None:
    with make_camera(controls={"brightness": 200}) as camera:
        frame = next_frame(camera)
        webcam.plugged = False
        assert until(lambda: "there is no /dev/video0" in str(camera.failure))
        for knob in webcam.knobs.values():  # without power it forgets
            knob.value = knob.default
        webcam.wanted[0x009A0902] = 60  # an item lies on the tray now
        webcam.plugged = True
        assert next_frame(camera, next_frame(camera, frame)).time_s > frame.time_s
        assert camera.failure is None
        assert webcam.stands_at("Brightness") == 200
        assert webcam.stands_at("Exposure Time, Absolute") == 120
    assert all(capture.released for capture in webcam.opened)


def test_another_camera_in_its_place_without_its_controls_ends_the_run(webcam: FakeV4L2) -> None:
    with make_camera(controls={"brightness": 200}) as camera:
        frame = next_frame(camera)
        webcam.plugged = False
        assert until(lambda: camera.failure is not None)
        del webcam.knobs[0x00980900]
        webcam.plugged = True

        def ended() -> bool:
            try:
                camera.read(newer_than=frame.sequence, timeout_s=0.01)
            except CameraError as error:
                return "stopped for good: controls.brightness: /dev/video0 has no such control" in str(error)
            return False

        assert until(ended)


@pytest.mark.parametrize("how", ["frozen", "times_out"])
def test_a_repeated_picture_is_no_frame_and_the_camera_is_opened_anew(
    webcam: FakeV4L2, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """OpenCV calls it a success when the driver gives nothing in time (opencv #10927), and hands the last picture out."""
    monkeypatch.setattr("hardware.cameras.opencv.STALL_S", 0.05)
    with make_camera() as camera:
        next_frame(camera)
        setattr(webcam, how, True)
        assert until(lambda: len(webcam.opened) > 1)
        assert "the same picture for 0.05 s" in str(camera.failure)
        setattr(webcam, how, False)
        last = camera.read(newer_than=-1, timeout_s=0.0)
        assert last is not None
        assert next_frame(camera, last).time_s > last.time_s


# --- time stamps


def test_a_device_s_stamp_tells_the_age_and_a_repeat_has_none() -> None:
    stamps, now_s = FrameTimestamps(), time.monotonic()
    assert stamps.age_s(now_s - 0.5) == pytest.approx(0.5, abs=0.2)
    assert stamps.age_s(now_s - 0.5) is None
    assert stamps.age_s(now_s - 0.4) == pytest.approx(0.4, abs=0.2)
    assert stamps.age_s(0.0) is None  # what a time-out leaves behind
    stamps.forget()
    assert stamps.age_s(now_s - 0.4) is not None


def test_an_old_frame_is_old_however_old() -> None:
    stamps, now_s = FrameTimestamps(), time.monotonic()
    assert stamps.age_s(now_s - 0.1) is not None
    assert stamps.age_s(now_s - OLDEST_S - 5) == pytest.approx(OLDEST_S + 5, abs=0.5)


@pytest.mark.parametrize("ahead_s", [-1e6, 1e6])
def test_stamps_of_another_clock_say_nothing_but_repeats(ahead_s: float) -> None:
    stamps, now_s = FrameTimestamps(), time.monotonic()
    assert stamps.age_s(now_s + ahead_s) == 0.0
    assert stamps.age_s(now_s + ahead_s) is None
    assert stamps.age_s(now_s + ahead_s + 0.1) == 0.0


def test_a_device_without_stamps_gives_frames_all_the_same() -> None:
    stamps = FrameTimestamps()
    assert stamps.age_s(0.0) == 0.0
    assert stamps.age_s(0.0) == 0.0
