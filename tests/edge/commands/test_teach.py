"""``sorter teach``: from pictures and the simulated camera to a taught set, and from one bin to another."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from edge.cli import main
from edge.config.file import load_config
from edge.inference.bundle import read_bundle
from edge.models import model_path
from edge.service.assembly import assemble
from edge.service.taught import open_taught_set
from tests.builders.configuration import write_config
from tests.builders.pictures import item_picture, save, tray_picture, write_look
from tests.paths import ROOT

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")


@pytest.fixture(autouse=True)
def without_disk_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy disk takes a tenth of a second for each change."""
    monkeypatch.setattr("edge.teaching.taught_set.taught_database.SYNCHRONOUS", "OFF")


def teach(config_file: Path, *words: str | Path) -> int:
    return main(["teach", *map(str, words), "--config", str(config_file)])


def photo(folder: Path, name: str, number: int) -> Path:
    box = (0.3, 0.25 + 0.02 * number, 0.7, 0.7)
    return save(folder / f"{name}-{number}.png", item_picture(box, (200 - 30 * number, 40 + 20 * number, 40)))


SHORT = 7
"""Fewer features than any model gives."""


def archive_of_short_features(archive: Path) -> Path:
    """The archive with too few features of each look, beside the true name of their model."""
    with zipfile.ZipFile(archive) as whole:
        content = {name: whole.read(name) for name in whole.namelist()}
    listed = json.loads(content["manifest.json"]) | {"numbers": SHORT}
    content["manifest.json"] = json.dumps(listed).encode()
    content["features.bin"] = b"\1" * SHORT * sum(one["views"] for one in listed["pictures"])
    changed = archive.with_name("short.zip")
    with zipfile.ZipFile(changed, "w") as out:
        for name, one in content.items():
            out.writestr(name, one)
    return changed


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def taught_labels(config_file: Path) -> list[str]:
    with open_taught_set(load_config(config_file), read_only=True) as taught:
        return [entry.label for entry in taught.entries()]


