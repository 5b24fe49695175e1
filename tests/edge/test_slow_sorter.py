"""The line on a machine that is slow: a disk or a classifier that takes longer than a frame may be old."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.records.event_features import EventFeatures
from edge.values import Prediction, SortEvent
from tests.builders.pictures import Pixels, item_picture
from tests.edge.sorter_rig import EMPTY, GLASS, HAND, ITEM, MAX_AGE_S, OPEN_LOGS, OTHER, STEP_S, SorterRig

NUDGED = item_picture((0.33, 0.32, 0.73, 0.72), width=160, height=120, seed=7)
"""The item, moved by a finger's breadth."""

SEEN_S = 2 * STEP_S
"""After a time without any, two pictures show that nobody is in the way."""


@pytest.fixture(autouse=True)
def _close_logs() -> Iterator[None]:
    yield
    while OPEN_LOGS:
        OPEN_LOGS.pop().close()


def asked_for_and_not_on_disk(line: SorterRig) -> None:
    """The item is decided, its event under way."""
    line.show(EMPTY, 0.5)
    while not line.sorter.busy:
        assert line.show(ITEM, STEP_S) == []
    assert line.outcomes() == []
    assert line.journal.lines == []


@pytest.mark.parametrize("commit_s", [0.05, 0.55, 1.0, 2.5, 5.0])
def test_however_slow_the_disk_each_item_is_one_event_and_sorted(tmp_path: Path, commit_s: float) -> None:
    line = SorterRig(tmp_path, commit_s=commit_s)
    line.show(EMPTY, 0.5)
    for number, picture in enumerate((ITEM, OTHER, ITEM, OTHER), start=1):
        events: list[SortEvent] = []
        while not events:
            events = line.show(picture, STEP_S)
            assert line.clock.now_s() < 1100.0
        assert [event.number for event in events] == [number]
        assert line.outcomes()[number - 1] == "decided", "it is on the disk before its flap moves"
        line.show(EMPTY, 8.0)
        line.show(EMPTY, 6.0)
    assert line.outcomes() == ["done"] * 4
    assert line.journal.commands("open") == [("glass", "open")] * 4
    assert ("the card is slow" in line.alarm) is (commit_s > 0.3)


def test_an_inline_disk_that_stalls_does_not_make_a_second_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = SorterRig(tmp_path)
    record = line.events.record

    def record_slowly(event: SortEvent, features: EventFeatures | None) -> None:
        record(event, features)
        line.clock.advance(3.0)

    monkeypatch.setattr(line.events, "record", record_slowly)
    line.show(EMPTY, 0.5)
    while not line.outcomes():
        assert line.show(ITEM, STEP_S) == []
    assert line.journal.lines == [], "what was seen is too old"
    assert len(line.show(ITEM, SEEN_S)) == 1
    line.show(EMPTY, 2.0)
    assert line.outcomes() == ["done"]


def test_the_flap_waits_for_a_fresh_picture(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, commit_s=0.7)
    asked_for_and_not_on_disk(line)
    for _ in range(20):
        line.clock.advance(STEP_S)
        line.disk.advance()
        line.sorter.step(None)
    assert line.outcomes() == ["decided"]
    line.show(ITEM, 1.0, age_s=MAX_AGE_S + 0.1)
    assert line.journal.lines == [], "who sees nothing of now moves nothing"
    assert len(line.show(ITEM, SEEN_S)) == 1


def test_an_item_that_is_exchanged_meanwhile_is_another_event(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, commit_s=1.5)
    asked_for_and_not_on_disk(line)
    while not (events := line.show(OTHER, STEP_S)):
        assert line.clock.now_s() < 1010.0
    assert [event.number for event in events] == [2]
    line.show(EMPTY, 6.0)
    assert line.journal.commands("open") == [("glass", "open")]
    assert line.outcomes() == ["interrupted", "done"]


def test_an_item_that_is_taken_away_meanwhile_moves_no_flap(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, commit_s=1.5)
    asked_for_and_not_on_disk(line)
    line.show(HAND, 0.3)
    line.show(EMPTY, 6.0)
    assert line.journal.commands("open") == []
    assert line.outcomes() == ["interrupted"]
    (event,) = line.show(OTHER, 6.0)[:1]
    assert event.number == 2


def test_a_thing_put_beside_it_meanwhile_is_no_part_of_the_decision(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, commit_s=1.5)
    asked_for_and_not_on_disk(line)
    both = ITEM.copy()
    both[40:80, 125:150] = (30, 60, 200)
    (event,) = line.show(both, 6.0)[:1]
    assert (event.number, event.reason) == (2, "several")
    line.show(EMPTY, 6.0)
    assert line.outcomes() == ["interrupted", "done"]


def test_an_item_that_slides_a_little_meanwhile_is_the_same(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, commit_s=1.0)
    asked_for_and_not_on_disk(line)
    (event,) = line.show(NUDGED, 1.5)
    assert event.number == 1
    line.show(EMPTY, 5.0)
    assert line.outcomes() == ["done"]


def test_a_hand_that_passes_meanwhile_holds_the_flap_and_the_decision_stands(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, commit_s=0.5)
    asked_for_and_not_on_disk(line)
    line.show(HAND, 1.0)
    assert line.journal.lines == []
    (event,) = line.show(ITEM, 1.5)
    assert event.number == 1


def test_a_disk_that_fails_while_an_item_waits_for_it_leaves_the_item_to_be_decided_again(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, commit_s=0.5)
    asked_for_and_not_on_disk(line)
    line.events._db.execute("PRAGMA query_only = 1")
    assert line.show(ITEM, 3.0) == []
    assert "readonly" in line.alarm
    line.events._db.execute("PRAGMA query_only = 0")
    while not (events := line.show(ITEM, STEP_S)):
        assert line.clock.now_s() < 1050.0
    assert [event.number for event in events] == [1]
    line.show(EMPTY, 4.0)
    assert line.outcomes() == ["done"]


def test_the_service_ends_what_waits_for_the_disk(tmp_path: Path) -> None:
    line = SorterRig(tmp_path, commit_s=1.0)
    asked_for_and_not_on_disk(line)
    line.sorter.flaps.panel.in_service = True
    line.show(ITEM, 3.0)
    assert line.outcomes() == ["interrupted"]
    line.sorter.flaps.panel.in_service = False
    (event,) = line.show(ITEM, 3.0)
    assert event.number == 2


# --- a slow classifier ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view_s", [0.1, 0.52, 1.5])
def test_a_view_that_takes_longer_than_a_frame_may_be_old_is_decided_on_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, view_s: float
) -> None:
    line = SorterRig(tmp_path, GLASS)
    predict = line.classifier.predict

    def predict_slowly(view: Pixels) -> Prediction:
        line.clock.advance(view_s)
        return predict(view)

    monkeypatch.setattr(line.classifier, "predict", predict_slowly)
    line.show(EMPTY, 0.5)
    (event,) = line.show(ITEM, 1.2)
    assert event.views == 3
    opened_s = line.journal.lines[0][0]
    assert opened_s - event.time_s == pytest.approx(0.0 if view_s < MAX_AGE_S else SEEN_S), "on frames of its own"
    line.show(EMPTY, 2.0)
    assert line.outcomes() == ["done"]
