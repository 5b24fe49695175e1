"""Settings, pictures on disk, and measures."""

import argparse
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import PictureError
from train.commands import fit
from train.data.pictures import find_pictures, fingerprint, label_names, read_pixels, read_sprite
from train.errors import DataError, SettingsError
from train.measuring.metrics import ClassificationScore, cross_entropy
from train.runs.settings import Settings
from train.runs.settings_text import parse_settings


def test_settings_survive_the_file_and_tell_what_differs(tmp_path: Path) -> None:
    settings = Settings(data=("a", "b"), labels=("glass",), rate=1e-3)
    settings.save(tmp_path / "settings.json")
    assert Settings.load(tmp_path / "settings.json") == settings
    assert settings.differences(settings.replaced(batch=8)) == ["batch: 32 -> 8"]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings that were saved in ``home`` with paths relative to it; from then on the program runs in ``elsewhere``."""
    for name in ("home/photos", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "home")
    relative = Settings(data=("photos", "/absolute"), sprites="cut-outs", weights="first.keras", teachers=("runs/a",))
    relative.save(tmp_path / "settings.json")
    assert Settings.load(tmp_path / "settings.json") == relative
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "settings.json"


def test_relative_paths_lead_from_elsewhere_to_where_the_run_was_made(made: Path) -> None:
    home, found = made.parent / "home", Settings.load(made)
    assert found.data == (str(home / "photos"), "/absolute")
    assert (found.sprites, found.weights) == (str(home / "cut-outs"), str(home / "first.keras"))
    assert found.teachers == (str(home / "runs/a"),)
    assert (found.split, Settings().weights) == ("", "imagenet")


def test_data_that_moved_along_with_the_run_is_found(made: Path) -> None:
    (made.parent / "home/photos").rmdir()
    (made.parent / "elsewhere/photos").mkdir()
    assert Settings.load(made).data == ("photos", "/absolute")


def test_data_that_is_gone_is_told_with_the_whole_path(made: Path) -> None:
    (made.parent / "home/photos").rmdir()
    gone = str(made.parent / "home" / "photos")
    assert Settings.load(made).data[0] == gone
    with pytest.raises(DataError, match=gone):
        find_pictures([Path(gone)])


def test_two_ways_to_write_a_path_are_no_difference(made: Path) -> None:
    home, found = made.parent / "home", Settings.load(made)
    assert found.differences(found.replaced(data=("../home/photos", "/absolute"))) == []
    (other,) = found.differences(found.replaced(data=("photos", "/absolute")))
    assert other.startswith(f"data: ('{home}/photos', '/absolute') -> ")


def test_settings_from_before_paths_were_noted_are_read_as_they_are(made: Path) -> None:
    made.write_text('{"data": ["photos"]}')
    assert Settings.load(made).data == ("photos",)


def test_overrides_are_parsed_by_type() -> None:
    changed = Settings().replaced(**parse_settings(["rate=0.002", "batch=16", "view=full", "labels=a,b"]))
    assert (changed.rate, changed.batch, changed.view, changed.labels) == (0.002, 16, "full", ("a", "b"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ratte=1", "unknown 'ratte'"),
        ("batch=many", "batch takes a number"),
        ("rate", "expected name=value"),
        ("ground_share=1.5", "ground_share must be from 0 to 1"),
        ("view=sideways", "view must be one of"),
        ("val_share=0.9", "must leave 0.1"),
        ("head_epochs=99", "head_epochs"),
        ("label_map=a:b", "old=new"),
    ],
)
def test_wrong_settings_name_the_key(text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        Settings().replaced(**parse_settings([text]))


def chosen(*arguments: str) -> Settings:
    """The settings of a command line."""
    top = argparse.ArgumentParser()
    fit.add_parser(top.add_subparsers())
    return fit.choose_settings(top.parse_args(["fit", "--out", "run", *arguments]), Settings())


@pytest.mark.parametrize(
    ("arguments", "epochs", "head_epochs"),
    [
        ([], 44, 2),
        (["--epochs", "1"], 1, 1),
        (["--set", "epochs=1"], 1, 1),
        (["--epochs", "2"], 2, 2),
        (["--epochs", "1", "--set", "head_epochs=0"], 1, 0),
        (["--epochs", "5", "--recipe", "trashnet6-resnet18-head"], 5, 5),
    ],
)
def test_fewer_epochs_than_head_epochs_are_head_epochs(arguments: list[str], epochs: int, head_epochs: int) -> None:
    settings = chosen(*arguments)
    assert (settings.epochs, settings.head_epochs) == (epochs, head_epochs)


def test_head_epochs_that_were_asked_for_are_not_changed() -> None:
    with pytest.raises(SettingsError, match="head_epochs is counted in epochs"):
        chosen("--epochs", "1", "--set", "head_epochs=2")
    with pytest.raises(SettingsError, match="epochs = 0 and head_keep are for head_start = probe"):
        chosen("--epochs", "0")


def test_a_model_that_ships_is_no_path(tmp_path: Path) -> None:
    found = Settings(weights="trashnet6", teachers=("bin8",), data=("photos",)).found_from(tmp_path)
    assert (found.weights, found.teachers, found.data) == ("trashnet6", ("bin8",), (str(tmp_path / "photos"),))
    # But a folder of that name is.
    (tmp_path / "trashnet6").mkdir()
    assert Settings(data=("trashnet6",)).found_from(tmp_path).data == (str(tmp_path / "trashnet6"),)


def picture(path: Path, value: int = 90) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((20, 30, 3), value, np.uint8))


def test_several_sets_are_merged_by_label_and_mapped(tmp_path: Path) -> None:
    picture(tmp_path / "one/glass/1.png")
    picture(tmp_path / "one/junk/2.png")
    picture(tmp_path / "two/train/glass/1.png")
    picture(tmp_path / "two/valid/trash/3.png")
    (tmp_path / "one/glass/notes.txt").write_text("no picture")
    found = find_pictures([tmp_path / "one", tmp_path / "two"], label_renames={"junk": "trash"})
    assert [(one.key, one.label, one.part) for one in found] == [
        ("one/glass/1.png", "glass", ""),
        ("one/junk/2.png", "trash", ""),
        ("two/train/glass/1.png", "glass", "train"),
        ("two/valid/trash/3.png", "trash", "val"),
    ]
    assert label_names(found) == ("glass", "trash")
    assert [one.key for one in find_pictures([tmp_path / "one"], labels=["glass"])] == ["glass/1.png"]


def test_what_cannot_be_trained_on_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        find_pictures([tmp_path / "nothing"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no pictures"):
        find_pictures([tmp_path / "empty"])
    picture(tmp_path / "one/glass/1.png")
    with pytest.raises(DataError, match="at least two labels"):
        label_names(find_pictures([tmp_path / "one"]))
    with pytest.raises(DataError, match=r"no pictures for labels \['metal'\]"):
        find_pictures([tmp_path / "one"], labels=["glass", "metal"])


def test_unreadable_files_have_a_reason_and_sprites_need_alpha(tmp_path: Path) -> None:
    picture(tmp_path / "s/glass/1.png")
    (tmp_path / "s/glass/2.jpg").write_bytes(b"\xff\xd8 not a picture")
    (tmp_path / "s/glass/3.png").write_bytes(b"")
    cv2.imwrite(str(tmp_path / "s/glass/4.png"), np.full((20, 30, 4), 200, np.uint8))
    one, two, three, four = find_pictures([tmp_path / "s"])
    assert read_pixels(one).shape == (20, 30, 3)
    for read, picture_, reason in (
        (read_pixels, two, "^the JPEG is truncated"),
        (read_pixels, three, "^the file is empty"),
        (read_sprite, one, "^nothing in it is transparent"),
        (read_sprite, three, "^the file is empty"),
    ):
        with pytest.raises(PictureError, match=reason):
            read(picture_)
    assert read_sprite(four).shape == (20, 30, 4)


def test_fingerprint_tells_contents_and_names_apart(tmp_path: Path) -> None:
    picture(tmp_path / "s/glass/1.png")
    picture(tmp_path / "s/glass/2.png", 91)
    found = find_pictures([tmp_path / "s"])
    before = fingerprint(found)
    assert before == fingerprint(reversed(found))
    assert len(before) == 64
    picture(tmp_path / "s/glass/2.png", 92)
    assert fingerprint(found) != before


def test_scores_by_hand() -> None:
    score = ClassificationScore.of(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), ["glass", "paper", "never"])
    assert score.accuracy == 0.75
    assert score.pictures == 4
    assert score.standard_error == pytest.approx((0.75 * 0.25 / 4) ** 0.5)
    assert score.f1[:2] == pytest.approx([0.8, 2 / 3])
    assert score.macro_f1 == pytest.approx((0.8 + 2 / 3) / 2)  # labels that do not occur have no say
    assert cross_entropy(np.zeros((2, 4), np.float32), np.array([1, 3])) == pytest.approx(np.log(4))
