"""The line as a whole, over recording flaps and a scripted classifier, on a clock that stands still."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edge.actuation.phase import DiverterState
from edge.alarms import Alarm
from edge.decision.policy import Policy
from edge.errors import InferenceError
from edge.sight.view import ViewSpec
from tests.builders.models import make_manifest
from tests.builders.pictures import Pixels, item_picture
from tests.doubles.classifier import ScriptedClassifier
from tests.doubles.full_disk import fill_disk, free_disk
from tests.edge.sorter_rig import EMPTY, GLASS, HAND, ITEM, MAX_AGE_S, OPEN_LOGS, OTHER, PAIR, SLID, STEP_S, SorterRig


@pytest.fixture(autouse=True)
def _close_logs() -> Iterator[None]:
    yield
    while OPEN_LOGS:
        OPEN_LOGS.pop().close()


@pytest.fixture
def line(tmp_path: Path) -> SorterRig:
    return SorterRig(tmp_path)


def test_one_item_is_decided_once_recorded_and_seen_off(line: SorterRig) -> None:
    assert line.show(EMPTY, 0.5) == []
    (event,) = line.show(ITEM, 1.0)
    assert (event.number, event.label, event.bin, event.reason, event.views) == (1, "glass", "glass", "confident", 3)
    assert line.sorter.busy
    assert line.outcomes() == ["decided"]
    assert line.show(EMPTY, 2.0) == []
    assert not line.sorter.busy
    assert line.outcomes() == ["done"]
    assert line.journal.commands() == [("glass", "open"), ("glass", "home"), ("glass", "detach")]


def test_another_head_answers_from_the_next_item_on(line: SorterRig) -> None:
    taught = ScriptedClassifier({"paper": 0.95})
    bins = dict.fromkeys(taught.manifest.labels, "residual") | {"paper": "packaging"}
    policy = Policy(bins=bins, residual_bin="residual", contamination_cost=3, residual_cost=1)
    line.show(EMPTY, 0.5)
    assert line.sorter.is_between_items
    line.show(ITEM, 0.5)
    assert not line.sorter.is_between_items
    (event,) = line.show(ITEM, 0.5)
    assert event.bin == "glass"
    assert not line.sorter.is_between_items
    line.show(EMPTY, 2.0)
    assert line.sorter.is_between_items
    line.sorter.answer_with(taught, policy, head="f" * 64)  # type: ignore[arg-type]
    (event,) = line.show(OTHER, 1.0)
    assert (event.label, event.bin) == ("paper", "packaging")
    first, second = (line.events.features(1, number) for number in (1, event.number))
    assert first is not None
    assert second is not None
    assert (first.head, second.head) == (None, "f" * 64)


def test_the_event_tells_what_happened(line: SorterRig, tmp_path: Path) -> None:
    line.show(EMPTY, 0.5)
    (event,) = line.show(ITEM, 1.0)
    opened_s = line.journal.lines[0][0]
    assert event.time_s == opened_s
    assert event.wall_s == pytest.approx(opened_s - 1000.0 + 1_767_225_600.0)
    assert event.wall_synced
    assert 0.25 <= event.rest_to_decision_s <= 0.7
    assert sum(event.probabilities.values()) == pytest.approx(1)
    assert event.latency_ms == pytest.approx(2.0)
    assert event.image is not None
    assert (tmp_path / "images" / event.image).is_file()


def test_the_classifier_is_shown_the_item_and_not_the_tray(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    line.show(ITEM, 1.0)
    assert len(line.classifier.views) == 3
    assert all(view.shape == (32, 32, 3) for view in line.classifier.views)
    assert line.classifier.views[0][16, 16].tolist() == pytest.approx([190, 40, 40], abs=8)


def test_each_view_of_an_item_is_mirrored_another_way(line: SorterRig) -> None:
    """Frames of a still item are alike; their looks must not be, or the vote would be worth one."""
    line.show(EMPTY, 0.5)
    half = ITEM.copy()
    half[36:84, 80:112] //= 2  # the item's right side is darker
    line.show(half, 1.0)
    first, second, third = (view[..., 0].astype(int) for view in line.classifier.views)
    left, right = (slice(4, 28), slice(4, 14)), (slice(4, 28), slice(18, 28))
    assert first[left].mean() > first[right].mean() + 20
    assert second[left].mean() < second[right].mean() - 20
    assert third[left].mean() > third[right].mean() + 20


def test_looks_take_a_step_back_and_the_full_view_takes_the_tray(tmp_path: Path) -> None:
    def item_share(views: list[Pixels]) -> list[float]:
        return [float((view[..., 0].astype(int) - view[..., 1] > 60).mean()) for view in views]

    (tmp_path / "object").mkdir()
    spec = ViewSpec(size=32, margin=0.0, look_margins=(0.4,), toning=0.0)
    line = SorterRig(tmp_path / "object", manifest=make_manifest(view=spec))
    line.show(EMPTY, 0.5)
    line.show(ITEM, 1.0)
    near, far, again = item_share(line.classifier.views)
    assert far < 0.6 * near
    assert again == pytest.approx(near, abs=0.02)
    (tmp_path / "full").mkdir()
    line = SorterRig(tmp_path / "full", manifest=make_manifest(view=ViewSpec(size=32), view_kind="full"))
    line.show(EMPTY, 0.5)
    line.show(ITEM, 1.0)
    assert item_share(line.classifier.views) == pytest.approx([0.16] * 3, abs=0.04)


def test_what_the_model_does_not_know_is_recorded_so(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, min_ood_score=2.0)
    line.classifier.score = 1.5
    line.show(EMPTY, 0.5)
    (event,) = line.show(ITEM, 1.0)
    assert (event.label, event.bin, event.reason, event.score) == ("glass", "residual", "unknown", 1.5)
    assert [(row["reason"], row["score"]) for row in line.events.events()] == [("unknown", 1.5)]


def test_nothing_moves_on_an_empty_tray(line: SorterRig) -> None:
    line.show(EMPTY, 10.0)
    assert line.journal.lines == []
    assert line.classifier.views == []


def test_an_item_in_motion_is_not_looked_at(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    for number in range(12):
        line.show(np.roll(ITEM, 6 * (number % 5), axis=1), STEP_S)
    assert line.classifier.views == []
    assert line.journal.lines == []


def test_the_event_is_on_the_disk_before_the_flap_moves(line: SorterRig) -> None:
    seen: list[int] = []
    flap = line.flaps["glass"]
    before = flap.open

    def look() -> None:
        seen.append(len(line.outcomes()))
        before()

    flap.open = look  # type: ignore[method-assign]
    line.show(EMPTY, 0.5)
    line.show(ITEM, 1.0)
    assert seen == [1]


def test_old_frames_are_counted_and_never_acted_on(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    assert line.show(ITEM, 3.0, age_s=MAX_AGE_S + 0.01) == []
    assert line.sorter.freshness.stale_count == 30
    assert line.journal.lines == []
    assert line.classifier.views == []
    (event,) = line.show(ITEM, 1.0, age_s=MAX_AGE_S - 0.01)
    assert event.bin == "glass"


def test_an_old_frame_spoils_the_views_before_it(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    while len(line.classifier.views) < 2:
        assert line.show(ITEM, STEP_S) == []
    line.show(ITEM, STEP_S, age_s=2.0)
    assert line.show(ITEM, 2 * STEP_S) == []
    assert len(line.show(ITEM, STEP_S)) == 1


def test_views_before_a_time_without_any_look_do_not_count(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, {"glass": 0.9}, {"glass": 0.9}, {"metal": 0.9})
    line.show(EMPTY, 0.5)
    while len(line.classifier.views) < 2:
        line.show(ITEM, STEP_S)
    for _ in range(30):
        line.clock.advance(STEP_S)
        line.sorter.step(None)
    (event,) = line.show(ITEM, 0.5)
    assert (event.label, event.agreement, event.views) == ("metal", 1.0, 3)


def test_views_before_a_movement_do_not_count(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, {"glass": 0.9}, {"glass": 0.9}, {"metal": 0.9})
    line.show(EMPTY, 0.5)
    while len(line.classifier.views) < 2:
        line.show(ITEM, STEP_S)
    line.show(OTHER, STEP_S)
    (event,) = line.show(OTHER, 1.0)
    assert (event.label, event.agreement) == ("metal", 1.0)


def test_without_a_frame_no_flap_moves_and_it_goes_home_when_there_are_some_again(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    while not line.journal.lines:
        line.show(ITEM, STEP_S)
    line.show(ITEM, 0.1)
    for _ in range(50):
        line.clock.advance(STEP_S)
        assert line.sorter.step(None) is None
    assert line.journal.commands() == [("glass", "open")], "nothing shows that nobody is in the way"
    assert line.outcomes() == ["decided"], "nobody has seen the tray empty yet"
    line.show(EMPTY, 1.0)
    assert line.journal.commands() == [("glass", "open"), ("glass", "home"), ("glass", "detach")]
    assert line.outcomes() == ["done"]


def test_an_item_that_does_not_fall_gets_its_retries_and_then_a_person(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    assert len(line.show(ITEM, 12.0)) == 1, "it is one item, decided once"
    assert line.journal.commands("open") == [("glass", "open")] * 2
    assert line.alarms.most_urgent is not None
    assert "item 1 does not fall into glass" in line.alarms.most_urgent
    assert line.outcomes() == ["stuck"]
    line.show(EMPTY, 0.5)
    assert line.alarms.most_urgent is None
    assert line.outcomes() == ["stuck"]
    (event,) = line.show(ITEM, 1.0)
    assert event.number == 2


@pytest.mark.parametrize("retries", [0, 3])
def test_the_number_of_retries_is_the_configured_one(tmp_path: Path, retries: int) -> None:
    line = SorterRig(tmp_path, retries=retries)
    line.show(EMPTY, 0.5)
    line.show(ITEM, 12.0)
    assert len(line.journal.commands("open")) == 1 + retries


def test_an_item_that_falls_at_the_second_try_is_done(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    while len(line.journal.commands("open")) < 2:
        line.show(ITEM, STEP_S)
    line.show(EMPTY, 2.0)
    assert line.outcomes() == ["done"]
    assert line.alarms.most_urgent is None


def test_the_next_item_put_down_before_the_tray_was_seen_empty_is_another(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, GLASS, GLASS, GLASS, {"metal": 0.95})
    line.show(EMPTY, 0.5)
    line.show(ITEM, 1.0)
    (event,) = line.show(OTHER, 1.5)
    assert (event.number, event.bin) == (2, "packaging")
    assert line.outcomes() == ["done", "decided"]
    assert line.journal.commands("open") == [("glass", "open"), ("packaging", "open")]


def test_what_is_unsure_goes_to_the_residual_bin_and_is_recorded_so(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, {"glass": 0.4})
    line.show(EMPTY, 0.5)
    (event,) = line.show(ITEM, 1.0)
    assert (event.label, event.bin, event.reason) == ("glass", "residual", "unsure")
    assert line.journal.commands("open") == [("residual", "open")]


def test_an_item_waits_while_the_duty_limit_holds(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, duty=1)
    line.show(EMPTY, 0.5)
    line.show(ITEM, 1.0)
    line.show(EMPTY, 2.0)
    assert line.show(ITEM, 50.0) == []
    assert len(line.show(ITEM, 15.0)) == 1
    (first_s, *_), (second_s, *_) = (entry for entry in line.journal.lines if entry[2] == "open")
    assert second_s - first_s >= 60.0


def test_the_duty_limit_is_said_and_the_light_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = SorterRig(tmp_path, duty=1)
    shown: list[bool] = []
    monkeypatch.setattr(line.sorter.flaps, "show", lambda *, ready: shown.append(ready))
    line.show(EMPTY, 0.5)
    assert shown[-1]
    assert line.sorter.flaps.wait is None
    line.show(ITEM, 1.0)
    opened_s = line.journal.lines[0][0]
    line.show(EMPTY, 10.0)
    assert not any(shown[-50:])
    left_s = opened_s + 60.0 - line.clock.now_s()
    assert line.sorter.flaps.wait == f"wait: 1 opening in a minute, the next in {int(left_s) + 1} s"
    line.show(EMPTY, left_s + 0.1)
    assert shown[-1]
    assert line.sorter.flaps.wait is None


def test_the_next_item_that_looks_alike_gets_a_decision_of_its_own(line: SorterRig) -> None:
    """The same can again, put down while the flap goes home: the tray was seen empty between, so it is another item."""
    line.show(EMPTY, 0.5)
    assert len(line.show(ITEM, 0.7)) == 1
    line.show(EMPTY, 0.3)
    assert len(line.show(ITEM, 2.0)) == 1
    line.show(EMPTY, 2.0)
    assert line.outcomes() == ["done", "done"]


# --- a hand -----------------------------------------------------------------------------------------------------------


def test_no_flap_opens_while_a_hand_is_seen_nor_for_a_second_after(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    assert line.show(HAND, 3.0) == []
    assert line.sorter.flaps.interlock.active
    assert line.classifier.views == []
    gone_s = line.clock.now_s()
    assert line.show(ITEM, 0.9) == []
    assert len(line.classifier.views) == 2, "all but the last view are taken meanwhile"
    (event,) = line.show(ITEM, 0.5)
    assert not line.sorter.flaps.interlock.active
    assert event.views == len(line.classifier.views) == 3
    assert 1.0 <= event.time_s - gone_s <= 1.2


def test_a_flap_under_way_is_let_go_for_a_hand_and_the_cycle_ends_after_it(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    while not line.journal.lines:
        line.show(ITEM, STEP_S)
    line.show(HAND, 5.0)
    assert line.journal.commands() == [("glass", "open"), ("glass", "detach")]
    line.show(EMPTY, 4.0)
    assert line.journal.commands()[2:] == [("glass", "home"), ("glass", "detach")]
    assert line.outcomes() == ["done"]


def test_an_item_whose_opening_a_hand_cut_short_has_its_retry(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    while not line.journal.lines:
        line.show(ITEM, STEP_S)
    line.show(HAND, 1.0)
    line.show(ITEM, 3.0)
    assert line.journal.commands() == [
        ("glass", "open"),
        ("glass", "detach"),
        ("glass", "home"),
        ("glass", "detach"),
        ("glass", "open"),
        ("glass", "home"),
        ("glass", "detach"),
    ]
    assert line.outcomes() == ["stuck"]


def test_an_open_flap_waits_for_the_hand_to_go(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    while not line.journal.lines:
        line.show(ITEM, STEP_S)
    line.show(EMPTY, 0.5)
    line.show(HAND, 5.0)
    assert line.journal.commands() == [("glass", "open")]
    gone_s = line.clock.now_s()
    line.show(EMPTY, 2.0)
    home_s = next(time_s for time_s, _, command in line.journal.lines if command == "home")
    assert home_s - gone_s == pytest.approx(1.0, abs=2 * STEP_S)


def test_the_frame_that_shows_the_hand_stops_the_flap_that_was_due(line: SorterRig) -> None:
    """The flap would have gone home in the very step that sees the hand."""
    line.show(EMPTY, 0.5)
    while not line.journal.lines:
        line.show(ITEM, STEP_S)
    line.clock.advance(0.6)
    line.show(HAND, STEP_S)
    assert line.journal.commands() == [("glass", "open")]


def test_a_retry_waits_for_the_hand_too(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    while ("glass", "home") not in line.journal.commands():
        line.show(ITEM, STEP_S)
    line.clock.advance(0.4)  # home, and the item still there: the retry would begin with the next frame
    line.show(HAND, 3.0)
    assert line.diverter.state is DiverterState.HOME
    assert line.journal.commands("open") == [("glass", "open")]
    line.show(ITEM, 3.0)
    assert line.journal.commands("open") == [("glass", "open")] * 2


def test_a_hold_goes_on_while_nothing_is_seen(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    while not line.journal.lines:
        line.show(ITEM, STEP_S)
    line.show(EMPTY, 0.5)
    line.show(HAND, 0.5)
    for _ in range(100):
        line.clock.advance(STEP_S)
        line.sorter.step(None)
    assert line.journal.commands("open", "home") == [("glass", "open")]
    line.show(EMPTY, 3.0)
    assert line.diverter.ready


def test_a_hand_that_stays_is_told_and_forgotten_when_it_goes(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    line.show(HAND, 9.0)
    assert line.alarm == ""
    line.show(HAND, 3.0)
    assert line.alarm.startswith("something reaches over the tray's edge, no flap moves")
    line.show(EMPTY, 1.5)
    assert line.alarm == ""


# --- what lies there --------------------------------------------------------------------------------------------------


def test_several_things_at_once_go_to_the_residual_bin(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    (event,) = line.show(PAIR, 1.0)
    assert (event.label, event.bin, event.reason) == ("glass", "residual", "several")


def test_while_an_item_is_stuck_nothing_is_taken_and_a_person_makes_all_well(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    line.show(ITEM, 12.0)
    views = len(line.classifier.views)
    assert line.show(ITEM, 60.0) == []
    assert len(line.classifier.views) == views
    assert line.journal.commands("open") == [("glass", "open")] * 2
    assert line.alarm == (
        "item 1 does not fall into glass, nothing is sorted: empty the bin if it is full, then clear the tray"
    )
    line.show(HAND, 2.0)
    line.show(EMPTY, 2.0)
    assert line.alarm == ""
    assert line.outcomes() == ["stuck"]
    (event,) = line.show(ITEM, 1.0)
    assert event.number > 1


def test_what_a_person_reached_for_and_left_gets_one_more_opening_and_stays_the_same_item(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    line.show(ITEM, 12.0)
    line.show(HAND, 1.0)
    assert line.show(ITEM, 4.0) == []
    assert "item 1 does not fall into glass" in line.alarm
    assert line.journal.commands("open") == [("glass", "open")] * 3
    assert line.show(EMPTY, 1.0) == [], "when it is gone, the tray is empty, and nothing else"
    assert line.alarm == ""
    (event,) = line.show(ITEM, 1.5)
    assert event.number == 2


def with_insect(picture: Pixels, left: int) -> Pixels:
    picture = picture.copy()
    picture[20:28, left : left + 12] = (25, 22, 20)
    return picture


def test_an_insect_that_sits_down_elsewhere_waits_and_its_leaving_is_no_loss(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    assert len(line.show(with_insect(EMPTY, 20), 12.0)) == 1
    line.show(EMPTY, 1.0)
    assert line.show(with_insect(EMPTY, 60), 3.0) == []
    assert line.sorter.wait is not None
    assert line.sorter.wait.startswith("wait: what lies there looks like a stain or a crumb, it is decided in 2 s")
    line.show(EMPTY, 1.0)
    assert (line.sorter.wait, list(line.alarms)) == (None, [])
    assert len(line.show(with_insect(ITEM, 100), 1.5)) == 1, "an item is decided at once all the same"
    line.show(EMPTY, 3.0)
    assert len(line.show(with_insect(EMPTY, 100), 5.5)) == 1, "it may be a small thing"


def test_a_crumb_opens_its_flap_twice_and_never_again(line: SorterRig) -> None:
    crumb = EMPTY.copy()
    crumb[60:68, 80:92] = (60, 40, 20)
    line.show(EMPTY, 0.5)
    (event,) = line.show(crumb, 12.0)
    assert line.journal.commands("open") == [(event.bin, "open")] * 2
    assert line.alarm == ""
    assert not line.sorter.busy
    assert [(row["outcome"], row["fell"]) for row in line.events.events()] == [("empty", 0)]
    crumb_and_item = ITEM.copy()
    crumb_and_item[60:68, 80:92] = (60, 40, 20)
    (second,) = line.show(crumb_and_item, 1.5)
    assert second.number > event.number
    assert line.show(crumb, 12.0) == []
    assert len(line.journal.commands("open")) == 3


def test_what_only_flew_past_gives_a_stuck_item_no_more_openings(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    line.show(ITEM, 12.0)
    line.show(HAND, STEP_S)
    line.show(ITEM, 4.0)
    assert "item 1 does not fall into glass" in line.alarm
    assert line.sorter.busy


# --- flaps that fail --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["open", "home", "detach"])
def test_a_flap_that_fails_stops_the_sorting_and_recovers(line: SorterRig, command: str) -> None:
    line.flaps["glass"].broken = {command, "home"}
    line.show(EMPTY, 0.5)
    line.show(ITEM, 1.0)
    line.show(EMPTY, 30.0)
    assert line.diverter.state is DiverterState.FAULT
    assert line.alarm == "flap glass: cannot home; nothing is sorted until it is home"
    assert line.outcomes() == ["decided"]
    assert line.show(OTHER, 5.0) == []
    line.flaps["glass"].broken = set()
    line.show(EMPTY, 61.0)
    assert line.diverter.ready
    assert line.alarm == ""
    assert line.outcomes() == ["done"]
    assert not line.flaps["glass"].driven
    assert len(line.show(OTHER, 1.0)) == 1


def test_a_flap_that_never_opens_leaves_a_stuck_item_and_not_a_stopped_program(line: SorterRig) -> None:
    line.flaps["glass"].broken = {"open"}
    line.show(EMPTY, 0.5)
    assert len(line.show(ITEM, 15.0)) == 1
    assert line.outcomes() == ["stuck"]
    assert "item 1 does not fall into glass" in line.alarm
    assert line.flaps["glass"].stands_home


# --- a disk that fails ------------------------------------------------------------------------------------------------


def test_while_the_disk_is_full_nothing_is_sorted_and_then_it_goes_on(line: SorterRig) -> None:
    fill_disk(line.events)
    line.show(EMPTY, 0.5)
    assert line.show(ITEM, 20.0) == []
    assert line.journal.lines == []
    assert line.alarm.startswith("events cannot be written, nothing is sorted: ")
    assert line.alarm.endswith("cannot be written: database or disk is full")
    assert len(line.classifier.views) == 3, "no work is done for what cannot be recorded"
    free_disk(line.events)
    while not (decided := line.show(ITEM, STEP_S)):
        assert line.clock.now_s() < 1100
    assert [event.number for event in decided] == [1]
    assert line.alarm == ""
    assert line.outcomes() == ["decided"]
    line.show(EMPTY, 2.0)
    assert line.outcomes() == ["done"]
    assert line.events.integrity() == "ok"


def test_a_disk_that_fails_after_the_decision_is_told_the_outcome_later(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    assert len(line.show(ITEM, 1.0)) == 1
    line.events._db.execute("PRAGMA query_only = 1")
    line.show(EMPTY, 2.0)
    assert line.outcomes() == ["decided"]
    assert "readonly" in line.alarm
    assert line.show(OTHER, 3.0) == []
    line.events._db.execute("PRAGMA query_only = 0")
    while not (decided := line.show(OTHER, STEP_S)):
        assert line.clock.now_s() < 1100
    assert [event.number for event in decided] == [2]
    assert line.outcomes() == ["done", "decided"]


# --- a classifier that fails ------------------------------------------------------------------------------------------


def test_while_the_classifier_fails_nothing_is_sorted_and_it_is_asked_again_ever_more_rarely(
    line: SorterRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def fail(view: Pixels) -> None:
        asked.append(line.clock.now_s())
        raise InferenceError("model m: boom")

    with monkeypatch.context() as broken:
        broken.setattr(line.classifier, "predict", fail)
        line.show(EMPTY, 0.5)
        assert line.show(ITEM, 16.0) == []
        pauses = [after - before for before, after in pairwise(asked)]
        assert pauses == pytest.approx([1, 2, 4, 8], abs=STEP_S + 0.01)
        assert line.alarm == "the classifier fails, nothing is sorted, next try in 16 s: model m: boom"
    (event,) = line.show(ITEM, 17.0)
    assert event.number == 1
    assert line.alarm == ""


def test_a_lost_accelerator_is_told_and_the_sorting_goes_on(line: SorterRig) -> None:
    line.classifier.accelerator_failure = "the accelerator has failed, the CPU runs the model: boom"
    line.show(EMPTY, 0.5)
    assert len(line.show(ITEM, 1.0)) == 1
    assert line.alarm == line.classifier.accelerator_failure
    line.classifier.accelerator_failure = None
    line.show(EMPTY, 2.0)
    line.show(OTHER, 1.0)
    assert Alarm.ACCELERATOR not in line.alarms


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-400.0, 400.0])
def test_a_wall_clock_that_is_set_in_the_middle_of_a_cycle_changes_only_what_is_recorded(
    tmp_path: Path, days: float
) -> None:
    journals, events = [], []
    for name, step_s in (("plain", 0.0), ("stepped", days * 86_400)):
        (tmp_path / name).mkdir()
        line = SorterRig(tmp_path / name)
        line.show(EMPTY, 0.5)
        first = line.show(ITEM, 0.8)
        line.clock.step_wall(step_s)
        line.show(EMPTY, 2.0)
        second = line.show(OTHER, 1.0)
        line.show(EMPTY, 2.0)
        assert line.outcomes() == ["done", "done"]
        journals.append(line.journal.lines)
        events.append([*first, *second])
    assert journals[0] == journals[1]
    (_, plain), (before, after) = events
    assert after.time_s == plain.time_s
    assert after.wall_s - plain.wall_s == pytest.approx(days * 86_400)
    assert before.image is not None
    assert after.image is not None
    assert before.image < after.image, "names count up, whatever the clock says"


def test_pictures_of_two_runs_at_the_same_wall_time_do_not_collide(tmp_path: Path) -> None:
    """A machine without a clock of its own may begin every day at the same second."""
    names = []
    for _ in range(2):
        line = SorterRig(tmp_path)
        line.show(EMPTY, 0.5)
        names += [event.image for event in line.show(ITEM, 1.0)]
        OPEN_LOGS.pop().close()
    assert len(set(names)) == 2
    assert all((tmp_path / "images" / str(name)).is_file() for name in names)


ARM = item_picture((0.8, 0.4, 1.0, 0.6), (200, 150, 120), width=160, height=120, seed=6)


def test_an_item_that_slid_on_its_flap_and_stayed_is_the_same_item(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    line.show(ITEM, 1.0)
    assert line.show(SLID, 1.5) == []
    assert line.journal.commands("open") == [("glass", "open")] * 2
    line.show(EMPTY, 2.0)
    assert line.outcomes() == ["done"]


def test_what_came_over_the_edge_meanwhile_is_another_item_however_alike(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    line.show(ITEM, 1.0)
    line.show(ARM, STEP_S)
    (event,) = line.show(SLID, 3.0)
    assert event.number == 2


def test_an_item_that_falls_before_it_is_decided_sends_every_flap_home_again(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    line.show(ITEM, 0.2)
    line.show(EMPTY, 3.5)
    assert "stands open" in line.alarm
    assert sorted(line.journal.commands("home")) == [(name, "home") for name in sorted(line.flaps)]
    assert line.journal.commands("open") == []
    line.show(ITEM, 1.0)
    line.show(EMPTY, 2.0)
    assert line.alarm == ""


def test_an_item_that_is_taken_back_over_the_edge_is_nobodys_trouble(line: SorterRig) -> None:
    line.show(EMPTY, 0.5)
    line.show(ITEM, 0.2)
    line.show(HAND, 0.3)
    line.show(EMPTY, 3.0)
    assert line.alarm == ""
    assert line.journal.commands() == []
