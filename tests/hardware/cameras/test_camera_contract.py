"""What every camera owes the bin. A camera that isn't here is skipped by name."""

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
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
from tests.builders.pictures import png_claiming, save
from tests.builders.world import make_bin
from tests.doubles.drives import flap_section
from tests.doubles.fake_picamera2 import RED, connect
from tests.doubles.fake_v4l2 import plug_in
from tests.processes import until

PATIENCE_S = 20.0


def red_picture(path: Path, width: int = 64, height: int = 48) -> None:
    picture = np.full((height, width, 3), RED, np.uint8)
    cv2.imwrite(str(path), picture[..., ::-1])


# --- the cameras


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
    return make_bin(
        clock=clock,
        pin_factory=mock_factory(),
        flaps={"glass": flap_section({"kind": "relay", "pin": 5, "active_high": True})},
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


def camera_v4l2_fake(request: pytest.FixtureRequest) -> Made:
    plug_in(request.getfixturevalue("monkeypatch"))
    clock = SystemClock()
    return OpenCVCamera(clock=clock, source=0, width=64, height=64, warm_up_s=0.05), clock


def camera_v4l2(request: pytest.FixtureRequest) -> Made:
    device = os.environ.get("SORTER_TEST_V4L2")
    if device is None:
        pytest.skip("no V4L2 camera here: SORTER_TEST_V4L2 names none")
    clock = SystemClock()
    return OpenCVCamera(clock=clock, source=device, width=64, height=64, warm_up_s=0.2), clock


def camera_picamera2_fake(request: pytest.FixtureRequest) -> Made:
    connect(request.getfixturevalue("monkeypatch"))
    clock = SystemClock()
    return PiCamera2Camera(clock=clock, width=64, height=64, warm_up_s=0.05), clock


def camera_picamera2(request: pytest.FixtureRequest) -> Made:
    if os.environ.get("SORTER_TEST_PICAMERA2") is None:
        pytest.skip("no CSI camera here: SORTER_TEST_PICAMERA2 is not set")
    clock = SystemClock()
    return PiCamera2Camera(clock=clock, width=64, height=64, warm_up_s=0.2, grab_timeout_s=10.0), clock


MAKERS = [
    camera_folder,
    camera_sim,
    camera_film,
    camera_v4l2_fake,
    camera_v4l2,
    camera_picamera2_fake,
    camera_picamera2,
]


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
        assert until(lambda: camera.read(newer_than=first.sequence + 4, timeout_s=PATIENCE_S) is not None)
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


def test_frames_come_on_after_a_relock(made: Made) -> None:
    camera, _ = made
    frame = camera.read(newer_than=-1, timeout_s=PATIENCE_S)
    assert frame is not None
    camera.relock()
    for _ in range(3):
        frame = camera.read(newer_than=frame.sequence, timeout_s=PATIENCE_S)
        assert frame is not None
    assert camera.failure is None


def test_every_kind_has_a_driver() -> None:
    assert {kind: load(CAMERAS, kind) for kind in CAMERAS} == {
        "opencv": OpenCVCamera,
        "folder": FolderCamera,
        "picamera2": PiCamera2Camera,
        "sim": SimCamera,
    }


@pytest.mark.parametrize("fps", [0, -1, 1000, float("nan")])
def test_frame_rates_are_bounded(folder: Path, film: Path, monkeypatch: pytest.MonkeyPatch, fps: float) -> None:
    connect(monkeypatch)
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


def test_a_photograph_that_cannot_be_read_is_told_once_while_the_folder_is_shown_again(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "0broken.png").write_bytes(b"no picture")
    camera = FolderCamera(clock=ManualClock(), path=folder, fps=10, hold_s=0.2, gap_s=0.1, loop=True)
    frames = shown(camera)
    assert sum(next(frames)[1] == "a.png" for _ in range(30)) > 5
    assert caplog.text.count("0broken.png") == 1


def test_what_no_camera_can_show_is_skipped_and_named(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "0huge.png").write_bytes(png_claiming(30_000, 30_000))
    (folder / "@eaDir").mkdir()
    save(folder / "0float.tif", np.zeros((20, 20, 3), np.float32)).rename(folder / "0float.png")
    os.mkfifo(folder / "0pipe.jpg")
    camera = FolderCamera(clock=ManualClock(), path=folder)
    assert {name for _, name, _ in shown(camera)} == {None, "a.png", "b.jpg"}
    for text in (
        "left out, folder of another program: @eaDir",
        "left out, not a file but a pipe, a socket or a device: 0pipe.jpg",
        f"skipped: {folder / '0huge.png'}: too large: 30000x30000 pixels",
        f"skipped: {folder / '0float.png'}: pixels of type float32",
    ):
        assert text in caplog.text
    for name in ("0huge.png", "0float.png"):
        with pytest.raises(CameraError, match=f"the picture of the empty tray cannot be used: .*{name}: "):
            FolderCamera(clock=ManualClock(), path=folder, empty=folder / name)


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
            frame = camera.read(newer_than=sequence, timeout_s=1.0)
            if frame is not None:
                frames.append(frame)
                sequence = frame.sequence
        assert sequence == 59
        assert clock.now_s() - start_s >= 1.9
    assert np.abs(frames[0].pixels.astype(int) - RED).max() < 12  # RGB, not BGR


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("/dev/video97", "there is no /dev/video97"),
        (97, "opencv /dev/video97 640x480: there is no /dev/video97"),
        ("97", "there is no /dev/video97"),
        ("/dev/v4l/by-id/usb-none-index0", "there is no /dev/v4l/by-id/usb-none-index0"),
        ("/dev/null", "/dev/null is no video device"),
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


# --- the base


class ScriptedCaptureThread(CaptureThread):
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
    with ScriptedCaptureThread(CameraError("cable"), PICTURE.copy(), None, clock=clock, opens=opens) as camera:
        assert until(lambda: camera.exhausted)
        frame = camera.read(newer_than=-1, timeout_s=PATIENCE_S)
        assert frame is not None
        assert frame.time_s == 1 + 2 + 4 + 4 + 4
        assert camera.opened == 6
    assert "cable" in caplog.text


def test_a_first_open_that_fails_releases_the_device() -> None:
    released: list[bool] = []

    class Missing(ScriptedCaptureThread):
        def _release(self) -> None:
            released.append(True)

    with pytest.raises(CameraError, match="away"):
        Missing(clock=ManualClock(), opens=[False])
    assert released


def test_a_bug_in_a_driver_reaches_the_reader() -> None:
    with ScriptedCaptureThread(ZeroDivisionError("oops"), clock=ManualClock()) as camera:
        assert until(lambda: camera.released > 0)

        def raises() -> bool:
            try:
                camera.read(newer_than=-1, timeout_s=0.01)
            except CameraError as error:
                return "oops" in str(error)
            return False

        assert until(raises)


def test_a_camera_that_cannot_be_closed_has_stopped_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened a second time beside itself it would only say that it is busy: a new process has to."""
    answers = threading.Event()

    class Stuck(ScriptedCaptureThread):
        RELEASE_S = 0.05

        def _release(self) -> None:
            super()._release()
            answers.wait()

    with Stuck(CameraError("no frame for 3 s"), clock=ManualClock()) as camera:

        def raises() -> bool:
            try:
                camera.read(newer_than=-1, timeout_s=0.01)
            except CameraError as error:
                return "stopped for good: closing it hangs" in str(error)
            return False

        assert until(raises)
        assert "no frame for 3 s" in str(camera.failure)
        assert camera.opened == 1
    answers.set()


def test_a_camera_that_hangs_on_its_way_back_has_stopped_for_good() -> None:
    """Each further try would leave another thread behind."""
    answers = threading.Event()

    class Stuck(ScriptedCaptureThread):
        RELEASE_S = 0.05

        def _release(self) -> None:
            super()._release()
            if self.opened > 1:
                answers.wait()

    opens = [True] + 10 * [False]
    with Stuck(CameraError("cable"), None, clock=ManualClock(), opens=opens) as camera:
        assert until(lambda: "closing it hangs" in str(camera.failure))
        assert "before that: away" in str(camera.failure)
        with pytest.raises(CameraError, match="stopped for good: closing it hangs"):
            camera.read(newer_than=-1, timeout_s=PATIENCE_S)
        assert camera.opened == 2
    answers.set()


def test_a_camera_says_why_no_frame_comes() -> None:
    seen: list[str | None] = []

    class Noting(ScriptedCaptureThread):
        def _open(self) -> None:
            seen.append(self.failure)
            super()._open()

    script = PICTURE.copy(), CameraError("cable"), PICTURE.copy(), None
    with Noting(*script, clock=ManualClock(), opens=[True, False, True]) as camera:
        assert until(lambda: camera.exhausted)
        assert seen == [None, "cable", "away"]
        assert camera.failure is None


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
