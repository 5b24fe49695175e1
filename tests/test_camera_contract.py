"""What every camera owes the bin. A camera that isn't here is skipped by name."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest

from hardware.camera import Camera, CaptureThread, FrameSlot
from hardware.cameras.folder import FolderCamera
from hardware.cameras.opencv import OpenCVCamera
from hardware.cameras.picamera2 import PiCamera2Camera
from hardware.clock import ManualClock, SystemClock
from hardware.errors import CameraError, HardwareConfigError
from hardware.frame import Frame, Pixels
from hardware.pins import mock_factory
from hardware.registry import CAMERAS, load
from hardware.sim.bin import SimulatedBin
from hardware.sim.camera import SimCamera

PATIENCE_S = 20.0
RED = (220, 30, 20)


def wait_until(done: Callable[[], bool]) -> None:
    """Wait for another thread, without a fixed sleep."""
    end = time.monotonic() + PATIENCE_S
    nap = threading.Event()
    while not done():
        assert time.monotonic() < end, "nothing happened in time"
        nap.wait(0.002)


def red_picture(path: Path, width: int = 64, height: int = 48) -> None:
    picture = np.full((height, width, 3), RED, np.uint8)
    cv2.imwrite(str(path), picture[..., ::-1])


# --- the cameras


class FakeRequest:
    def __init__(self, owner: "FakePicamera2", number: int) -> None:
        self.owner, self.number = owner, number
        self.stamp_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - 20_000_000

    def make_array(self, name: str) -> Pixels:
        assert name == "main"
        width, height = self.owner.config["main"]["size"]
        return np.full((height, width, 3), RED, np.uint8)

    def get_metadata(self) -> dict[str, Any]:
        return {
            "SensorTimestamp": self.stamp_ns,
            "ExposureTime": 10_000,
            "AnalogueGain": 2.0,
            "ColourGains": (1.5, 1.6),
            "Lux": 400.0,
        }

    def release(self) -> None:
        self.owner.held -= 1


class FakeJob:
    def __init__(self, owner: "FakePicamera2") -> None:
        self.owner = owner

    def get_result(self, timeout: float | None = None) -> FakeRequest:
        assert timeout is not None, "a stalled sensor would be waited for for ever"
        if self.owner.stalled:
            raise TimeoutError
        threading.Event().wait(0.002)  # a sensor takes its time
        self.owner.held += 1
        assert self.owner.held == 1, "a request was not given back"
        self.owner.frames += 1
        return FakeRequest(self.owner, self.owner.frames)


class FakePicamera2:
    """picamera2 as far as we use it; obeys its rules of order."""

    made: "list[FakePicamera2]"
    missing = False

    def __init__(self, camera_num: int = 0) -> None:
        if self.missing:
            raise IndexError("list index out of range")
        assert all(other.closed for other in self.made), "the camera is busy"
        self.made.append(self)
        self.config: dict[str, Any] = {}
        self.controls: list[tuple[int, dict[str, Any]]] = []
        self.started = self.closed = self.stalled = False
        self.frames = self.held = 0

    def create_video_configuration(self, **config: Any) -> dict[str, Any]:
        return config

    def configure(self, config: dict[str, Any]) -> None:
        self.config = config

    def start(self) -> None:
        assert self.config
        self.started = True

    def capture_request(self, wait: bool = True) -> FakeJob:
        assert self.started
        assert not self.closed
        assert wait is False
        return FakeJob(self)

    def set_controls(self, controls: dict[str, Any]) -> None:
        self.controls.append((self.frames, controls))

    def stop(self) -> None:
        self.started = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def picamera2(monkeypatch: pytest.MonkeyPatch) -> type[FakePicamera2]:
    class Fresh(FakePicamera2):
        made: "list[FakePicamera2]" = []  # noqa: RUF012 one list per test is the point

    module = ModuleType("picamera2")
    module.Picamera2 = Fresh  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", module)
    return Fresh


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 red frames at 30 a second."""
    path = tmp_path_factory.mktemp("film") / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30.0, (64, 48))
    if not writer.isOpened():
        pytest.skip("this OpenCV cannot write a video")
    for _ in range(60):
        writer.write(np.full((48, 64, 3), RED[::-1], np.uint8))
    writer.release()
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pictures" / "deeper").mkdir(parents=True)
    red_picture(tmp_path / "pictures" / "a.png")
    red_picture(tmp_path / "pictures" / "deeper" / "b.jpg", 30, 60)
    return tmp_path / "pictures"


