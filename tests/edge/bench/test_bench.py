"""The benchmark: its arithmetic, and the command on the simulated bin and on clips."""

import json
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.bench.clip import read_clip
from edge.bench.comparison import FIGURES, compare
from edge.bench.cpu_usage import paced
from edge.bench.machine_info import read_machine_info
from edge.bench.sort_cycle import SortCycle, sort_cycle
from edge.bench.timings import LatencyPercentiles, Timings
from edge.board import parse_throttled, temperature_c
from edge.cli import main
from edge.config.file import load_config
from edge.errors import PictureError
from hardware.clock import ManualClock
from tests.builders.configuration import write_config
from tests.builders.pictures import Pixels, item_picture, save, tray_picture

Capture = pytest.CaptureFixture[str]

QUICK = ("--frames", "60", "--seconds", "0.1")


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")


@pytest.fixture(autouse=True)
def one_cold_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """One start is enough to test that it works."""
    monkeypatch.setattr("edge.bench.session.STARTS", 1)


# --- arithmetic -------------------------------------------------------------------------------------------------------


def test_a_cycle_is_what_the_configuration_and_the_times_add_up_to(tmp_path: Path) -> None:
    config = load_config(
        write_config(tmp_path / "c.yaml", {"camera": {"fps": 10}, "tray": {"settle_s": 0.5}, "decision": {"views": 3}})
    )
    one = sort_cycle(config, step_s=0.002, record_s=0.01)
    assert one.settle_s == 0.5
    assert one.camera_s == pytest.approx(0.4)  # three views, and one that shows the tray empty
    assert one.processing_s == pytest.approx(0.012)
    assert one.flap_s == pytest.approx(1.4)  # dwell 1.0, travel 0.4: the slowest flap
    assert one.items_per_min == pytest.approx(60 / 2.312)


def test_the_measured_pace_of_the_camera_counts_where_there_is_one(config_file: Path) -> None:
    config = load_config(config_file)
    assert sort_cycle(config, step_s=0.001, record_s=0.0, fps=5.0).camera_s == pytest.approx((4 + 1) / 5)


def test_a_line_slower_than_the_camera_is_waited_for_on_every_frame(config_file: Path) -> None:
    one = sort_cycle(load_config(config_file), step_s=1.0, record_s=0.0, fps=10.0)
    assert one.processing_s == pytest.approx(1.0 + 5 * 0.9)
    assert one.limit == "processor"


@pytest.mark.parametrize(
    ("changes", "limit", "text"),
    [
        ({"settle_s": 2.0}, "settling", "settling (tray.settle_s) is the limit"),
        ({"camera_s": 2.0}, "camera", "the camera is the limit: 2.00 of the 3.50 s"),
        ({"processing_s": 2.0}, "processor", "the processor is the limit"),
        ({"flap_s": 2.0}, "flaps", "the flaps are the limit"),
        ({"openings_per_min": 20}, "duty", "up to 20 items a minute; the duty limit"),
    ],
)
def test_the_verdict_names_what_takes_the_time(changes: dict[str, float], limit: str, text: str) -> None:
    values = {"settle_s": 0.5, "camera_s": 0.5, "processing_s": 0.5, "flap_s": 0.5, "openings_per_min": 60} | changes
    one = SortCycle(**values)
    assert one.limit == limit
    assert text in one.summary()


def test_percentiles_are_in_milliseconds() -> None:
    found = LatencyPercentiles.of([0.001 * number for number in range(1, 102)])
    assert (found.p50_ms, found.p95_ms, found.p99_ms, found.count) == (51.0, 96.0, 100.0, 101)


def test_a_ratio_pairs_the_times_of_one_turn() -> None:
    """A busy moment slows both down and leaves the ratio unchanged."""
    timings = Timings()
    for slowness in (1.0, 1.0, 40.0):
        timings.add("whole", 0.003 * slowness)
        timings.add("invoke", 0.002 * slowness)
    assert timings.ratio("whole", "invoke") == pytest.approx(1.5)
    assert timings.ratio("whole", "never timed") is None


