"""What the owner taught: every change is whole, can be undone, and fits into the budget."""

from pathlib import Path

import numpy as np
import pytest

from edge.errors import LabelError, TaughtSetError
from edge.teaching.pictures.redundancy import LEAST_KEPT
from edge.teaching.pictures.stored_picture import StoredPicture
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
from tests.builders.teaching import (
    MODEL_SHA,
    VIEWS,
    features_along,
    numbers_of,
    open_set,
    stored_picture,
    taught_picture,
    teach,
)


def test_what_was_added_is_there_after_it_was_closed(tmp_path: Path) -> None:
    picture = taught_picture("glass", 3, is_cut_off=True, brightness=31.5)
    with open_set(tmp_path / "new" / "folder") as taught:
        (number,) = teach(taught, picture)
    with open_set(tmp_path / "new" / "folder", read_only=True) as taught:
        (entry,) = taught.entries()
        assert (entry.number, entry.label, entry.origin, entry.source) == (number, "glass", "glass-3.jpg", "file")
        assert (entry.wall_s, entry.is_cut_off, entry.brightness, entry.has_picture) == (
            picture.wall_s,
            True,
            31.5,
            True,
        )
        assert taught.picture(number) == picture.picture
        assert picture.features is not None
        assert np.array_equal(taught.looks(MODEL_SHA)[number], picture.features)
        assert taught.used_bytes == entry.size_bytes == picture.size_bytes
        assert taught.labels == ("glass",)


def test_nothing_was_taught_says_so_where_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(TaughtSetError, match="no such file; nothing has been taught yet"):
        open_set(tmp_path, read_only=True)
    assert list(tmp_path.iterdir()) == []
    with (
        open_set(tmp_path) as taught,
        pytest.raises(LabelError, match="nothing is taught; 'sorter teach capture LABEL'"),
    ):
        taught.examples(MODEL_SHA)


def test_changes_are_undone_one_by_one_and_done_again(tmp_path: Path) -> None:
    with open_set(tmp_path) as taught:
        teach(taught, taught_picture("glass", 1), taught_picture("glass", 2), what="two of glass")
        teach(taught, taught_picture("metal", 3), what="one of metal")
        taught.drop([1], "drop one", wall_s=0.0)
        states = [numbers_of(taught)]
        told = []
        while (change := taught.undo()) is not None:
            told.append((change.what, change.added, change.dropped))
            states.append(numbers_of(taught))
        assert states == [[2, 3], [1, 2, 3], [1, 2], []]
        assert told == [("drop one", 0, 1), ("one of metal", 1, 0), ("two of glass", 2, 0)]
        for state in reversed(states[:-1]):
            assert taught.redo() is not None
            assert numbers_of(taught) == state
        assert taught.redo() is None


def test_a_new_change_forgets_what_was_undone(tmp_path: Path) -> None:
    with open_set(tmp_path) as taught:
        teach(taught, taught_picture("glass", 1))
        teach(taught, taught_picture("metal", 2))
        taught.undo()
        (newest,) = teach(taught, taught_picture("paper", 3))
        assert numbers_of(taught) == [1, newest]
        assert newest > 2, "no number means two pictures"
        assert taught.redo() is None
        assert taught.undo() is not None
        assert numbers_of(taught) == [1]
        # The drop that was undone does not come back with another one either.
        taught.drop([1], "drop", wall_s=0.0)
        taught.undo()
        teach(taught, taught_picture("paper", 4))
        assert 1 in numbers_of(taught)


def test_pictures_of_one_capture_are_undone_together(tmp_path: Path) -> None:
    with open_set(tmp_path) as taught:
        first = taught.add([taught_picture(number=1)], "capture: 1", wall_s=0.0)
        second = taught.add([taught_picture(number=2)], "capture: 2", wall_s=0.0, change=first.change)
        assert second.change == first.change
        assert taught.newest_change is not None
        assert taught.newest_change.what == "capture: 2"
        taught.undo()
        assert numbers_of(taught) == []
        # Undone meanwhile: what comes now is a change of its own.
        third = taught.add([taught_picture(number=3)], "capture: 3", wall_s=0.0, change=first.change)
        assert third.change != first.change
        assert len(numbers_of(taught)) == 1