def make_simulation(clock: Any, tmp_path: Path, **options: Any) -> SimulatedBin:
    (tmp_path / "items" / "glass").mkdir(parents=True)
    red_picture(tmp_path / "items" / "glass" / "a.png")
    return SimulatedBin(
        clock=clock,
        pin_factory=mock_factory(),
        flaps={"glass": {"kind": "relay", "pin": 5}},
        labels={"glass": "glass"},
        residual_bin="glass",
        photos=tmp_path / "items",
        width=64,
        height=64,
        **options,
    )


Made = tuple[Camera, Any]


def camera_folder(request: pytest.FixtureRequest) -> Made:
    clock = ManualClock()
    return FolderCamera(clock=clock, path=request.getfixturevalue("folder"), width=64, height=64, loop=True), clock


def camera_sim(request: pytest.FixtureRequest) -> Made:
    clock = ManualClock()
    simulation = make_simulation(clock, request.getfixturevalue("tmp_path"))
    request.addfinalizer(simulation.close)
    return SimCamera(clock=clock, bin=simulation), clock


def camera_film(request: pytest.FixtureRequest) -> Made:
    clock = SystemClock(speed=4.0)
    source = str(request.getfixturevalue("film"))
    return OpenCVCamera(clock=clock, source=source, width=64, height=64, loop=True), clock


def camera_v4l2(request: pytest.FixtureRequest) -> Made:
    if not Path("/dev/video0").exists():
        pytest.skip("no V4L2 camera here (/dev/video0)")
    clock = SystemClock()
    return OpenCVCamera(clock=clock, source=0, width=64, height=64), clock


def camera_picamera2_fake(request: pytest.FixtureRequest) -> Made:
    request.getfixturevalue("picamera2")
    clock = SystemClock()
    return PiCamera2Camera(clock=clock, width=64, height=64, warm_up_s=0.05), clock


def camera_picamera2_real(request: pytest.FixtureRequest) -> Made:
    pytest.importorskip("picamera2", reason="no picamera2 here")
    clock = SystemClock()
    try:
        return PiCamera2Camera(clock=clock, width=64, height=64), clock
    except CameraError as error:
        pytest.skip(f"no CSI camera here: {error}")


MAKERS = [camera_folder, camera_sim, camera_film, camera_v4l2, camera_picamera2_fake, camera_picamera2_real]


@pytest.fixture(params=MAKERS, ids=lambda maker: maker.__name__.removeprefix("camera_"))
def made(request: pytest.FixtureRequest) -> Iterator[Made]:
    camera, clock = request.param(request)
    yield camera, clock
    camera.close()


# --- the contract


def test_frames_are_rgb_and_rise(made: Made) -> None:
    camera, clock = made
    sequence, time_s = -1, -1.0
    for _ in range(6):
        frame = camera.read(newer_than=sequence, timeout_s=PATIENCE_S)
        assert frame is not None
        assert frame.sequence > sequence
        assert time_s <= frame.time_s <= clock.now_s()
        assert (frame.width, frame.height) == (64, 64)
        assert not frame.pixels.flags.writeable
        sequence, time_s = frame.sequence, frame.time_s


def test_a_frame_stays_what_it_was(made: Made) -> None:
    """A driver that reuses its buffer would change a picture under the classifier."""
    camera, _ = made
    frame = camera.read(newer_than=-1, timeout_s=PATIENCE_S)
    assert frame is not None
    before = frame.pixels.copy()
    for _ in range(5):
        newer = camera.read(newer_than=frame.sequence, timeout_s=PATIENCE_S)
        assert newer is not None
    assert np.array_equal(frame.pixels, before)


