"""``sorter teach fit``: from a folder of label folders, or from what the bin was taught, to a head."""

import json
import re
from pathlib import Path

import pytest

from edge.cli import main
from edge.inference.head_file import read_head
from tests.builders.pictures import item_picture, save, tray_picture

Capture = pytest.CaptureFixture[str]

COLOURS = {"red thing": (200, 40, 40), "green thing": (40, 180, 60)}
"""Label -> its colour: easy to tell, for any head."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setattr("edge.teaching.taught_set.taught_database.SYNCHRONOUS", "OFF")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for label, colour in COLOURS.items():
        for number in range(4):
            box = (0.3 - 0.03 * number, 0.25, 0.6 + 0.02 * number, 0.6 + 0.03 * number)
            save(folder / label / f"{number}.png", item_picture(box, colour, seed=number))
    return folder


def fit(config_file: Path, *words: str | Path) -> int:
    return main(["teach", "fit", *map(str, words), "--config", str(config_file)])


def test_a_folder_of_label_folders_gives_a_head_that_answers(
    photos: Path, config_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    head = tmp_path / "new.head"
    assert fit(config_file, photos, "--out", head, "--only-taught", "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert found["head"] == str(head)
    assert sorted(found["labels"]) == sorted(COLOURS)
    assert found["pictures"] == dict.fromkeys(sorted(COLOURS), 4)
    assert found["accuracy"] == 1.0
    assert found["old"] is None
    assert any("few pictures (4)" in warning for warning in found["warnings"])
    assert sorted(read_head(head).labels) == sorted(COLOURS)
    assert main(["classify", str(photos), "--json", "--head", str(head), "--config", str(config_file)]) == 0
    for row in map(json.loads, capsys.readouterr().out.splitlines()):
        assert row["label"] == Path(row["path"]).parent.name


def test_what_the_bin_was_taught_gives_one_unless_it_forgets_too_much(
    photos: Path, config_file: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fit(config_file, "--out", tmp_path / "none.head") == 66
    assert "nothing is taught yet" in capsys.readouterr().err
    for label in COLOURS:
        assert main(["teach", "add", label, str(photos / label), "--config", str(config_file)]) == 0
    monkeypatch.setattr("edge.commands.teach.fit.MOST_FORGOTTEN", -1.0)
    assert fit(config_file, "--out", tmp_path / "own.head") == 1
    assert "not written" in capsys.readouterr().err
    assert not (tmp_path / "own.head").exists()
    assert fit(config_file, "--out", tmp_path / "own.head", "--force") == 0
    captured = capsys.readouterr()
    assert "8 pictures of 2 labels" in captured.out
    assert "like those of its training, not on this bin's" in captured.out
    assert "not taught here: cardboard, glass," in captured.err
    assert set(COLOURS) < set(read_head(tmp_path / "own.head").labels)


def test_the_figures_of_a_bin_are_counts_with_a_range(
    photos: Path, config_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    for label, name in zip(COLOURS, ("glass", "paper"), strict=True):
        (tmp_path / "photos").mkdir(exist_ok=True)
        (tmp_path / "photos" / name).symlink_to(photos / label)
    assert fit(config_file, tmp_path / "photos", "--out", tmp_path / "new.head", "--only-taught") == 0
    said = capsys.readouterr().out
    assert re.search(r"glass .* 4 of 4 \(40 to 100%\) .* 0 of 4 \(0 to 60%\)", said)
    assert re.search(r"of other things than were shown: perhaps \d+%", said)
    words = (tmp_path / "photos", "--out", tmp_path / "new.head", "--only-taught", "--json")
    assert fit(config_file, *words, "--set", "decision.residual_bin=paper") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["bins"]) == ["glass"], "unsure answers belong in the residual bin"
    (glass,) = found["bins"].values()
    assert glass["capture_after_range"] == [pytest.approx(0.4, abs=0.01), 1.0]
    assert glass["contamination_after_range"] == [0.0, pytest.approx(0.6, abs=0.01)]


def test_pictures_that_cannot_be_used_are_named(config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    for label, colour in COLOURS.items():
        for number in range(2):
            save(tmp_path / "photos" / label / f"{number}.png", item_picture(colour=colour, seed=number))
    (tmp_path / "photos" / "red thing" / "broken.jpg").write_bytes(b"no picture")
    tray = save(tmp_path / "tray.png", tray_picture())
    words = (tmp_path / "photos", "--out", tmp_path / "new.head", "--only-taught")
    assert fit(config_file, *words, "--empty-tray", tray) == 0
    assert "broken.jpg" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["none/"], 66, "no such folder; expected one with a folder of pictures for each label"),
        (["--target", "2"], 2, "expected a share between 0 and 1"),
        (["--empty-tray", "tray.png"], 2, "--empty-tray: expected with DIR"),
    ],
)
def test_what_cannot_be_fitted_is_said(
    words: list[str], code: int, text: str, config_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = ("--out", str(tmp_path / "new.head"))
    if code == 2:
        with pytest.raises(SystemExit, match="2"):
            fit(config_file, *words, *out)
    else:
        assert fit(config_file, *words, *out) == code
    assert text in capsys.readouterr().err