def test_a_wrong_number_changes_nothing(tmp_path: Path) -> None:
    with open_set(tmp_path) as taught:
        teach(taught, taught_picture(number=1), taught_picture(number=2))
        with pytest.raises(LabelError, match="picture 7: is not in the taught set"):
            taught.drop([1, 7], "drop", wall_s=0.0)
        assert numbers_of(taught) == [1, 2]
        assert taught.newest_change is not None
        assert taught.newest_change.what == "add"
        assert taught.drop([1, 1], "drop", wall_s=0.0) == 1
        with pytest.raises(LabelError):
            taught.drop([1], "drop again", wall_s=0.0)


def test_what_is_dropped_for_good_leaves_no_trace_in_the_file(tmp_path: Path) -> None:
    picture = taught_picture(number=1, origin="letter-to-me.jpg")
    assert picture.picture is not None
    with open_set(tmp_path) as taught:
        teach(taught, picture, taught_picture(number=2))
        middle = picture.picture.jpeg[-100:-20]  # the head is the same in all of them
        assert middle in taught.path.read_bytes()
        assert taught.drop([1], "drop", wall_s=0.0, for_good=True) == 1
        taught.undo()
        assert numbers_of(taught) == [], "what is left to undo is the adding of the other one"
        content = taught.path.read_bytes()
        assert middle not in content
        assert b"letter-to-me" not in content


def test_what_was_dropped_long_ago_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.teaching.taught_set.change_history.MOST_CHANGES", 3)
    with open_set(tmp_path) as taught:
        teach(taught, taught_picture(number=1), taught_picture(number=2))
        taught.drop([1], "drop", wall_s=0.0)
        before = taught.used_bytes
        for number in range(3):
            assert taught.used_bytes == before
            taught.add([], f"change {number}", wall_s=0.0)
        assert taught.used_bytes < before
        while taught.undo() is not None:
            pass
        assert numbers_of(taught) == [2], "pictures that were added before stay"


def test_a_second_word_on_an_event_replaces_the_first(tmp_path: Path) -> None:
    event = {"source": Source.EVENT, "origin": "1-23", "picture": None}
    with open_set(tmp_path) as taught:
        teach(taught, taught_picture("glass", 1, **event))
        teach(taught, taught_picture("metal", 2, **event), taught_picture("paper", 3, **event | {"origin": "1-24"}))
        assert [(entry.label, entry.has_picture) for entry in taught.entries()] == [("metal", False), ("paper", False)]
        taught.undo()
        assert [entry.label for entry in taught.entries()] == ["glass"]


def size_of(count: int) -> int:
    return sum(taught_picture(number=number).size_bytes for number in range(count))