def test_the_newest_frame_wins(made: Made) -> None:
    camera, clock = made
    first = camera.read(newer_than=-1, timeout_s=PATIENCE_S)
    assert first is not None
    if isinstance(clock, ManualClock):
        clock.advance(1.0)
    else:
        wait_until(lambda: camera.read(newer_than=first.sequence + 4, timeout_s=PATIENCE_S) is not None)
    frame = camera.read(newer_than=first.sequence, timeout_s=PATIENCE_S)
    assert frame is not None
    assert frame.sequence >= first.sequence + 5
    assert frame.time_s > first.time_s


def test_no_frame_comes_before_its_time(made: Made) -> None:
    camera, _ = made
    assert camera.read(newer_than=10**9, timeout_s=0.001) is None


def test_a_closed_camera_says_so(made: Made) -> None:
    camera, _ = made
    with camera as entered:
        assert entered is camera
    camera.close()
    with pytest.raises(CameraError, match="closed"):
        camera.read(newer_than=-1, timeout_s=0.1)


def test_closing_wakes_a_reader(made: Made) -> None:
    camera, clock = made
    if isinstance(clock, ManualClock):
        pytest.skip("waiting on a manual clock takes no time")
    ended = threading.Event()

    def reader() -> None:
        with suppress(CameraError):
            camera.read(newer_than=10**9, timeout_s=3600)
        ended.set()

    threading.Thread(target=reader, daemon=True).start()
    camera.close()
    assert ended.wait(PATIENCE_S)


def test_the_description_is_one_line_with_the_size(made: Made) -> None:
    camera, _ = made
    assert "64x64" in camera.description
    assert "\n" not in camera.description
    assert not camera.exhausted


def test_every_kind_has_a_driver() -> None:
    assert {kind: load(CAMERAS, kind) for kind in CAMERAS} == {
        "opencv": OpenCVCamera,
        "folder": FolderCamera,
        "picamera2": PiCamera2Camera,
        "sim": SimCamera,
    }


@pytest.mark.parametrize("fps", [0, -1, 1000, float("nan")])
def test_frame_rates_are_bounded(folder: Path, film: Path, picamera2: Any, fps: float) -> None:
    for driver, options in (
        (FolderCamera, {"path": folder}),
        (OpenCVCamera, {"source": str(film)}),
        (PiCamera2Camera, {}),
    ):
        with pytest.raises(HardwareConfigError, match="fps"):
            driver(clock=ManualClock(), fps=fps, **options)


# --- the folder


def shown(camera: FolderCamera) -> Iterator[tuple[float, str | None, Pixels]]:
    sequence = -1
    while True:
        frame = camera.read(newer_than=sequence, timeout_s=1.0)
        if frame is None:
            assert camera.exhausted
            return
        sequence = frame.sequence
        yield frame.time_s, camera.current_path and camera.current_path.name, frame.pixels


def test_photographs_come_one_after_the_other_with_the_empty_tray_between(folder: Path) -> None:
    camera = FolderCamera(clock=ManualClock(), path=folder, fps=10, hold_s=1.0, gap_s=0.5, width=64, height=64)
    frames = list(shown(camera))
    names = [name for _, name, _ in frames]
    runs = [name for index, name in enumerate(names) if index == 0 or names[index - 1] != name]
    assert runs == [None, "a.png", None, "b.jpg", None]
    assert names.count("a.png") == names.count("b.jpg") == 10
    assert names.count(None) == 15
    for _, name, pixels in frames:
        middle = pixels[24, 32].astype(int)
        assert np.abs(middle - ((128, 128, 128) if name is None else RED)).max() < 8


