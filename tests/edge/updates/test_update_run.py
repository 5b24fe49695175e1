"""An update is proved, put in place, watched, and kept or taken back; nothing is tried twice."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest

from edge.config.update_slot import last_outcome
from edge.errors import ConfigError, UnavailableError
from edge.inference.bundle import read_bundle, write_bundle
from edge.inference.classifier import Classifier
from edge.teaching.heads.head_folder import HeadFolder
from edge.updates.golden import GoldenScore
from edge.updates.outcome import RefusedVersions
from edge.updates.refusal import UpdateRefusedError
from tests.builders.heads import write_made_head
from tests.builders.updates import UpdatedBin
from tests.edge.updates.conftest import UpdateWorld
from tests.paths import MODEL


def reason(bin_: UpdatedBin) -> str:
    found = last_outcome(bin_.config.updates_folder)
    assert found is not None
    return str(found["reason"])


def test_a_good_model_is_put_in_place_and_kept_once_items_say_so(world: UpdateWorld) -> None:
    bin_ = world.bin()
    bin_.sort(40, unsure=4)
    assert bin_.apply() == "trial"
    assert reason(bin_).startswith("golden pictures: ")
    config = bin_.config
    assert config.slot is not None
    assert read_bundle(config.model.file).manifest.name == "good"
    assert config.configured.model.file == MODEL
    assert bin_.bin.taken == [config.slot]
    bin_.sort(19, unsure=2)
    assert bin_.run.watch.judge() is None
    bin_.sort(1)
    outcome = bin_.run.watch.judge()
    assert outcome is not None
    assert (outcome.state, outcome.reason) == ("kept", "20 items: 2 unsure, 0 unknown, 0 corrected")
    assert (outcome.bin, outcome.ring, outcome.target, outcome.version) == ("bin-1", "canary", "net", 1)
    assert bin_.run.watch.judge() is None
    assert bin_.apply() == "nothing"
    # While the configuration names another model, that one is wanted.
    text = bin_.path.read_text()
    bin_.path.write_text(text.replace("trashnet6.tflite", "bin8.tflite"))
    assert bin_.config.slot is None


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ({"items": 12, "unsure": 9}, "9 of 12 items unsure, 4 of 40 before"),
        ({"items": 20, "unknown": 12}, "12 of 20 items unknown to it, 0 of 40 before"),
        ({"items": 20, "decision_s": 1.9}, "a decision takes 1.90 s, 0.50 before"),
    ],
)
def test_a_model_that_does_worse_on_the_tray_is_taken_back(
    world: UpdateWorld, items: dict[str, float], words: str, quick_proof: None
) -> None:
    bin_ = world.bin()
    bin_.sort(40, unsure=4)
    bin_.apply()
    bin_.sort(**items)  # type: ignore[arg-type]
    outcome = bin_.run.watch.judge()
    assert outcome is not None
    assert (outcome.state, outcome.reason) == ("taken_back", words)
    assert bin_.config.slot is None
    assert bin_.bin.taken[-1] is None
    assert RefusedVersions(bin_.config.updates_folder).reason("net", 1) == words
    assert bin_.apply() == "nothing"


def test_silence_counts_against_an_update_and_so_does_a_clock_set_back(world: UpdateWorld, quick_proof: None) -> None:
    bin_ = world.bin()
    bin_.apply()
    bin_.sort(5)
    bin_.clock.advance(47 * 3600)
    assert bin_.run.watch.judge() is None
    bin_.clock.advance(2 * 3600)
    outcome = bin_.run.watch.judge()
    assert outcome is not None
    assert outcome.reason == "5 items in 49.0 h, expected 20: silence proves nothing"


def test_a_model_that_names_golden_pictures_worse_is_refused_and_not_tried_again(
    world: UpdateWorld, models: dict[str, Path]
) -> None:
    world.publisher.publish(models["bad"])
    bin_ = world.bin()
    assert bin_.apply() == "refused"
    assert "golden pictures into the right bin, what runs" in reason(bin_)
    assert bin_.config.slot is None
    assert bin_.bin.taken == []
    assert bin_.apply() == "nothing"
    world.publisher.publish(models["better"])  # a version of its own is
    assert bin_.apply() == "trial"


def test_a_model_that_is_slower_is_refused(world: UpdateWorld) -> None:
    scores = iter([GoldenScore(20, 24, 4.0), GoldenScore(24, 24, 20.0)])
    bin_ = world.bin()
    with patch("edge.updates.proof.score_golden", side_effect=lambda *_: next(scores)):
        assert bin_.apply() == "refused"
    assert reason(bin_) == "a view takes it 20.0 ms, the model that runs 4.0"


def test_a_model_whose_labels_have_no_bin_or_leave_one_empty_is_refused(world: UpdateWorld, tmp_path: Path) -> None:
    bundle = read_bundle(MODEL)
    names = {"glass": "cup"}
    labels = tuple(names.get(label, label) for label in bundle.manifest.labels)
    manifest = bundle.manifest.model_copy(update={"labels": labels, "bins": {}, "bin_confidence": {}})
    write_bundle(tmp_path / "cup.tflite", bundle.flatbuffer, manifest, bundle.rehearsal())
    world.publisher.publish(tmp_path / "cup.tflite")
    bin_ = world.bin()
    assert bin_.apply() == "refused"
    assert reason(bin_).startswith("it does not fit this bin: ")
    assert "cup" in reason(bin_)
    bin_.path.write_text(bin_.path.read_text().replace("    glass: glass", "    glass: glass\n    cup: paper"))
    assert bin_.config.decision.labels["cup"] == "paper"
    RefusedVersions(bin_.config.updates_folder).clear()
    with patch("edge.updates.proof.answer_alone"):
        assert bin_.apply() == "refused"
    assert reason(bin_) == "it has no label for the bin glass, which the model that runs has"


def test_a_bin_that_does_not_run_or_does_not_take_it_keeps_what_it_has(world: UpdateWorld, quick_proof: None) -> None:
    bin_ = world.bin()
    bin_.bin.is_there = False
    with pytest.raises(UnavailableError):
        bin_.apply()
    bin_.bin.is_there, bin_.bin.takes = True, False
    assert bin_.apply() == "taken_back"
    assert reason(bin_) == "the bin has not taken it in time; its log says why"
    assert bin_.config.slot is None


def test_a_person_goes_back_and_it_does_not_come_again(
    world: UpdateWorld, models: dict[str, Path], quick_proof: None
) -> None:
    bin_ = world.bin()
    with pytest.raises(UpdateRefusedError, match="no update is in use"):
        bin_.run.watch.back()
    bin_.apply()
    first = bin_.config.slot
    bin_.sort(20)
    bin_.run.watch.judge()
    world.publisher.publish(models["better"])
    assert bin_.apply() == "trial"
    assert bin_.run.watch.back().version == 2
    assert bin_.config.slot == first
    assert bin_.apply() == "nothing"
    assert bin_.run.watch.back().version == 1
    assert bin_.config.slot is None


def test_what_its_owner_withdraws_is_given_up(world: UpdateWorld, models: dict[str, Path], quick_proof: None) -> None:
    from convert.publishing.publish import revoke

    bin_ = world.bin()
    bin_.apply()
    bin_.sort(20)
    bin_.run.watch.judge()
    first = bin_.config.slot
    world.publisher.publish(models["better"])
    bin_.apply()
    bin_.sort(20)
    bin_.run.watch.judge()
    assert bin_.config.slot != first
    assert revoke(world.publisher.files, "net") == ("canary/net",)
    run = bin_.run
    outcome = run.withdraw(run.look()[0])
    assert outcome is not None
    assert (outcome.state, outcome.version) == ("withdrawn", 2)
    assert bin_.config.slot == first
    run = bin_.run
    assert run.withdraw(run.look()[0]) is None


def test_what_is_withdrawn_while_it_is_watched_is_given_up_at_the_next_look(
    world: UpdateWorld, quick_proof: None, caplog: pytest.LogCaptureFixture
) -> None:
    from convert.publishing.publish import revoke

    bin_ = world.bin()
    assert bin_.advance(when_due=True) == "trial"
    with pytest.raises(UnavailableError, match="is being watched"):
        bin_.advance()
    revoke(world.publisher.files, "net")
    assert bin_.advance(when_due=True) == "nothing"  # it is not time to look
    for key in ("online", "targets", "root"):
        world.publisher.files.rotate(key)
    run = bin_.run
    assert run.withdrawn(run.look()[0]) == ("net", 1)
    bin_.clock.advance(6 * 3600)
    assert bin_.advance(when_due=True) == "withdrawn"
    assert bin_.config.slot is None
    assert not [one for one in caplog.records if one.name.startswith("tuf")]
    world.publisher.publish(MODEL)
    assert bin_.advance() == "trial"
    assert bin_.run.watch.back().state == "gone_back"
    assert [bin_.advance(), bin_.advance(again=True)] == ["nothing", "trial"]


def test_why_there_is_nothing_new_is_told(
    world: UpdateWorld, quick_proof: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "edge.updates.update_run")
    bin_ = world.bin(wants=("nte", "net"))
    assert bin_.advance() == "trial"
    bin_.run.watch.back()
    assert bin_.advance() == "nothing"
    assert [one.getMessage() for one in caplog.records if one.name == "edge.updates.update_run"] == [
        "nte: the repository offers nothing of this name to the ring canary",
        "nte: the repository offers nothing of this name to the ring canary",
        "net 1: not tried again without --again: a person has gone back",
    ]


def test_another_release_of_the_program_keeps_the_update(
    world: UpdateWorld, quick_proof: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_ = world.bin()
    bin_.path.write_text(bin_.path.read_text().replace(str(MODEL), MODEL.stem))
    bin_.apply()
    slot = bin_.config.slot
    assert slot is not None
    monkeypatch.setattr("edge.models.FOLDER", tmp_path / "release")  # each has a folder of its own
    assert bin_.config.configured.model.file == tmp_path / "release" / MODEL.name
    assert bin_.config.slot == slot


def test_a_ring_takes_what_is_released_to_it_and_a_bin_what_is_meant_for_it(
    world: UpdateWorld, models: dict[str, Path], quick_proof: None
) -> None:
    assert world.bin("early-bin", ring="early").apply() == "nothing"
    world.publisher.publish(models["better"], bins=("early-bin",))
    assert world.bin("early-bin", ring="early").apply() == "trial"
    assert world.bin("another", ring="all").apply() == "nothing"


def test_settings_count_within_their_bounds_alone(world: UpdateWorld, tmp_path: Path) -> None:
    file = tmp_path / "calm.json"
    for settings, state in (
        ({"min_confidence": 0.7}, "trial"),
        ({"min_confidence": 7}, "refused"),
        ({"residual_bin": "glass"}, "refused"),
    ):
        file.write_text(json.dumps(settings))
        world.publisher.publish(file, name="calm")
        bin_ = world.bin(wants=("calm",))
        assert bin_.apply() == state
    bin_ = world.bin(wants=("calm",))
    assert bin_.config.decision.min_confidence == 0.7
    assert bin_.config.configured.decision.min_confidence is None
    assert bin_.config.model.file == MODEL


def test_a_head_is_taken_for_the_model_that_runs_alone(world: UpdateWorld, tmp_path: Path) -> None:
    write_made_head(tmp_path / "cups.head")
    world.publisher.publish(tmp_path / "cups.head", name="cups")
    bin_ = world.bin(wants=("cups",))
    assert bin_.apply() == "refused"
    assert "was taught on the model test" in reason(bin_)


def test_a_taught_head_without_pictures_keeps_its_model(world: UpdateWorld, tmp_path: Path) -> None:
    bin_ = world.bin()
    file = bin_.config.head_file
    file.parent.mkdir(parents=True)
    write_made_head(file)
    with patch("edge.updates.proof.answer_taught"):
        assert bin_.apply() == "refused"
    assert "too few pictures to fit it anew" in reason(bin_)
    assert HeadFolder(bin_.config.head_file).current() is not None


def test_looking_has_its_hours_and_its_pauses(world: UpdateWorld) -> None:
    bin_ = world.bin()
    assert bin_.run.is_due()
    bin_.run.look()
    assert not bin_.run.is_due()
    bin_.clock.advance(6 * 3600)
    assert bin_.run.is_due()
    update = bin_.config.update
    assert update is not None
    night = update.model_copy(update={"hours": (22.0, 4.0)})
    assert [night.is_time(hour) for hour in (21.9, 22.0, 3.9, 4.0)] == [False, True, True, False]
    bin_.path.write_text(bin_.path.read_text().replace("  ring:", "  hours: [3, 3]\n  ring:"))
    with pytest.raises(ConfigError, match="two different hours"):
        bin_.config  # noqa: B018


def test_a_model_for_a_coral_is_not_replaced_by_one_for_the_processor(world: UpdateWorld) -> None:
    bin_ = world.bin()
    bin_.path.write_text(
        bin_.path.read_text().replace("model:\n", f"model:\n  delegate: libedgetpu.so.1\n  delegate_file: {MODEL}\n")
    )
    with patch("edge.updates.proof.load_classifier", side_effect=lambda *_: Classifier):
        assert bin_.apply() == "refused"
    assert reason(bin_).startswith("model.delegate is set")