def test_near_duplicates_go_first_and_the_older_of_them(tmp_path: Path) -> None:
    def pictures(label: str, directions: list[float]) -> list[TaughtPicture]:
        return [
            taught_picture(label, number, picture=stored_picture(1), features=features_along(direction))
            for number, direction in enumerate(directions)
        ]

    glass = pictures("glass", [0.0, 0.2, 0.4, 0.6, 0.8, 0.41, 1.0])
    metal = pictures("metal", [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    budget = sum(one.size_bytes for one in (*glass, *metal))
    with open_set(tmp_path, budget_bytes=budget) as taught:
        teach(taught, *glass)
        teach(taught, *metal)
        assert taught.near_duplicates() == {3}, "the third of glass, nearly the same as the sixth"
        (newest,) = teach(taught, taught_picture("paper", picture=stored_picture(1), features=features_along(0.5)))
        assert numbers_of(taught) == [1, 2, *range(4, 14), newest]
        change = taught.undo()
        assert change is not None
        assert change.evicted == 1
        assert numbers_of(taught) == [1, 2, *range(4, 14)], "what made room does not come back"


def test_what_was_dropped_makes_room_before_what_teaches(tmp_path: Path) -> None:
    with open_set(tmp_path, budget_bytes=size_of(8)) as taught:
        teach(taught, *(taught_picture(number=number) for number in range(7)))
        taught.drop([2, 3], "drop", wall_s=0.0)
        added = taught.add([taught_picture(number=number) for number in (7, 8)], "add", wall_s=0.0)
        assert added.evicted == 0
        assert taught.used_bytes <= size_of(8)
        assert numbers_of(taught) == [1, 4, 5, 6, 7, 8, 9]


def test_the_budget_holds_for_the_file_as_well(tmp_path: Path) -> None:
    budget = 400_000

    def large(number: int) -> TaughtPicture:
        jpeg = np.random.default_rng(number).bytes(30_000)
        return taught_picture(("glass", "metal")[number % 2], number, picture=StoredPicture(jpeg))

    with open_set(tmp_path, budget_bytes=budget) as taught:
        for first in range(0, 45, 15):
            teach(taught, *map(large, range(first, first + 15)))
            assert taught.used_bytes <= budget
            assert taught.path.stat().st_size < 1.2 * budget, "pages are not quite full"
        assert taught.labels == ("glass", "metal")


def test_few_pictures_of_a_label_are_never_given_up(tmp_path: Path) -> None:
    with open_set(tmp_path, budget_bytes=size_of(LEAST_KEPT) + 100) as taught:
        teach(taught, *(taught_picture(number=number) for number in range(LEAST_KEPT)))
        before = numbers_of(taught)
        with pytest.raises(TaughtSetError, match=r"teach\.budget_mb\): raise it, or drop a label; nothing was changed"):
            teach(taught, taught_picture("metal", 9))
        assert numbers_of(taught) == before
        assert taught.newest_change is not None
        assert taught.newest_change.added == LEAST_KEPT


def test_the_disk_keeps_its_reserve_for_events(tmp_path: Path) -> None:
    with open_set(tmp_path, reserve_bytes=1000, measure_free=lambda folder: 1000) as taught:
        with pytest.raises(TaughtSetError, match=r"make room on the disk; nothing was changed"):
            teach(taught, taught_picture())
        assert numbers_of(taught) == []


def test_examples_are_those_with_features_of_the_model_and_corrections_weigh_less(tmp_path: Path) -> None:
    events = [
        taught_picture("glass", number, source=Source.EVENT, origin=f"1-{number}", picture=None)
        for number in range(10, 22)
    ]
    odd = taught_picture("metal", 3, features=taught_picture().features[:2])  # type: ignore[index]
    other = taught_picture("paper", 4, model="0" * 64)
    with open_set(tmp_path) as taught:
        teach(taught, taught_picture("glass", 1), taught_picture("metal", 2), odd, other, *events)
        examples = taught.examples(MODEL_SHA)
    assert examples.counts == {"glass": 13, "metal": 2}
    assert examples.features.shape[:2] == (15, VIEWS)
    assert examples.weights[:3].tolist() == [1, 1, 1]
    assert 0 < examples.weights[3:].sum() < 12
    assert examples.sources[0] == "glass-1.jpg (picture 1)"


def test_features_made_anew_take_the_place_of_another_models(tmp_path: Path) -> None:
    with open_set(tmp_path) as taught:
        teach(taught, taught_picture(number=1, model="0" * 64), taught_picture(number=2, features=None, model=""))
        assert taught.looks(MODEL_SHA) == {}
        taught.keep_looks(MODEL_SHA, {1: features_along(0.0), 2: features_along(0.5)})
        assert list(taught.looks(MODEL_SHA)) == [1, 2]
        assert taught.looks("0" * 64) == {}
        assert taught.used_bytes == sum(taught_picture(number=number).size_bytes for number in (1, 2))


def test_a_picture_is_found_bit_for_bit(tmp_path: Path) -> None:
    with open_set(tmp_path) as taught:
        teach(taught, taught_picture("glass", 1))
        found = taught.find(stored_picture(1))
        assert found is not None
        assert found.label == "glass"
        assert taught.find(stored_picture(2)) is None
        taught.drop([1], "drop", wall_s=0.0)
        assert taught.find(stored_picture(1)) is None


def test_what_has_no_picture_is_known_by_its_features(tmp_path: Path) -> None:
    event = {"source": Source.EVENT, "picture": None}
    with open_set(tmp_path) as taught:
        teach(taught, taught_picture("glass", 1, **event), taught_picture("glass", 3))
        assert taught.knows(taught_picture("metal", 1, origin="another name", **event))
        assert not taught.knows(taught_picture("glass", 2, **event))
        assert not taught.knows(taught_picture("glass", 1, model="0" * 64, **event))
        assert taught.knows(taught_picture("glass", 3, features=None))
        taught.undo()
        assert not taught.knows(taught_picture("glass", 1, **event))