def test_a_photograph_of_another_shape_lies_on_the_empty_tray(folder: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "tray.png"), np.full((96, 128, 3), (0, 0, 250), np.uint8)[..., ::-1])
    camera = FolderCamera(clock=ManualClock(), path=folder, width=64, height=48, empty=tmp_path / "tray.png")
    pictures = {name: pixels for _, name, pixels in shown(camera)}
    assert tuple(pictures[None][0, 0]) == (0, 0, 250)
    assert tuple(pictures["b.jpg"][24, 2]) == (0, 0, 250)
    red = np.abs(pictures["b.jpg"].astype(int) - RED).max(axis=2) < 10
    assert red.sum() == 48 * 24  # 30x60 becomes 24x48


def test_a_slow_reader_still_sees_every_photograph(folder: Path) -> None:
    clock = ManualClock()
    camera = FolderCamera(clock=clock, path=folder, hold_s=1.0, gap_s=0.5)
    names = []
    for _, name, _ in shown(camera):
        names.append(name)
        clock.advance(7.0)
    assert names == [None, "a.png", None, "b.jpg", None]


def test_a_late_reader_gets_the_whole_time_of_the_next_photograph(folder: Path) -> None:
    clock = ManualClock()
    names = []
    for _, name, _ in shown(FolderCamera(clock=clock, path=folder, fps=10, hold_s=1.0, gap_s=0.5)):
        if not names:
            clock.advance(30.0)
        names.append(name)
    assert names.count("a.png") == 10


def test_what_is_no_picture_is_skipped_and_named(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "0.jpg").write_bytes(b"no picture")
    camera = FolderCamera(clock=ManualClock(), path=folder)
    assert {name for _, name, _ in shown(camera)} == {None, "a.png", "b.jpg"}
    assert "0.jpg" in caplog.text


def test_folders_without_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="not a folder"):
        FolderCamera(clock=ManualClock(), path=tmp_path / "none")
    with pytest.raises(CameraError, match="no pictures"):
        FolderCamera(clock=ManualClock(), path=tmp_path)
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(CameraError, match="empty tray"):
        FolderCamera(clock=ManualClock(), path=tmp_path, empty=tmp_path / "a.png")
    for loop in (False, True):
        camera = FolderCamera(clock=ManualClock(), path=tmp_path, loop=loop)
        with pytest.raises(CameraError, match="none of the 1"):
            list(shown(camera))


# --- OpenCV


def test_a_film_runs_at_its_own_pace_and_ends(film: Path) -> None:
    clock = SystemClock(speed=4.0)
    with OpenCVCamera(clock=clock, source=str(film), width=64, height=48) as camera:
        sequence, start_s, frames = -1, clock.now_s(), []
        while not camera.exhausted:
            frame = camera.read(newer_than=sequence, timeout_s=PATIENCE_S)
            if frame is not None:
                frames.append(frame)
                sequence = frame.sequence
        assert sequence == 59
        assert clock.now_s() - start_s >= 1.9
    assert np.abs(frames[0].pixels.astype(int) - RED).max() < 12  # RGB, not BGR


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("/dev/video97", "group video"),
        (97, "/dev/video97.*group video"),
        ("97", "/dev/video97"),
        ("nothing/there.mp4", "there.mp4.*does the file exist"),
        ("http://user:secret@127.0.0.1:9/stream", r"http://\*\*\*@127.0.0.1:9/stream.*address"),
    ],
)
def test_a_source_that_is_not_there_is_one_clear_line(
    source: int | str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CameraError, match=message) as caught:
        OpenCVCamera(clock=ManualClock(), source=source)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert capfd.readouterr().err == ""


class FakeCapture:
    """A V4L2 device whose pictures and time stamps the test gives out."""

    def __init__(self, stamps_ms: list[float]) -> None:
        self.stamps_ms = stamps_ms
        self.stamp_ms = 0.0
        self.released = False

    def isOpened(self) -> bool:  # noqa: N802 OpenCV's name
        return True

    def set(self, key: int, value: float) -> bool:
        return True

    def get(self, key: int) -> float:
        return self.stamp_ms if key == cv2.CAP_PROP_POS_MSEC else 0.0

    def read(self) -> tuple[bool, Pixels | None]:
        if not self.stamps_ms:
            return False, None
        self.stamp_ms = self.stamps_ms.pop(0)
        return True, np.full((48, 64, 3), RED[::-1], np.uint8)

    def release(self) -> None:
        self.released = True


