"""The command line, called in this process and in a child process."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from edge.cli import main
from edge.commands.events import since
from edge.config.invocation import invocation
from edge.inference.bundle import read_bundle, write_bundle
from edge.inference.manifest import OutOfDistributionSpec
from edge.records.event_log import EventLog
from hardware.pictures.damage import finds_jpeg_damage
from tests.builders.configuration import BINS, write_config
from tests.builders.pictures import damaged_in_the_middle, item_picture, save, tray_picture
from tests.builders.sprites import make_sprites
from tests.builders.values import LABELS, make_event
from tests.paths import ROOT
from tests.processes import run_sorter, until

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    save(folder / "a.jpg", item_picture())
    save(folder / "deep" / "b[bold].png", item_picture(colour=(30, 60, 200)))
    return folder


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


# --- classify ---------------------------------------------------------------------------------------------------------


def test_classify_json_is_one_object_a_line_and_nothing_else(
    model_file: Path, config_file: Path, pictures: Path, capsys: Capture
) -> None:
    assert main(["classify", str(pictures), "--json", "--config", str(config_file)]) == 0
    captured = capsys.readouterr()
    found = rows(captured.out)
    assert [row["path"] for row in found] == [str(pictures / "a.jpg"), str(pictures / "deep" / "b[bold].png")]
    for row in found:
        assert set(row) == {"path", "label", "confidence", "probabilities", "bin", "reason", "score", "latency_ms"}
        assert isinstance(row["score"], float)
        assert row["reason"] in ("confident", "unsure", "unknown")
        probabilities = row["probabilities"]
        assert isinstance(probabilities, dict)
        assert set(probabilities) == set(LABELS)
        assert sum(probabilities.values()) == pytest.approx(1, abs=1e-3)
        assert row["confidence"] == max(probabilities.values()) == probabilities[row["label"]]
        assert row["bin"] in (BINS[str(row["label"])], "residual")
    assert captured.err == ""


def test_classify_prints_a_table_with_the_names_as_they_are(
    model_file: Path, config_file: Path, pictures: Path, capsys: Capture
) -> None:
    assert main(["classify", str(pictures), "--config", str(config_file)]) == 0
    captured = capsys.readouterr()
    assert "b[bold].png" in captured.out
    assert captured.err == ""


def test_classify_takes_several_paths_in_their_order(
    model_file: Path, config_file: Path, pictures: Path, capsys: Capture
) -> None:
    paths = [str(pictures / "deep"), str(pictures / "a.jpg")]
    assert main(["classify", *paths, "--json", "--config", str(config_file)]) == 0
    assert [Path(str(row["path"])).name for row in rows(capsys.readouterr().out)] == ["b[bold].png", "a.jpg"]


def test_classify_view_full_and_empty_tray_change_what_is_seen(
    model_file: Path, config_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    rng = np.random.default_rng(0)
    stained = tray_picture()
    stained[20:90, 20:90] = rng.integers(0, 256, (70, 70, 3))
    with_item = stained.copy()
    with_item[130:200, 200:280] = (190, 40, 40)
    picture, tray = save(tmp_path / "p.png", with_item), save(tmp_path / "tray.png", stained)
    answers = []
    for options in ([], ["--view", "full"], ["--empty-tray", str(tray)]):
        assert main(["classify", str(picture), "--json", "--config", str(config_file), *options]) == 0
        answers.append(rows(capsys.readouterr().out)[0]["probabilities"])
    assert answers[0] != answers[1]
    assert answers[0] != answers[2]


def test_classify_names_an_empty_tray_that_is_not_there(
    model_file: Path, config_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    options = ["--config", str(config_file), "--empty-tray", str(tmp_path / "nix.jpg")]
    assert main(["classify", str(save(tmp_path / "p.png", item_picture())), *options]) == 66
    assert capsys.readouterr().err == f"sorter: error: --empty-tray: {tmp_path / 'nix.jpg'}: no such file\n"


def test_run_needs_no_standard_output(config_file: Path, tmp_path: Path) -> None:
    command = f"exec {shlex.quote(sys.executable)} -m edge run --items 1 --config {shlex.quote(str(config_file))} >&-"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, stderr=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize(
    ("program", "config", "typed"),
    [
        ("/somewhere/edge/__main__.py", "config.yaml", "python -m edge run"),
        ("{path}/sorter", "config.yaml", "sorter run"),
        ("{path}/sorter", "/etc/my bin/c.yaml", "sorter run --config '/etc/my bin/c.yaml'"),
        ("/elsewhere/sorter-2", "config.yaml", "/elsewhere/sorter-2 run"),
    ],
)
def test_advice_names_a_command_as_it_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, config: str, typed: str
) -> None:
    (tmp_path / "sorter").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [program.format(path=tmp_path)])
    assert invocation("run", config=Path(config)) == typed


def test_classify_takes_bins_from_the_model_for_labels_the_configuration_does_not_know(
    model_file: Path, tmp_path: Path, pictures: Path, capsys: Capture
) -> None:
    config = write_config(tmp_path / "c.yaml")
    text = config.read_text().replace("cardboard: paper", "battery: residual")
    config.write_text(text)
    assert main(["classify", str(pictures / "a.jpg"), "--json", "--config", str(config)]) == 0
    assert rows(capsys.readouterr().out)[0]["bin"] in {*BINS.values()}


def _renamed(model_file: Path, path: Path, **labels: str) -> Path:
    """The model with some of its labels under other names, and without bins."""
    bundle = read_bundle(model_file)
    names = tuple(labels.get(label, label) for label in bundle.manifest.labels)
    manifest = bundle.manifest.model_copy(update={"labels": names, "bins": {}, "bin_confidence": {}})
    write_bundle(path, bundle.flatbuffer, manifest)
    return path


def test_a_models_labels_in_another_case_are_the_configurations(
    model_file: Path, config_file: Path, pictures: Path, tmp_path: Path, capsys: Capture
) -> None:
    names = {label: label.capitalize() for label in LABELS}
    arguments = ["classify", str(pictures), "--json", "--config", str(config_file)]
    assert main([*arguments, "--model", str(_renamed(model_file, tmp_path / "same.tflite"))]) == 0
    expected = [row["bin"] for row in rows(capsys.readouterr().out)]
    assert main([*arguments, "--model", str(_renamed(model_file, tmp_path / "m.tflite", **names))]) == 0
    captured = capsys.readouterr()
    found = rows(captured.out)
    assert {row["label"] for row in found} <= set(names.values())
    assert [row["bin"] for row in found] == expected
    assert captured.err == ""


def test_labels_without_a_bin_are_named_and_are_no_confident_residual(
    model_file: Path,
    config_file: Path,
    pictures: Path,
    tmp_path: Path,
    capsys: Capture,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = _renamed(model_file, tmp_path / "m.tflite", **{label: f"[{label} x]" for label in LABELS})
    arguments = ["classify", str(pictures), "--config", str(config_file), "--model", str(model)]
    assert main([*arguments, "--json"]) == 0
    found = rows(capsys.readouterr().out)
    assert {row["reason"] for row in found} == {"no_bin"}
    assert "have no bin, neither in decision.labels nor in the model" in caplog.text
    assert main(arguments) == 0
    assert str(found[0]["label"]) in capsys.readouterr().out


def test_classify_tells_what_it_leaves_out_of_a_folder(
    model_file: Path, config_file: Path, pictures: Path, capsys: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    save(pictures / ".ipynb_checkpoints" / "a.jpg", item_picture())
    save(pictures / "@eaDir" / "a.jpg", item_picture())
    os.mkfifo(pictures / "pipe.jpg")
    odd = os.fsdecode(b"caf\xe9.jpg")
    save(pictures / "deep" / odd, item_picture())
    assert main(["classify", str(pictures), "--json", "--config", str(config_file)]) == 0
    assert len(rows(capsys.readouterr().out)) == 3
    for text in ("hidden: .ipynb_checkpoints", "another program: @eaDir", "pipe.jpg"):
        assert text in caplog.text
    assert main(["classify", str(pictures / "deep" / odd), "--config", str(config_file)]) == 0
    assert r"caf\xe9.jpg" in capsys.readouterr().out


@pytest.mark.skipif(not finds_jpeg_damage(), reason="simplejpeg is not installed")
def test_classify_refuses_a_damaged_jpeg_unless_it_is_to_be_kept(
    model_file: Path, config_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    path = save(tmp_path / "hole.jpg", noise)
    path.write_bytes(damaged_in_the_middle(path.read_bytes()))
    arguments = ["classify", str(path), "--json", "--config", str(config_file)]
    assert main(arguments) == 1
    assert f"{path}: the JPEG is damaged" in str(rows(capsys.readouterr().out)[0]["error"])
    assert main([*arguments, "--keep-damaged"]) == 0


def test_classify_reports_what_the_model_does_not_know(
    model_file: Path, config_file: Path, pictures: Path, tmp_path: Path, capsys: Capture
) -> None:
    bundle = read_bundle(model_file)
    manifest = bundle.manifest.model_copy(update={"unknown": OutOfDistributionSpec(score="energy", least=1000.0)})
    write_bundle(tmp_path / "m.tflite", bundle.flatbuffer, manifest)
    arguments = ["classify", str(pictures / "a.jpg"), "--json", "--config", str(config_file)]
    arguments += ["--model", str(tmp_path / "m.tflite")]
    found = []
    for override in ("decision.unknown=model", "decision.unknown=-1000", "decision.unknown=never"):
        assert main([*arguments, "--set", override]) == 0
        found += rows(capsys.readouterr().out)
    assert (found[0]["reason"], found[0]["bin"]) == ("unknown", "residual")
    assert {row["reason"] for row in found[1:]} <= {"confident", "unsure"}
    assert isinstance(found[0]["score"], float)
    assert found[0]["score"] == found[1]["score"] == found[2]["score"]


def test_classify_refuses_a_least_score_for_a_model_that_gives_none(
    model_file: Path, config_file: Path, pictures: Path, tmp_path: Path, capsys: Capture
) -> None:
    shipped, plain = read_bundle(model_file), tmp_path / "plain.tflite"
    write_bundle(plain, shipped.flatbuffer, shipped.manifest.model_copy(update={"unknown": None}))
    arguments = ["classify", str(pictures), "--config", str(config_file), "--set", "decision.unknown=3"]
    assert main([*arguments, "--model", str(plain)]) == 78
    assert "decision.unknown: got 3, but the model" in capsys.readouterr().err


# --- model ------------------------------------------------------------------------------------------------------------


def test_model_info_prints_the_manifest(model_file: Path, capsys: Capture) -> None:
    assert main(["model", "info", str(model_file)]) == 0
    table = capsys.readouterr().out
    assert main(["model", "info", str(model_file), "--json"]) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert tuple(manifest["labels"]) == LABELS
    assert manifest["name"] in table
    for label in LABELS:
        assert f"{label} -> " in table


# --- events -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def log_with_events(config_file: Path) -> Path:
    now_s = time.time()
    with EventLog(config_file.parent / "state" / "events.sqlite") as log:
        log.start_session(wall_s=now_s, model="m")
        log.record(make_event(1, wall_s=now_s - 7200, label="metal", bin="packaging"))
        log.record(make_event(2, wall_s=now_s - 60, wall_synced=False))
        log.record_outcome(1, "done", fell=2, joined=1)
    return config_file


def test_events_lists_what_was_sorted(log_with_events: Path, capsys: Capture) -> None:
    assert main(["events", "--config", str(log_with_events)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("20")]
    assert len(lines) == 2
    assert "metal" in lines[0]
    assert "done" in lines[0]
    assert "2 of 1+1" in lines[0], "one was decided, another joined it, both fell"
    assert "- of 1+-" in lines[1], "not known yet"
    assert "?" in lines[1], "a clock that nobody has set is marked"
    assert "?" not in lines[0]


def test_events_json_and_since(log_with_events: Path, capsys: Capture) -> None:
    for option, numbers in (("0s", []), ("5m", [2]), ("3h", [1, 2])):
        assert main(["events", "--config", str(log_with_events), "--json", "--since", option]) == 0
        assert [row["number"] for row in rows(capsys.readouterr().out)] == numbers


def test_events_of_an_empty_log_says_so(config_file: Path, capsys: Capture) -> None:
    EventLog(config_file.parent / "state" / "events.sqlite").close()
    assert main(["events", "--config", str(config_file)]) == 0
    assert capsys.readouterr().out.strip() == "no events"
    assert main(["events", "--config", str(config_file), "--json"]) == 0
    assert capsys.readouterr().out == ""


def test_since_understands_spans_and_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.commands.events.time.time", lambda: 1_000_000.0)
    assert since("90m").wall_s == 1_000_000 - 5400
    assert since("1.5h").wall_s == 1_000_000 - 5400
    assert since("2d").wall_s == 1_000_000 - 2 * 86400
    assert since(" 1w ").wall_s == 1_000_000 - 7 * 86400
    assert since("2026-05-01T12:30").wall_s == datetime(2026, 5, 1, 12, 30).timestamp()
    assert since("2026-05-01T12:30+02:00").wall_s == datetime.fromisoformat("2026-05-01T10:30+00:00").timestamp()


# --- usage ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "COMMAND"),
        (["dance"], "invalid choice: 'dance'"),
        (["classify"], "PATH"),
        (["classify", "x", "--view", "half"], "invalid choice: 'half'"),
        (
            ["events", "--since", "tomorrow"],
            "expected today, 90m, 2h, 7d or a date like 2026-05-01T12:30, got 'tomorrow'",
        ),
        (["events", "--since", "0001-01-01"], "expected today, 90m, 2h, 7d or a date"),
        (["run", "--duration", "0"], "expected seconds > 0, got '0'"),
        (["run", "--duration", "long"], "expected seconds > 0, got 'long'"),
        (["run", "--duration", "nan"], "expected seconds > 0, got 'nan'"),
        (["run", "--items", "0"], "expected a whole number >= 1, got '0'"),
        (["run", "--items", "2.5"], "expected a whole number >= 1, got '2.5'"),
        (["model"], "ACTION"),
    ],
)
def test_wrong_usage_is_reported_and_exits_with_2(arguments: list[str], text: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert text in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["run", "--help"], ["classify", "--help"], ["events", "--help"], ["model", "info", "--help"]],
)
def test_help_is_printed(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    assert "usage: sorter" in capsys.readouterr().out


@pytest.mark.parametrize("order", [["--debug", "events"], ["events", "--debug"]])
def test_debug_shows_the_trace_before_the_line(config_file: Path, order: list[str]) -> None:
    ran = run_sorter(*order, "--config", config_file)
    assert ran.code == 74
    assert "Traceback (most recent call last)" in ran.err
    assert ran.err.splitlines()[-1] == ran.errors[0]
    assert "Traceback" not in run_sorter("events", "--config", config_file).err


# --- the process ------------------------------------------------------------------------------------------------------


@pytest.fixture
def sim_config(tmp_path: Path) -> Path:
    """Configuration of a simulated bin with its own sprites."""
    make_sprites(tmp_path / "sprites")
    return write_config(tmp_path / "sim.yaml", {"simulation": {"photos": "sprites"}})


def test_run_sorts_the_simulated_bin_and_prints_the_score(model_file: Path, sim_config: Path) -> None:
    ran = run_sorter("run", "--config", sim_config, "--items", 2)
    assert ran.code == 0, ran.err
    assert "2 items in" in ran.out
    assert "score against the truth" in ran.out
    assert "SIMULATED" in ran.err
    assert len([line for line in ran.err.splitlines() if " INFO    item " in line]) == 2
    listed = run_sorter("events", "--config", sim_config, "--json")
    assert [row["outcome"] for row in rows(listed.out)] == ["done", "done"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_cleanly(
    model_file: Path, sim_config: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """The clean end is recorded: the next start does not home the flaps."""
    command = [sys.executable, "-m", "edge", "run", "--config", str(sim_config), "--set", "simulation.speed=1"]
    err = tmp_path / "err.txt"
    with err.open("wb") as sink, subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=sink) as process:
        try:
            assert until(lambda: "SIMULATED" in err.read_text(), 30), err.read_text()
            process.send_signal(number)
            out, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0, err.read_text()
    assert f"{number.name}: stopping" in err.read_text()
    assert b"items in" in out
    with EventLog(tmp_path / "state" / "events.sqlite") as log:
        assert log.start_session(wall_s=0.0, model="m") is False


def test_a_reader_that_leaves_early_is_no_error(log_with_events: Path) -> None:
    with EventLog(log_with_events.parent / "state" / "events.sqlite") as log:
        log.start_session(wall_s=1.0, model="m")
        for number in range(600):
            log.record(make_event(number + 1, label="x" * 300))
    command = f"{sys.executable} -m edge events --json --config {log_with_events} | head -1"
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert len(ran.stdout.splitlines()) == 1
    assert ran.stderr == ""
    assert ran.returncode == 0
