"""What calibration measures in pictures: the tray's region, light, sharpness, and the travel time of a flap."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.calibrate.annotate import Mark, annotated, with_scales
from edge.calibrate.camera_search import FoundCamera, find_cameras
from edge.calibrate.frames import fresh_frames
from edge.calibrate.mover import FlapJogger
from edge.calibrate.region import propose_region
from edge.calibrate.travel import by_camera, with_margin
from edge.sight.focus import measure_focus
from edge.sight.light import measure_light
from hardware.camera import Camera
from hardware.clock import ManualClock
from hardware.frame import Frame
from hardware.sim.tray import SimTray
from tests.builders.pictures import Pixels, tray_picture
from tests.doubles.flap import Journal, RecordingFlap

WIDTH, HEIGHT = 640, 480


def sim_tray(seed: int = 0) -> Pixels:
    tray = SimTray(width=WIDTH, height=HEIGHT, seed=seed, noise_sigma=2.0, light_drift=0.0)
    return tray.expose(tray.empty, 0.0)


# --- where the tray is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("turn_deg", [-3.0, 0.0, 3.0])
def test_a_tray_on_another_ground_is_framed_within_its_edges(seed: int, turn_deg: float) -> None:
    rng = np.random.default_rng(seed)
    picture = np.clip(rng.normal(rng.integers(20, 110, 3), 5, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)
    turn = cv2.getRotationMatrix2D((220, 160), turn_deg, 1)
    turn[:, 2] += (100, 80)
    tray = cv2.warpAffine(cv2.resize(sim_tray(seed), (440, 320)), turn, (WIDTH, HEIGHT))
    cover = cv2.warpAffine(np.full((320, 440), 255, np.uint8), turn, (WIDTH, HEIGHT)) > 250
    picture[cover] = tray[cover]
    region = propose_region(picture)
    assert region is not None
    left, top, right, bottom = region
    inside = cover[round(top * HEIGHT) : round(bottom * HEIGHT), round(left * WIDTH) : round(right * WIDTH)]
    assert inside.mean() > 0.97
    assert inside.size > 0.85 * 440 * 320


@pytest.mark.parametrize("seed", range(4))
def test_a_tray_that_fills_the_picture_is_all_of_it(seed: int) -> None:
    assert propose_region(sim_tray(seed)) == (0.0, 0.0, 1.0, 1.0)


def test_no_region_is_proposed_where_the_middle_is_no_even_surface() -> None:
    chessboard = np.kron(np.indices((12, 16)).sum(axis=0) % 2, np.ones((40, 40)))[..., None] * 200
    assert propose_region(np.broadcast_to(chessboard, (HEIGHT, WIDTH, 3)).astype(np.uint8)) is None


# --- light ------------------------------------------------------------------------------------------------------------


def still(picture: NDArray[np.float64] | Pixels, gains: Sequence[float] = (1.0,) * 12) -> list[Pixels]:
    noise = np.random.default_rng(0).normal(0, 2, picture.shape)
    return [
        np.clip(picture * gain + np.roll(noise, 7 * turn), 0, 255).astype(np.uint8) for turn, gain in enumerate(gains)
    ]


def complaints(pictures: Sequence[Pixels]) -> list[str]:
    return [text.split(" ")[0].rstrip(":,") for text in measure_light(pictures).complaints()]


def test_a_well_lit_tray_is_no_reason_to_complain() -> None:
    assert complaints(still(sim_tray())) == []


@pytest.mark.parametrize(("grey", "complaint"), [(30, "too"), (245, "too")])
def test_too_dark_and_too_bright(grey: int, complaint: str) -> None:
    assert complaints(still(tray_picture(grey=grey))) == [complaint]


def test_a_lamp_in_the_picture_is_found_where_it_is() -> None:
    picture = sim_tray().copy()
    cv2.circle(picture, (480, 120), 30, (255, 255, 255), -1)
    light = measure_light(still(picture.astype(float) * 1.05))
    assert [text.split(":")[0] for text in light.complaints()] == ["glare"]
    (left, top, right, bottom) = light.glare[0]
    assert (left + right) / 2 == pytest.approx(480 / WIDTH, abs=0.02)
    assert (top + bottom) / 2 == pytest.approx(120 / HEIGHT, abs=0.02)


def test_light_from_one_side_is_uneven_and_the_dark_side_is_named() -> None:
    slope = np.linspace(0.4, 1.2, WIDTH)[None, :, None]
    light = measure_light(still(sim_tray() * slope))
    assert [text.split(":")[0] for text in light.complaints()] == ["uneven"]
    assert light.darkest[0] == 0.0, "the left"


def test_a_lamp_that_flickers_and_daylight_that_fades() -> None:
    times = np.arange(20)
    assert complaints(still(sim_tray(), 1 + 0.03 * np.sin(times * 2.1))) == ["flicker"]
    assert complaints(still(sim_tray(), 1 - 0.004 * times)) == []


# --- focus ------------------------------------------------------------------------------------------------------------


def box_on_tray(blur_px: float, noise: float = 2.0) -> list[NDArray[np.float32]]:
    scene = np.full((HEIGHT, WIDTH), 150, np.float32)
    cv2.rectangle(scene, (200, 150), (420, 330), 60, -1)
    if blur_px:
        scene = cv2.GaussianBlur(scene, (0, 0), blur_px)
    rng = np.random.default_rng(0)
    return [np.clip(scene + rng.normal(0, noise, scene.shape), 0, 255).astype(np.float32) for _ in range(6)]


@pytest.mark.parametrize("noise", [1.0, 6.0])
@pytest.mark.parametrize("blur_px", [1.0, 2.0, 4.0, 7.0])
def test_the_blur_of_an_edge_is_measured_in_pixels_whatever_the_noise(blur_px: float, noise: float) -> None:
    focus = measure_focus(box_on_tray(blur_px, noise))
    assert focus.edge_px == pytest.approx(blur_px, rel=0.15)
    assert focus.unsharp is (blur_px > 1.92)


def test_sharpness_rises_towards_the_focus() -> None:
    numbers = [measure_focus(box_on_tray(blur_px, 4.0)).sharpness for blur_px in (3.0, 2.0, 1.0, 0.0)]
    assert numbers == sorted(numbers)


def test_noise_is_no_sharpness() -> None:
    rng = np.random.default_rng(0)
    empty = [rng.normal(150, 6, (HEIGHT, WIDTH)).astype(np.float32) for _ in range(6)]
    focus = measure_focus(empty)
    assert focus.edge_px is None
    assert focus.sharpness < measure_focus(box_on_tray(2.0, 6.0)).sharpness + 5


# --- travel -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("measured_s", "set_s"), [(0.001, 0.05), (0.25, 0.3), (0.3, 0.4), (1.0, 1.2)])
def test_the_reserve_of_a_travel_time(measured_s: float, set_s: float) -> None:
    assert with_margin(measured_s) == pytest.approx(set_s)


class FlapCamera(Camera):
    """Camera that sees a flap with a given travel time."""

    description = "over the flap"

    def __init__(self, flap: RecordingFlap, journal: Journal, *, travel_s: float) -> None:
        self._flap = flap
        self._journal = journal
        self._travel_s = travel_s
        self._sequence = -1

    def read(self, *, newer_than: int, timeout_s: float) -> Frame:
        self._journal.clock.advance(0.05)
        self._sequence += 1
        now_s = self._journal.clock.now_s()
        begin_s, _, command = [line for line in self._journal.lines if line[2] in ("open", "home")][-1]
        way = min((now_s - begin_s) / self._travel_s, 1.0)
        picture = tray_picture(noise=1.0, seed=self._sequence)
        picture[:, : 20 + round(200 * (way if command == "open" else 1 - way))] = (70, 60, 50)
        return Frame(picture, now_s, self._sequence)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("travel_s", [0.3, 0.9])
def test_the_camera_sees_when_a_flap_comes_to_rest(travel_s: float) -> None:
    journal = Journal(ManualClock())
    flap = RecordingFlap("paper", journal)
    mover = FlapJogger({"travel_s": 0.4}, lambda held, options: held.enter_context(flap), journal.clock)
    camera = FlapCamera(flap, journal, travel_s=travel_s)
    measured_s = by_camera(mover, journal.clock, lambda: fresh_frames(camera, journal.clock))
    assert measured_s == pytest.approx(travel_s, abs=0.051)
    assert journal.commands("open", "home", "detach") == [
        ("paper", command) for command in ("open", "detach", "home", "detach")
    ]


# --- cameras ----------------------------------------------------------------------------------------------------------


def video_device(root: Path, number: int, name: str, *, index: int = 0, by_id: str | None = None) -> None:
    device = root / "dev" / f"video{number}"
    device.parent.mkdir(parents=True, exist_ok=True)
    device.touch()
    info = root / "sys/class/video4linux" / device.name
    info.mkdir(parents=True)
    (info / "name").write_text(f"{name}\n", encoding="utf-8")
    (info / "index").write_text(f"{index}\n", encoding="utf-8")
    if by_id is not None:
        link = root / "dev/v4l/by-id" / by_id
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"../../video{number}")


def test_a_webcam_is_found_once_and_by_the_name_that_lasts(tmp_path: Path) -> None:
    video_device(tmp_path, 0, "HD Pro Webcam", by_id="usb-HD_Pro-video-index0")
    video_device(tmp_path, 1, "HD Pro Webcam", index=1, by_id="usb-HD_Pro-video-index1")
    video_device(tmp_path, 10, "bcm2835-codec-decode")
    video_device(tmp_path, 2, "Grabber")
    found = find_cameras(tmp_path, csi=lambda: None)
    assert found.cameras == (
        FoundCamera("opencv", "/dev/v4l/by-id/usb-HD_Pro-video-index0", "HD Pro Webcam"),
        FoundCamera("opencv", "/dev/video2", "Grabber"),
    )
    assert found.hint is None


def test_cameras_on_the_csi_port_come_first(tmp_path: Path) -> None:
    video_device(tmp_path, 0, "rp1-cfe")
    video_device(tmp_path, 8, "HD Pro Webcam")
    found = find_cameras(tmp_path, csi=lambda: [{"Model": "imx708", "Num": 1}])
    assert [camera.kind for camera in found.cameras] == ["picamera2", "opencv"]
    assert found.cameras[0].source == 1


def test_a_csi_port_without_picamera2_is_hinted_at(tmp_path: Path) -> None:
    video_device(tmp_path, 0, "unicam-image")
    found = find_cameras(tmp_path, csi=lambda: None)
    assert found.cameras == ()
    assert "python3-picamera2" in (found.hint or "")


def test_the_scales_of_a_picture_show_where_a_side_lies() -> None:
    scaled = with_scales(np.full((240, 320, 3), 90, np.uint8))
    white = (scaled == 255).all(axis=2)
    ticks = [x for x in range(320) if white[0, x]]
    assert ticks == [round(share / 10 * 319) for share in range(1, 10)]
    assert [y for y in range(240) if white[y, 0]] == [round(share / 10 * 239) for share in range(1, 10)]
    assert not white[40:, 60:].any()


@pytest.mark.parametrize("box", [(0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.05, 0.05), (0.9, 0.9, 1.0, 1.0)])
def test_a_label_lies_in_the_picture_and_on_no_scale(box: tuple[float, float, float, float]) -> None:
    plain = np.full((480, 640, 3), 90, np.uint8)
    with_label, without = (annotated(plain, [Mark(box, text)]) for text in ("darkest", ""))
    rows, columns = np.nonzero((with_label != without).any(axis=2))
    assert len(rows) > 200
    assert rows.max() < 479
    assert 0 < columns.min() < columns.max() < 639
    if box == (0.0, 0.0, 1.0, 1.0):
        assert rows.min() > 240
        assert columns.min() > 320