def test_a_device_s_time_stamp_is_the_frame_s_time_and_a_repeat_is_no_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    now_ms = time.monotonic() * 1000
    devices = [FakeCapture([now_ms - 500, now_ms - 500, now_ms - 500, now_ms - 400]), FakeCapture([])]
    opened: list[FakeCapture] = []

    def open_device(*_: Any) -> FakeCapture:
        opened.append(devices[min(len(opened), 1)])
        return opened[-1]

    monkeypatch.setattr(cv2, "VideoCapture", open_device)
    clock = SystemClock()
    with OpenCVCamera(clock=clock, source=0, width=64, height=64, reconnect_s=0.01) as camera:
        wait_until(lambda: len(opened) > 1)  # the device gave no picture, so it is opened again
        frame = camera.read(newer_than=-1, timeout_s=PATIENCE_S)
    assert frame is not None
    assert frame.sequence == 1
    assert frame.time_s == pytest.approx((now_ms - 400) / 1000, abs=0.05)
    assert devices[0].released


# --- picamera2


def test_the_sensor_s_stamp_less_the_exposure_is_the_frame_s_time(picamera2: type[FakePicamera2]) -> None:
    clock = SystemClock()
    with PiCamera2Camera(clock=clock, warm_up_s=0.0) as camera:
        frame = camera.read(newer_than=-1, timeout_s=PATIENCE_S)
        assert frame is not None
        assert tuple(frame.pixels[0, 0]) == RED
        assert 0.03 <= clock.now_s() - frame.time_s < 5.0
    assert picamera2.made[0].config["main"]["format"] == "BGR888"
    assert picamera2.made[0].config["queue"] is False
    assert picamera2.made[0].closed


def test_exposure_is_locked_after_the_warm_up_and_no_frame_comes_before(picamera2: type[FakePicamera2]) -> None:
    clock = SystemClock()
    start_s = clock.now_s()
    with PiCamera2Camera(clock=clock, warm_up_s=0.1) as camera:
        frame = camera.read(newer_than=-1, timeout_s=PATIENCE_S)
        assert frame is not None
        assert clock.now_s() - start_s >= 0.1
        ((frames_before, controls),) = picamera2.made[0].controls
    assert frames_before > 0
    assert controls == {
        "AeEnable": False,
        "AwbEnable": False,
        "ExposureTime": 10_000,
        "AnalogueGain": 2.0,
        "ColourGains": (1.5, 1.6),
    }


def test_without_the_lock_the_controls_are_left_alone(picamera2: type[FakePicamera2]) -> None:
    with PiCamera2Camera(clock=SystemClock(), warm_up_s=0.0, lock=False) as camera:
        assert camera.read(newer_than=-1, timeout_s=PATIENCE_S) is not None
        assert picamera2.made[0].controls == []


def test_a_stalled_sensor_is_opened_anew(picamera2: type[FakePicamera2]) -> None:
    with PiCamera2Camera(clock=SystemClock(), warm_up_s=0.0, reconnect_s=0.01) as camera:
        first = camera.read(newer_than=-1, timeout_s=PATIENCE_S)
        assert first is not None
        picamera2.made[0].stalled = True
        wait_until(lambda: len(picamera2.made) == 2)
        assert picamera2.made[0].closed
        newest = camera.read(newer_than=-1, timeout_s=0.0)
        assert newest is not None
        assert camera.read(newer_than=newest.sequence, timeout_s=PATIENCE_S) is not None


def test_no_camera_on_the_connector(picamera2: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picamera2, "missing", True)
    with pytest.raises(CameraError, match="list-cameras"):
        PiCamera2Camera(clock=ManualClock())


