"""``sorter teach``: try a head, use it, go back, say what items were, and see what is wrong in each bin."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.cli import main
from edge.config.file import load_config
from edge.inference.bundle import read_bundle
from edge.inference.features import FeatureSpec
from edge.inference.manifest import Manifest
from edge.records.event_features import EventFeatures
from edge.records.event_log import EventLog
from edge.records.feature_table import read_offer
from edge.service.taught import open_taught_set
from edge.teaching.heads.head_folder import HeadFolder
from edge.teaching.reviews.review_log import Review, ReviewLog
from tests.builders.configuration import write_config
from tests.builders.heads import make_head, write_made_head
from tests.builders.values import make_event
from tests.paths import MODEL

Capture = pytest.CaptureFixture[str]

LABELS = ("glass", "metal", "cup")


@cache
def base() -> Manifest:
    return read_bundle(MODEL).manifest


def spec() -> FeatureSpec:
    found = base().features
    assert found is not None
    return found


def looks(axis: int) -> NDArray[np.int8]:
    """Four looks along one axis of the first layer, as the model would give them."""
    zeros = [np.full((4, layer.size), layer.quantization.zero_point, np.int8) for layer in spec().layers]
    raw = np.concatenate(zeros, axis=1)
    raw[:, axis] = 127
    return raw


def head(path: Path, labels: tuple[str, ...] = LABELS, axes: tuple[int, ...] = (0, 1, 2)) -> Path:
    write_made_head(path, make_head(labels, axes, base=base(), numbers=spec().size))
    return path


@pytest.fixture
def bin(config_file: Path) -> Path:
    """A bin that has sorted: glass as glass, glass as paper, a cup as glass; then one of a model without features."""
    config = load_config(config_file)
    with EventLog(config.event_log.file) as log:
        log.start_session(wall_s=1.0, model=base().sha256)
        for number, (axis, label, reason, offered) in enumerate(
            [(0, "glass", "confident", True), (0, "paper", "unsure", True), (2, "glass", "confident", True)], 1
        ):
            name = "residual" if reason == "unsure" else label
            event = make_event(number, label=label, bin=name, reason=reason)
            log.record(event, EventFeatures(None, 1.0 if reason == "unsure" else 0.02, offered, looks(axis)))
        log.record(make_event(4), EventFeatures(None, 0.02, False))
        log.record(make_event(5, reason="several"), EventFeatures(None, 0.0, False, looks(0)))
    return config_file


def teach(config: Path, capsys: Capture, *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["teach", arguments[0], "--config", str(config), *arguments[1:]]) == code
    printed = capsys.readouterr()
    return printed.out if code == 0 else printed.err


def test_trying_a_head_shows_what_would_change_and_changes_nothing(bin: Path, tmp_path: Path, capsys: Capture) -> None:
    found = json.loads(teach(bin, capsys, "try", str(head(tmp_path / "a.head")), "--json"))
    assert (found["items"], found["left_out"], found["reviewed"]) == (3, 2, 0)
    labels = {one["name"]: (one["before"], one["after"], one["gone"], one["come"]) for one in found["labels"]}
    assert labels == {"glass": (2, 2, 1, 1), "paper": (1, 0, 1, 0), "cup": (0, 1, 0, 1)}
    bins = {one["name"]: (one["before"], one["after"]) for one in found["bins"]}
    assert bins == {"glass": (2, 2), "residual": (1, 1)}
    assert [(one["number"], one["bin_after"]) for one in found["changed"]] == [(2, "glass"), (3, "residual")]
    assert HeadFolder(load_config(bin).head_file).current() is None
    text = teach(bin, capsys, "try", str(tmp_path / "a.head"))
    assert "2 of 3 items would go to another bin; 2 could not be tried" in text
    assert "s00000001-000003" in text
    found = json.loads(teach(bin, capsys, "try", str(tmp_path / "a.head"), "--last", "3", "--json"))
    assert (found["items"], found["left_out"]) == (1, 2)


def test_what_items_were_tells_how_many_labels_would_be_right(bin: Path, tmp_path: Path, capsys: Capture) -> None:
    teach(bin, capsys, "relabel", "2", "glass")
    teach(bin, capsys, "relabel", "3", "glass")
    found = json.loads(teach(bin, capsys, "try", str(head(tmp_path / "a.head")), "--json"))
    assert (found["reviewed"], found["right_before"], found["right_after"]) == (2, 1, 1)


def test_using_and_going_back_switch_the_head(bin: Path, tmp_path: Path, capsys: Capture) -> None:
    folder = HeadFolder(load_config(bin).head_file)
    text = teach(bin, capsys, "use", str(head(tmp_path / "a.head")))
    assert "in use: glass -> glass, metal -> packaging, cup -> residual" in text
    assert "as soon as the tray is free" in text
    first = folder.current()
    assert first is not None
    assert first.head.labels == LABELS
    teach(bin, capsys, "use", str(head(tmp_path / "b.head", ("glass", "metal", "can"))))
    assert "in use: glass, metal, cup" in teach(bin, capsys, "back")
    assert "in use: the model alone" in teach(bin, capsys, "back")
    assert "none is in use" in teach(bin, capsys, "back", code=65)


def test_a_head_of_another_model_or_a_damaged_one_is_not_used(bin: Path, tmp_path: Path, capsys: Capture) -> None:
    write_made_head(tmp_path / "other.head")
    assert "fit it again" in teach(bin, capsys, "use", str(tmp_path / "other.head"), code=65)
    (tmp_path / "bad.head").write_bytes(b"no head")
    assert "damaged" in teach(bin, capsys, "use", str(tmp_path / "bad.head"), code=65)
    assert "no such file" in teach(bin, capsys, "use", str(tmp_path / "none.head"), code=66)
    assert HeadFolder(load_config(bin).head_file).current() is None


def test_a_head_that_knows_less_of_what_was_taught_is_only_used_by_force(
    bin: Path, tmp_path: Path, capsys: Capture
) -> None:
    for number, label in ((1, "glass"), (2, "glass"), (3, "cup")):
        teach(bin, capsys, "relabel", str(number), label)
    with EventLog(load_config(bin).event_log.file) as log:
        log.start_session(wall_s=2.0, model=base().sha256)
        for number in (1, 2, 3):
            log.record(make_event(number, wall_s=2e9 + number), EventFeatures(None, 0.02, False, looks(1)))
    for number in (1, 2, 3):
        teach(bin, capsys, "relabel", str(number), "metal")
    teach(bin, capsys, "use", str(head(tmp_path / "good.head")))
    worse = str(head(tmp_path / "worse.head", axes=(2, 1, 0)))
    error = teach(bin, capsys, "use", worse, code=65)
    assert "names 33.3% of 6 taught pictures rightly (each label counting alike), the one in use 100.0%" in error
    text = teach(bin, capsys, "use", worse, "--force")
    assert (
        "check on 6 taught pictures, each label counting alike: the head before names 100.0% rightly, this one 33.3%"
        in text
    )
    assert "it may have learnt from them, so that this says nothing of new things" in text


def test_a_correction_teaches_and_is_a_review(bin: Path, capsys: Capture) -> None:
    config = load_config(bin)
    assert "s00000001-000003: cup, was decided glass (90%, glass)" in teach(bin, capsys, "relabel", "1-3", "cup")
    assert "cup is a new label" not in teach(bin, capsys, "relabel", "s00000001-000003", "Cup")
    assert "as it was decided" in teach(bin, capsys, "relabel", "s00000001-000001.jpg", "GLASS")
    with open_taught_set(config, base()) as taught:
        entries = {entry.origin: entry.label for entry in taught.entries()}
        examples = taught.examples(base().sha256)
    assert entries == {"s00000001-000003": "cup", "s00000001-000001": "glass"}
    assert np.array_equal(examples.features[examples.labels.index("cup")], looks(2)) or len(examples.features) == 2
    reviews = {review.number: review for review in ReviewLog(config.teaching_folder).reviews()}
    assert (reviews[3].label, reviews[3].decided, reviews[3].bin, reviews[3].offered) == ("cup", "glass", "glass", True)
    assert reviews[1].label == "glass"


def test_corrections_in_an_archive_are_counted_apart_and_not_taken_twice(
    bin: Path, tmp_path: Path, capsys: Capture
) -> None:
    teach(bin, capsys, "relabel", "1-3", "cup")
    archive = tmp_path / "taught.zip"
    assert f"{archive}: 1 correction without a picture of cup;" in teach(bin, capsys, "export", str(archive))
    other = write_config(tmp_path / "other" / "sorter.yaml")
    assert "1 correction without a picture added, 1 in all" in teach(other, capsys, "import", str(archive))
    renamed = archive.rename(tmp_path / "again.zip")
    for config in (other, bin):
        assert "all of it is taught here already" in teach(config, capsys, "import", str(renamed), code=65)


def test_an_event_that_is_not_there_or_keeps_nothing_is_told(bin: Path, capsys: Capture) -> None:
    assert "there is none in" in teach(bin, capsys, "relabel", "77", "glass", code=74)
    assert "expected a number" in teach(bin, capsys, "relabel", "first", "glass", code=74)
    error = teach(bin, capsys, "relabel", "4", "glass", code=74)
    assert "is not kept, and its picture cannot be read: it has no picture" in error


def test_reviews_are_listed_until_they_are_done_and_make_an_estimate_for_each_bin(bin: Path, capsys: Capture) -> None:
    def open_ones() -> list[str]:
        return [one["event"][-6:] for one in json.loads(teach(bin, capsys, "review", "--json"))["open"]]

    assert open_ones() == ["000003", "000002", "000001"]
    assert "not known" in teach(bin, capsys, "review")
    teach(bin, capsys, "relabel", "3", "cup")
    teach(bin, capsys, "relabel", "1", "glass")
    assert open_ones() == ["000002"]
    bins = {one["bin"]: one for one in json.loads(teach(bin, capsys, "review", "--json"))["bins"]}
    assert (bins["glass"]["reviewed"], bins["glass"]["wrong"], bins["glass"]["share"]) == (2, 1, 0.5)
    assert bins["glass"]["low"] == pytest.approx(0.0126, abs=1e-3)
    assert bins["paper"]["share"] is None
    teach(bin, capsys, "relabel", "2", "paper")
    assert "no decision is left to look at" in teach(bin, capsys, "review")


def test_a_review_names_the_picture_of_an_item_while_there_is_one(bin: Path, capsys: Capture) -> None:
    config = load_config(bin)
    picture = config.event_log.images / "s00000001-000006.jpg"
    with EventLog(config.event_log.file) as log:
        event = replace(make_event(6, reason="unsure"), image=picture.name)
        log.start_session(wall_s=1.0, model=base().sha256)
        log.record(event, EventFeatures(None, 1.0, True, looks(0)))
    for is_kept in (True, False):
        if is_kept:
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(b"a picture")
        else:
            picture.unlink()
        newest = json.loads(teach(bin, capsys, "review", "--json"))["open"][0]
        assert newest["event"].endswith("000006")
        assert newest["picture"] == (str(picture) if is_kept else None)
        listed = teach(bin, capsys, "review")
        assert (f"their pictures: {picture.parent}/EVENT.jpg" in listed) is is_kept


def test_only_decisions_of_the_head_in_use_count_in_the_estimate(bin: Path, tmp_path: Path, capsys: Capture) -> None:
    teach(bin, capsys, "relabel", "1", "glass")
    teach(bin, capsys, "use", str(head(tmp_path / "a.head")))
    found = json.loads(teach(bin, capsys, "review", "--json"))["bins"]
    assert all(one["share"] is None for one in found)


def test_what_was_said_on_the_page_is_taught_once_and_taken_back(bin: Path, capsys: Capture) -> None:
    config = load_config(bin)
    reviews = ReviewLog(config.teaching_folder)
    with EventLog(config.event_log.file, read_only=True) as events:
        said = [
            (events.event(number, 1), events.read(lambda database, number=number: read_offer(database, (1, number))))
            for number in (1, 2, 4)
        ]
    for (event, offer), label in zip(said, ("cup", "glass", "metal"), strict=True):
        assert event is not None
        reviews.add(Review.of(event, offer, label), is_taught=False)
    # Of the fourth neither features nor picture are there.
    assert json.loads(teach(bin, capsys, "reviewed", "--json")) == {"taught": 2, "forgotten": 0, "lost": 1}
    with open_taught_set(config) as taught:
        assert [(one.origin, one.label) for one in taught.entries()] == [
            ("s00000001-000001", "cup"),
            ("s00000001-000002", "glass"),
        ]
    assert json.loads(teach(bin, capsys, "reviewed", "--json")) == {"taught": 0, "forgotten": 0, "lost": 0}
    reviews.remove(reviews.reviews()[0].key)
    assert "0 decisions taught, 1 forgotten" in teach(bin, capsys, "reviewed")
    with open_taught_set(config) as taught:
        assert [one.label for one in taught.entries()] == ["glass"]


def test_decisions_that_look_alike_are_named_together(bin: Path, capsys: Capture) -> None:
    with EventLog(load_config(bin).event_log.file) as log:
        log.start_session(wall_s=3.0, model=base().sha256)
        for number, axis in ((1, 0), (2, 2), (3, 0)):
            log.record(make_event(number, label="glass"), EventFeatures(None, 1.0, True, looks(axis)))
    found = json.loads(teach(bin, capsys, "review", "--json"))["open"]
    alike = {one["event"]: one["alike"] for one in found}
    assert alike["s00000002-000001"] == alike["s00000002-000003"] == "s00000002-000003"
    assert alike["s00000002-000002"] == "s00000002-000002"