def test_a_paced_run_keeps_the_pace_of_its_clock() -> None:
    clock, at = ManualClock(), []

    def step() -> None:
        at.append(clock.now_s())
        clock.advance(0.01)

    usage = paced(step, fps=10, seconds=1.0, clock=clock)
    assert at == pytest.approx([number / 10 for number in range(10)])
    assert usage.frames == 10


def test_the_throttling_bits_of_a_raspberry_pi_are_named() -> None:
    assert parse_throttled("throttled=0x0\n") == []
    assert parse_throttled("throttled=0x50005\n") == [
        "under-voltage now",
        "throttled now",
        "under-voltage since start",
        "throttled since start",
    ]
    assert parse_throttled("command not registered") is None


def test_the_machine_is_read_from_its_files(tmp_path: Path) -> None:
    for file, text in {
        "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "ondemand\n",
        "sys/class/thermal/thermal_zone0/temp": "48312\n",
        "sys/class/thermal/thermal_zone1/temp": "51000\n",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    machine = read_machine_info(tmp_path)
    assert (machine.cpu, machine.governor) == ("Raspberry Pi 4 Model B Rev 1.4", "ondemand")
    assert temperature_c(tmp_path) == 51.0


def test_a_machine_without_sensors_says_so(tmp_path: Path) -> None:
    assert read_machine_info(tmp_path).governor is None
    assert temperature_c(tmp_path) is None


# --- clips ------------------------------------------------------------------------------------------------------------


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    for number in (2, 0, 1):
        save(tmp_path / f"{number}.png", np.full((48, 64, 3), 10 * number, np.uint8))
    assert [int(frame[0, 0, 0]) for frame in read_clip(tmp_path)] == [0, 10, 20]


def test_a_video_gives_all_of_its_frames_in_rgb(tmp_path: Path) -> None:
    frames = list(read_clip(video(tmp_path / "clip.avi", [item_picture(colour=(220, 30, 30))] * 7)))
    assert len(frames) == 7
    red, _, blue = frames[0][120, 160]
    assert red > 150 > blue


def test_frames_of_two_sizes_are_refused_by_number(tmp_path: Path) -> None:
    save(tmp_path / "a.png", tray_picture(64, 48))
    save(tmp_path / "b.png", tray_picture(80, 48))
    with pytest.raises(PictureError, match="frame 1 has 80x48 pixels, the first 64x48"):
        list(read_clip(tmp_path))


# --- the command ------------------------------------------------------------------------------------------------------


def test_it_measures_the_simulated_bin_and_ends_with_a_verdict(
    tmp_path: Path, model_file: Path, capsys: Capture
) -> None:
    config = write_config(tmp_path / "c.yaml", {"tray": {"learn_s": 0.5}, "simulation": {"settle_s": [0.05, 0.1]}})
    command = ["bench", "--config", str(config), "--frames", "60", "--seconds", "0.6", "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["stages_ms"]) == {
        *("camera", "presence", "idle", "view", "classify", "vote and policy", "whole", "bare invoke", "record")
    }
    for stage in found["stages_ms"].values():
        assert 0 < stage["p50_ms"] <= stage["p95_ms"] <= stage["p99_ms"]
    assert found["camera"]["frames"] == 60 == found["stages_ms"]["presence"]["count"]
    assert found["camera"]["frames_with_item"] == found["stages_ms"]["view"]["count"] > 0
    shares = found["shares"]
    assert set(shares) == {f"{what} at {fps} frames/s" for what in ("idle", "sorting") for fps in (15, 30)}
    assert shares["idle at 15 frames/s"]["invokes"] == 0
    assert shares["sorting at 30 frames/s"]["invokes"] > 0
    assert found["model"]["threads"] == 1
    assert found["start"]["ready_s"] >= found["start"]["made_s"] > 0
    assert found["whole_beside_invoke"] > 1
    assert {one.name for one in compare(lambda: found, lambda: found, turns=1)} == set(FIGURES)
    assert found["verdict"]["text"].startswith("this machine sorts up to ")
    assert not (tmp_path / "state").exists(), "the bench keeps no records"


def test_a_clip_stands_in_for_the_camera(tmp_path: Path, config_file: Path, model_file: Path, capsys: Capture) -> None:
    clip = video(tmp_path / "clip.avi", noisy(tray_picture(), 25) + noisy(item_picture(), 25))
    assert main(["bench", "--config", str(config_file), "--clip", str(clip), *QUICK]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "clip.avi: 50 of 320x240" in out
    assert "bare invoke" in out
    assert "items a minute" in out


def test_a_clip_without_an_item_says_what_is_missing(
    tmp_path: Path, config_file: Path, model_file: Path, capsys: Capture
) -> None:
    for number, frame in enumerate(noisy(tray_picture(), 5)):
        save(tmp_path / "clip" / f"{number:03d}.png", frame)
    command = ["bench", "--config", str(config_file), "--clip", str(tmp_path / "clip"), *QUICK, "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["camera"]["frames_with_item"] == 0
    assert found["stages_ms"]["view"]["count"] > 0  # of the whole picture
    assert [name for name in found["shares"] if "sorting" in name] == []


def test_an_item_that_is_seen_too_shortly_is_made_up_for(
    tmp_path: Path, config_file: Path, model_file: Path, capsys: Capture
) -> None:
    """Two frames at rest decide nothing; the whole picture is classified so that there is a decision to record."""
    clip = video(tmp_path / "clip.avi", noisy(tray_picture(), 25) + noisy(item_picture(), 6))
    assert main(["bench", "--config", str(config_file), "--clip", str(clip), *QUICK, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert 0 < found["camera"]["frames_with_item"] < 4
    assert found["stages_ms"]["record"]["count"] > 0


def test_ctrl_c_prints_what_was_measured(
    config_file: Path, model_file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("edge.bench.session.paced", stop)
    assert main(["bench", "--config", str(config_file), *QUICK, "--json"]) == 130
    found = json.loads(capsys.readouterr().out)
    assert found["interrupted"] is True
    assert found["stages_ms"]["presence"]["count"] == 60
    assert found["start"] is None


def test_nothing_else_runs_while_the_cpu_usage_is_measured(
    config_file: Path, model_file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")  # on a terminal, where the progress is shown
    before = set(threading.enumerate())
    others: list[threading.Thread] = []

    def look(*_: Any, **__: Any) -> None:
        others.extend(set(threading.enumerate()) - before)
        raise KeyboardInterrupt

    monkeypatch.setattr("edge.bench.session.paced", look)
    assert main(["bench", "--config", str(config_file), *QUICK]) == 130
    assert others == []
    assert "idle at 15 frames/s" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "code", "text"),
    [
        (None, 66, "no such file or folder; expected a video or a folder of frames"),
        ("folder", 66, "no images in this folder"),
        (b"", 65, "no frame in it; expected a video that OpenCV can decode"),
        (b"not a video" * 100, 65, "no frame in it; expected a video that OpenCV can decode"),
    ],
)
def test_a_clip_that_holds_nothing_is_one_clear_line(
    content: Any, code: int, text: str, tmp_path: Path, config_file: Path, model_file: Path, capsys: Capture
) -> None:
    clip = tmp_path / "clip.mp4"
    if content == "folder":
        clip.mkdir()
    elif content is not None:
        clip.write_bytes(content)
    assert main(["bench", "--config", str(config_file), "--clip", str(clip), *QUICK]) == code
    captured = capsys.readouterr()
    assert text in captured.err
    assert len(captured.err.splitlines()) == 1
    assert captured.out == ""


def noisy(pixels: Pixels, frames: int) -> list[Pixels]:
    """The picture ``frames`` times, each with other noise."""
    random = np.random.default_rng(0)
    return [np.clip(pixels + random.normal(0, 1.5, pixels.shape), 0, 255).astype(np.uint8) for _ in range(frames)]


def video(path: Path, frames: list[Pixels]) -> Path:
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15, (width, height))
    for frame in frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path