def test_without_picamera2_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(HardwareConfigError, match=r"python3-picamera2"):
        PiCamera2Camera(clock=ManualClock())


# --- the base


class ScriptedCamera(CaptureThread):
    """Does what its script says: a picture, an error, or the end."""

    description = "scripted"

    def __init__(self, *script: Pixels | Exception | None, clock: ManualClock, opens: list[bool] | None = None) -> None:
        self.script, self.opens = list(script), opens or []
        self.opened = self.released = 0
        super().__init__(clock=clock, reconnect_s=1.0, reconnect_max_s=4.0)

    def _open(self) -> None:
        self.opened += 1
        if self.opens and not self.opens.pop(0):
            raise CameraError("away")

    def _grab(self) -> tuple[Pixels, float] | None:
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return None if step is None else (step, self._clock.now_s())

    def _release(self) -> None:
        self.released += 1


PICTURE = np.zeros((4, 4, 3), np.uint8)


def test_a_lost_camera_is_opened_again_with_longer_and_longer_pauses(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    opens = [True, False, False, False, False, True]
    with ScriptedCamera(CameraError("cable"), PICTURE.copy(), None, clock=clock, opens=opens) as camera:
        wait_until(lambda: camera.exhausted)
        frame = camera.read(newer_than=-1, timeout_s=PATIENCE_S)
        assert frame is not None
        assert frame.time_s == 1 + 2 + 4 + 4 + 4
        assert camera.opened == 6
    assert "cable" in caplog.text


def test_a_first_open_that_fails_releases_the_device() -> None:
    released: list[bool] = []

    class Missing(ScriptedCamera):
        def _release(self) -> None:
            released.append(True)

    with pytest.raises(CameraError, match="away"):
        Missing(clock=ManualClock(), opens=[False])
    assert released


def test_a_bug_in_a_driver_reaches_the_reader() -> None:
    with ScriptedCamera(ZeroDivisionError("oops"), clock=ManualClock()) as camera:
        wait_until(lambda: camera.released > 0)

        def raises() -> bool:
            try:
                camera.read(newer_than=-1, timeout_s=0.01)
            except CameraError as error:
                return "oops" in str(error)
            return False

        wait_until(raises)


def test_the_slot_holds_the_newest_only() -> None:
    slot = FrameSlot()
    assert slot.get(newer_than=-1, timeout_s=0.0) is None
    for number in (3, 4):
        slot.put(Frame(PICTURE.copy(), float(number), number))
    newest = slot.get(newer_than=-1, timeout_s=0.0)
    assert newest is not None
    assert newest.sequence == 4
    assert slot.get(newer_than=4, timeout_s=0.0) is None


@pytest.mark.parametrize(
    ("pixels", "time_s", "sequence", "message"),
    [
        (np.zeros((4, 4), np.uint8), 0.0, 0, "pixels"),
        (np.zeros((4, 4, 3), np.float32), 0.0, 0, "pixels"),
        (np.zeros((0, 4, 3), np.uint8), 0.0, 0, "empty"),
        (PICTURE.copy(), float("nan"), 0, "time"),
        (PICTURE.copy(), 0.0, -1, "sequence"),
    ],
)
def test_what_is_no_frame_is_refused(pixels: Any, time_s: float, sequence: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Frame(pixels, time_s, sequence)


def test_only_cameras_whose_pictures_have_no_noise_of_their_own_repeat(tmp_path: Path) -> None:
    """Whoever looks for a frozen camera must know."""
    red_picture(tmp_path / "a.png")
    with FolderCamera(clock=ManualClock(), path=tmp_path) as folder:
        assert folder.repeats
    for kind in ("device", "file", "network"):
        camera = OpenCVCamera.__new__(OpenCVCamera)
        camera._kind = kind  # type: ignore[assignment]
        assert camera.repeats is (kind != "device")
    assert PiCamera2Camera.repeats is Camera.repeats
