"""An epoch's batches: which pictures come, and what the targets are."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from train.data.cache import CachedPicture, cache_photograph
from train.runs.settings import Settings
from train.views.batches import Batches
from train.views.worker_pool import ViewWorkerPool

SETTINGS = Settings(size=32, batch=4, cache_side=64, label_smoothing=0.1)
WEIGHTS = np.array([1.0, 2.0], np.float32)


def kept(count: int, target: int, source: str) -> list[CachedPicture]:
    random = np.random.default_rng(target)
    pixels = random.integers(0, 255, (40, 60, 3), np.uint8)
    return [replace(cache_photograph(pixels, target, 64), data_set=source) for _ in range(count)]


class Oracle:
    """A teacher that is sure of the second label, and remembers what it was shown."""

    size = 48

    def __init__(self) -> None:
        self.shown: list[tuple[int, ...]] = []

    def probabilities(self, views: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.shown.append(views.shape)
        return np.tile(np.array([[0.0, 1.0]], np.float32), (len(views), 1))


def targets_of(batches: Batches) -> list[int]:
    return [int(row.argmax()) for index in range(len(batches)) for row in batches[index][1]]


def test_targets_are_smoothed_and_weighted_by_label() -> None:
    inputs, targets, weights = Batches(kept(8, 1, "a"), [], WEIGHTS, SETTINGS, 0)[0]
    assert inputs.shape == (4, 32, 32, 3)
    np.testing.assert_allclose(targets, [[0.05, 0.95]] * 4, rtol=1e-6)
    np.testing.assert_array_equal(weights, [2.0] * 4)


def test_a_teacher_sees_the_same_views_at_its_own_size_and_shares_the_target() -> None:
    oracle = Oracle()
    settings = SETTINGS.replaced(teacher_share=0.7)
    inputs, targets, _ = Batches(kept(8, 0, "a"), [], WEIGHTS, settings, 0, oracle)[0]  # type: ignore[arg-type]
    assert oracle.shown == [(4, 48, 48, 3)]
    assert inputs.shape == (4, 32, 32, 3)
    np.testing.assert_allclose(targets, [[0.3 * 0.95, 0.3 * 0.05 + 0.7]] * 4, rtol=1e-6)


def test_a_data_set_comes_by_its_share_with_other_pictures_each_epoch() -> None:
    pictures = kept(12, 0, "few") + kept(12, 1, "all")
    settings = SETTINGS.replaced(set_shares=("few=0.3334",), label_smoothing=0.0)
    assert Counter(targets_of(Batches(pictures, [], WEIGHTS, settings, 0))) == {0: 4, 1: 12}
    drawn = [frozenset(Batches(pictures, [], WEIGHTS, settings, epoch)._order.tolist()) for epoch in range(4)]
    assert len(set(drawn)) > 1


def test_balanced_sampling_draws_each_label_as_often() -> None:
    pictures = kept(20, 0, "a") + kept(4, 1, "a")
    settings = SETTINGS.replaced(sampling="balanced", label_smoothing=0.0)
    batches = Batches(pictures, [], WEIGHTS, settings, 0)
    assert Counter(targets_of(batches)) == {0: 12, 1: 12}
    # The rare four came three times each, the common ones at most once.
    times = Counter(batches._order.tolist())
    assert sorted(times[row] for row in range(20, 24)) == [3, 3, 3, 3]
    assert max(times[row] for row in range(20)) == 1


def test_each_pass_of_an_epoch_has_every_picture_once_and_looks_at_it_anew() -> None:
    pictures = kept(8, 0, "a") + kept(8, 1, "a")
    settings = SETTINGS.replaced(passes=3)
    batches = Batches(pictures, [], WEIGHTS, settings, 0)
    assert len(batches) == 12
    passes = batches._order.reshape(3, 16)
    assert [sorted(rows) for rows in passes.tolist()] == [list(range(16))] * 3
    assert len({tuple(rows) for rows in passes.tolist()}) == 3
    first = passes[0].tolist().index(0)
    again = 16 + passes[1].tolist().index(0)
    views = [batches[place // 4][0][place % 4] for place in (first, again)]
    assert not np.array_equal(*views)


def test_mixed_views_have_mixed_targets_and_weights_and_the_teacher_sees_them_mixed() -> None:
    pictures = kept(8, 0, "a") + kept(8, 1, "a")
    settings = SETTINGS.replaced(label_smoothing=0.0, batch=8)
    oracle = Oracle()
    plain = Batches(pictures, [], WEIGHTS, settings, 0)[0]
    mixed = Batches(pictures, [], WEIGHTS, settings.replaced(mixup_share=1.0), 0)[0]
    (share,) = {round(float(value), 4) for value in 1 - mixed[1].max(axis=1) if value > 0}
    assert 0 < share <= 0.5
    for before, after in zip(plain, mixed, strict=True):
        expected = (1 - share) * before + share * np.roll(before, 1, axis=0)
        np.testing.assert_allclose(after, expected, atol=0.02)
    Batches(pictures, [], WEIGHTS, settings.replaced(mixup_share=1.0), 0, oracle)[0]  # type: ignore[arg-type]
    assert oracle.shown == [(8, 48, 48, 3)]


def test_a_crew_makes_the_same_batches_also_when_keras_looks_at_the_first_one_twice() -> None:
    pictures = kept(8, 0, "a") + kept(8, 1, "a")
    oracle = Oracle()
    alone = Batches(pictures, [], WEIGHTS, SETTINGS, 2, oracle)  # type: ignore[arg-type]
    with ViewWorkerPool(pictures, len(pictures), SETTINGS, size=48, processes=1, ahead=3, batch=4) as crew:
        batches = Batches(pictures, [], WEIGHTS, SETTINGS, 2, oracle, crew)  # type: ignore[arg-type]
        for index in (0, 0, 1, 2, 3):
            for mine, theirs in zip(batches[index], alone[index], strict=True):
                np.testing.assert_array_equal(mine, theirs)
        assert crew.free_slots == 3, "what was asked for was taken or dropped"


def epoch_of(settings: Settings, sizes: dict[tuple[str, int], int]) -> Counter[tuple[str, int]]:
    """How often each data set and label are drawn."""
    pictures = [one for (source, target), count in sizes.items() for one in kept(count, target, source)]
    drawn = Batches(pictures, [], WEIGHTS, settings, 0)._order
    return Counter((pictures[row].data_set, pictures[row].target) for row in drawn)


def test_balanced_by_set_draws_each_label_and_each_of_its_sets_alike() -> None:
    drawn = epoch_of(SETTINGS.replaced(sampling="by-set"), {("a", 0): 30, ("b", 0): 10, ("a", 1): 6, ("c", 1): 14})
    assert drawn == {("a", 0): 15, ("b", 0): 15, ("a", 1): 15, ("c", 1): 15}


def test_a_very_small_set_is_not_drawn_without_end() -> None:
    drawn = epoch_of(SETTINGS.replaced(sampling="by-set"), {("a", 0): 47, ("tiny", 0): 1, ("a", 1): 2})
    assert drawn == {("a", 0): 21, ("tiny", 0): 4, ("a", 1): 25}