def test_pictures_are_added_listed_dropped_and_brought_back(config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    glass = [photo(tmp_path, "bottle", number) for number in range(3)]
    assert teach(config_file, "add", "Glass", *glass) == 0
    assert capsys.readouterr().out == "glass: 3 pictures added, 3 in all\n"
    assert teach(config_file, "add", "battery", photo(tmp_path, "cell", 5), "--json") == 0
    assert rows(capsys.readouterr().out) == [
        {"label": "battery", "added": 1, "known": 0, "evicted": 0, "pictures": 1, "errors": []}
    ]
    assert teach(config_file, "list", "--json") == 0
    battery, glass_row = rows(capsys.readouterr().out)
    assert (battery["label"], battery["pictures"], battery["bin"]) == ("battery", 1, None)
    assert (glass_row["label"], glass_row["pictures"], glass_row["bin"]) == ("glass", 3, "glass")
    assert teach(config_file, "list") == 0
    shown = capsys.readouterr().out
    assert "battery has no bin yet, and would go to residual: add 'decision.labels.battery: BIN'" in shown
    assert "of 100 MB; last change: add battery: 1 picture from files ('sorter teach undo')" in shown
    assert teach(config_file, "drop", "GLASS") == 0
    assert capsys.readouterr().out == "3 pictures dropped ('sorter teach undo' brings them back); 1 picture is left\n"
    assert taught_labels(config_file) == ["battery"]
    assert teach(config_file, "undo") == 0
    assert taught_labels(config_file) == ["glass", "glass", "glass", "battery"]
    assert teach(config_file, "drop", "--pictures", "1", "3") == 0
    assert teach(config_file, "undo") == 0
    assert teach(config_file, "undo", "--redo") == 0
    assert taught_labels(config_file) == ["glass", "battery"]


def test_pictures_that_cannot_be_used_are_named_and_the_others_added(
    config_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    good, broken = photo(tmp_path, "bottle", 0), tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    assert teach(config_file, "add", "glass", good, broken) == 1
    captured = capsys.readouterr()
    assert captured.out == "glass: 1 picture added, 1 in all\n"
    assert "broken.jpg" in captured.err
    assert teach(config_file, "add", "glass", good, good) == 0
    assert "2 of the pictures were taught before, or given twice" in capsys.readouterr().out
    assert teach(config_file, "add", "metal", good) == 65
    assert "is taught as glass already (picture 1); drop that one first" in capsys.readouterr().err
    assert taught_labels(config_file) == ["glass"]


def look(folder: Path, number: int) -> Path:
    """A look at a thing that lies somewhere else for each number."""
    cover = np.zeros((240, 320), np.uint8)
    cover[80:160, 60 + 20 * number : 140 + 20 * number] = 255
    pixels = tray_picture()
    pixels[cover > 0] = (200, 40, 40)
    return write_look(folder / f"look-{number}", pixels, cover)


def test_looks_of_a_running_bin_are_taught(config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    looks = [look(tmp_path, number) for number in range(4)]
    assert teach(config_file, "seen", "Glass", *looks, "--json") == 0
    (told,) = rows(capsys.readouterr().out)
    assert (told["label"], told["added"], told["known"], told["errors"]) == ("glass", 4, 0, [])
    assert told["pictures"] == len(taught_labels(config_file)) == 4
    assert teach(config_file, "undo") == 0
    assert taught_labels(config_file) == []


def test_a_look_that_came_twice_is_taught_once(config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    once, other = look(tmp_path, 0), look(tmp_path, 1)
    again = tmp_path / "again"
    again.write_bytes(once.read_bytes())
    assert teach(config_file, "seen", "glass", once, again, other, "--json") == 0
    (told,) = rows(capsys.readouterr().out)
    assert (told["added"], told["known"], told["pictures"]) == (2, 1, 2)
    assert teach(config_file, "seen", "glass", again) == 0
    assert capsys.readouterr().out == (
        "glass: 0 pictures added, 2 in all\n  1 of the pictures was taught before, or given twice\n"
    )
    assert teach(config_file, "seen", "metal", once, tmp_path / "none") == 65
    assert "is taught as glass already (picture 1)" in capsys.readouterr().err
    assert taught_labels(config_file) == ["glass", "glass"]


def test_looks_that_cannot_be_used_are_named(config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(look(tmp_path, 0).read_bytes()[:200])
    assert teach(config_file, "seen", "glass", cut, look(tmp_path, 1)) == 1
    captured = capsys.readouterr()
    assert captured.out == "glass: 1 picture added, 1 in all\n"
    assert "cut: expected a look" in captured.err


def test_the_picture_of_the_empty_tray_tells_the_thing(config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    whole = save(tmp_path / "whole.png", item_picture((0.0, 0.2, 0.6, 0.7)))
    tray = save(tmp_path / "tray.png", tray_picture())
    assert teach(config_file, "add", "glass", whole, "--empty-tray", tray) == 0
    assert "1 cut off at the picture's edge" in capsys.readouterr().out
    small = save(tmp_path / "small.png", tray_picture(64, 64))
    assert teach(config_file, "add", "glass", whole, "--empty-tray", small) == 65
    assert "whole.png" in capsys.readouterr().err
    assert teach(config_file, "add", "glass", whole, "--empty-tray", tmp_path / "none.png") == 66


def test_pictures_on_which_no_thing_was_found_are_counted(config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    tray = save(tmp_path / "tray.png", tray_picture())
    assert teach(config_file, "add", "glass", tray, photo(tmp_path, "bottle", 1)) == 0
    assert "1 on which no thing was found: the whole picture counts" in capsys.readouterr().out
    assert teach(config_file, "list", "--json") == 0
    (row,) = rows(capsys.readouterr().out)
    assert (row["pictures"], row["whole"]) == (2, 1)
    assert teach(config_file, "list") == 0
    assert "no thing found" in capsys.readouterr().out
    assert teach(config_file, "add", "paper", photo(tmp_path, "sheet", 3)) == 0
    assert teach(config_file, "fit", "--out", tmp_path / "new.head", "--only-taught") == 0
    assert "glass: 1 of 2 pictures are taken whole: no thing was found; a plain tray" in capsys.readouterr().err


def test_nothing_taught_is_no_error_to_list(config_file: Path, capsys: Capture) -> None:
    assert teach(config_file, "list") == 0
    assert "nothing is taught yet" in capsys.readouterr().out
    assert teach(config_file, "undo") == 0
    assert "there is nothing to undo" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["drop"], 2, "expected a LABEL, --pictures or --near-duplicates"),
        (["drop", "glass"], 65, "label glass: nothing is taught under it; labels are none"),
        (["drop", "--pictures", "4"], 65, "picture 4: is not in the taught set"),
        (["drop", "--pictures", "0"], 2, "expected a whole number >= 1"),
        (["add", "a/b", "photo.png"], 65, "it names a folder"),
        (
            ["capture", "battery", "--count", "1"],
            78,
            "has no picture labelled battery; its labels are cardboard, glass",
        ),
        (["capture", "../up", "--count", "1"], 65, "it names a folder"),
        (["export", "out.zip"], 74, "nothing has been taught yet"),
        (["import", "none.zip"], 66, "no such file"),
    ],
)
def test_what_cannot_be_done_is_said(
    words: list[str], code: int, text: str, config_file: Path, capsys: Capture
) -> None:
    if code == 2:
        with pytest.raises(SystemExit, match="2"):
            teach(config_file, *words)
    else:
        assert teach(config_file, *words) == code
    assert text in capsys.readouterr().err


def test_the_simulated_camera_teaches(config_file: Path, capsys: Capture) -> None:
    assert teach(config_file, "capture", "glass", "--count", "2", "--json") == 0
    found = rows(capsys.readouterr().out)
    assert [(row["label"], row["count"], row["number"]) for row in found] == [("glass", 1, 1), ("glass", 2, 2)]
    assert taught_labels(config_file) == ["glass", "glass"]
    assert teach(config_file, "undo") == 0
    assert taught_labels(config_file) == [], "one capture is one change"
    capsys.readouterr()
    assert teach(config_file, "list") == 0
    assert "nothing is taught any more" in capsys.readouterr().out


def test_the_camera_of_a_running_sorter_is_left_to_it(config_file: Path, capsys: Capture) -> None:
    with assemble(load_config(config_file)):
        assert teach(config_file, "capture", "glass") == 69
    error = capsys.readouterr().err
    assert "the sorter is running" in error
    assert "sudo systemctl stop sorter" in error
    assert not (load_config(config_file).teaching_folder / "taught.sqlite").exists()


def test_another_bin_starts_from_what_was_taught(config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    for number, label in enumerate(("glass", "metal")):
        assert teach(config_file, "add", label, photo(tmp_path, label, number)) == 0
    archive = tmp_path / "taught.zip"
    assert teach(config_file, "export", archive) == 0
    with pytest.raises(SystemExit, match="2"):
        teach(config_file, "export", archive)
    capsys.readouterr()
    other = write_config(tmp_path / "other" / "sorter.yaml", {"decision": {"labels": {"glass": "glass"}}})
    third = write_config(tmp_path / "third" / "sorter.yaml", {"model": {"file": str(model_path("bin8"))}})
    fourth = write_config(tmp_path / "fourth" / "sorter.yaml", {})
    assert teach(other, "import", archive, "--check") == 0
    assert "2 pictures of glass, metal" in capsys.readouterr().out
    for config, model in ((other, "trashnet6"), (third, "bin8")):
        assert teach(config, "import", archive) == 0
        assert teach(config, "import", archive) == 65
        assert "all of it is taught here already" in capsys.readouterr().err
        assert taught_labels(config) == ["glass", "metal"]
        sha256 = read_bundle(model_path(model)).manifest.sha256
        with open_taught_set(load_config(config), read_only=True) as taught:
            assert taught.examples(sha256).features.shape[:2] == (2, 4), model
    assert teach(third, "import", archive_of_short_features(archive)) == 65
    assert teach(fourth, "import", archive_of_short_features(archive)) == 0
    with open_taught_set(load_config(fourth), read_only=True) as taught:
        sha256 = read_bundle(model_path("trashnet6")).manifest.sha256
        assert taught.examples(sha256).features.shape[2] > SHORT, "made anew"
    archive.write_bytes(archive.read_bytes()[:-100])
    assert teach(other, "import", archive) == 65


def test_what_was_taught_under_two_spellings_elsewhere_is_one_label_here(config_file: Path, tmp_path: Path) -> None:
    for number, label in enumerate(("dose", "becher")):
        assert teach(config_file, "add", label, photo(tmp_path, label, number)) == 0
    with closing(sqlite3.connect(load_config(config_file).teaching_folder / "taught.sqlite")) as database, database:
        database.execute("UPDATE picture SET label = 'DOSE' WHERE label = 'becher'")
    assert set(taught_labels(config_file)) == {"DOSE", "dose"}
    assert teach(config_file, "export", tmp_path / "taught.zip") == 0
    for name, own in (("empty", ()), ("taught", ("Dose",))):
        other = write_config(tmp_path / name / "sorter.yaml", {})
        for label in own:
            assert teach(other, "add", label, photo(tmp_path, "own", 5)) == 0
        assert teach(other, "import", tmp_path / "taught.zip") == 0
        assert set(taught_labels(other)) == set(own or ("DOSE",))


@pytest.mark.slow
def test_ctrl_c_ends_a_capture_and_keeps_what_was_taken(config_file: Path) -> None:
    command = [sys.executable, "-m", "edge", "teach", "capture", "glass", "--config", str(config_file)]
    command += ["--set", "simulation.speed=10"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("glass 2"):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == 0
    assert "in all" in rest
    assert len(taught_labels(config_file)) >= 2
