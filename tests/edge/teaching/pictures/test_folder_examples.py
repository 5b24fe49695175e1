"""A folder of label folders becomes examples, and what is wrong with its pictures is said."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from edge.errors import InputMissingError, LabelError
from edge.teaching.pictures.examples import Examples
from edge.teaching.pictures.folder_examples import read_taught_folder, teaching_warnings
from edge.teaching.pictures.looks import LookTaker
from edge.teaching.pictures.picture_faults import CUT_OFF, TOO_DARK, WHOLE
from tests.builders.pictures import item_picture, save, tray_picture
from tests.builders.teaching import VIEWS, SmallViewClassifier, feature_manifest, features_of_thing

SPEC = feature_manifest().features


def examples_of(things: dict[str, Sequence[int]]) -> Examples:
    labels = tuple(things)
    features = [features_of_thing(thing, seed) for own in things.values() for seed, thing in enumerate(own)]
    index = [place for place, own in enumerate(things.values()) for _ in own]
    return Examples(
        labels, np.stack(features), np.array(index, np.int64), np.ones(len(index), np.float32), ("",) * len(index)
    )


def warnings_of(things: dict[str, Sequence[int]], faults: dict[str, dict[str, int]] | None = None) -> str:
    assert SPEC is not None
    return "\n".join(teaching_warnings(examples_of(things), SPEC, faults or {}))


DIFFERENT, SAME = range(10), [3] * 10


def test_the_folders_are_the_labels(tmp_path: Path) -> None:
    save(tmp_path / "glass" / "a.png", item_picture())
    save(tmp_path / "paper cup" / "deep" / "b.png", item_picture(colour=(10, 10, 10), grey=20))
    save(tmp_path / "paper cup" / "c.png", item_picture((0.0, 0.2, 0.5, 0.7)))
    (tmp_path / "glass" / "broken.jpg").write_bytes(b"no picture")
    found = read_taught_folder(tmp_path, LookTaker(SmallViewClassifier(), empty_tray=tray_picture(seed=9)))
    assert found.examples.counts == {"glass": 1, "paper cup": 2}
    assert found.examples.features.shape[:2] == (3, VIEWS)
    assert [Path(source).name for source in found.examples.sources] == ["a.png", "c.png", "b.png"]
    assert found.faults["paper cup"] == {CUT_OFF: 1, TOO_DARK: 1, WHOLE: 1}
    assert any("broken.jpg" in problem for problem in found.problems)


def test_folders_that_differ_in_spelling_alone_are_one_label(tmp_path: Path) -> None:
    for number, name in enumerate(("Paper-Cup", "paper cup", "glass")):
        save(tmp_path / name / f"{number}.png", item_picture(seed=number))
    found = read_taught_folder(tmp_path, LookTaker(SmallViewClassifier()))
    assert found.examples.counts == {"Paper-Cup": 2, "glass": 1}
    assert "Paper-Cup, paper cup: taken for one label" in found.problems
    assert set(found.faults) <= {"Paper-Cup", "glass"}


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    save(tmp_path / "train" / "glass" / "a.png", item_picture())
    save(tmp_path / "train" / "paper" / "a.png", item_picture())
    save(tmp_path / "cup" / "b.png", item_picture())
    (tmp_path / "train" / "glass" / "phone.heic").write_bytes(b"another kind")
    found = read_taught_folder(tmp_path, LookTaker(SmallViewClassifier()))
    assert found.examples.labels == ("glass", "paper")
    problems = "\n".join(found.problems)
    assert "folder beside those of the split: cup" in problems
    assert "phone.heic" in problems


def test_a_folder_whose_name_cannot_be_a_label_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "glass" / "a.png", item_picture())
    save(tmp_path / "a:b" / "b.png", item_picture())
    with pytest.raises(LabelError, match="label a:b"):
        read_taught_folder(tmp_path, LookTaker(SmallViewClassifier()))


def test_what_is_no_such_folder_is_said(tmp_path: Path) -> None:
    taker = LookTaker(SmallViewClassifier())
    with pytest.raises(InputMissingError, match="no such folder"):
        read_taught_folder(tmp_path / "none", taker)
    with pytest.raises(InputMissingError, match="no pictures that could teach"):
        read_taught_folder(tmp_path, taker)


def test_good_pictures_give_no_warning() -> None:
    assert warnings_of({"glass": DIFFERENT, "metal": DIFFERENT}) == ""


def test_few_and_lopsided_pictures_are_told() -> None:
    text = warnings_of({"glass": range(20), "metal": [1, 2, 3]})
    assert "metal: few pictures (3)" in text
    assert "lopsided: glass has 20 pictures and metal 3; show more of metal" in text
    assert "glass: few" not in text


def test_pictures_of_one_thing_are_told() -> None:
    text = warnings_of({"glass": SAME, "metal": DIFFERENT})
    assert "glass: 9 of 10 pictures are near-duplicates" in text
    assert "metal" not in text
    assert "near-duplicates" in warnings_of({"glass": SAME}), "nothing else is taught yet"


def test_each_picture_that_was_taken_whole_is_told() -> None:
    assert f"glass: 1 of {len(DIFFERENT)} pictures are taken whole" in warnings_of(
        {"glass": DIFFERENT}, {"glass": {WHOLE: 1}}
    )


def test_faults_are_told_from_a_tenth_of_a_label_on() -> None:
    faults = {"glass": {CUT_OFF: 1, TOO_DARK: 4}, "metal": {CUT_OFF: 3}}
    text = warnings_of({"glass": DIFFERENT, "metal": DIFFERENT}, faults)
    assert text.splitlines() == [
        "glass: 4 of 10 pictures are dark; more light, as it is when the bin sorts",
        "metal: 3 of 10 pictures are cut off at the picture's edge; put things in the middle of the tray",
    ]
