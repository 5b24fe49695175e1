"""Strangers are told in the space of the prototypes: what does not tell labels apart does not count."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.inference.nearness import PrototypeSpace
from edge.teaching.fitting.discriminant import Group, SharedCovariance
from edge.teaching.fitting.nearness import ROUNDING, fit_prototype_space

NUMBERS = 40
FACTORS = np.linspace(0.5, 2.0, NUMBERS).astype(np.float32)

Rows = np.ndarray


def around(centre: Rows, rng: np.random.Generator, *, pictures: int = 10, noise: float = 2.0) -> Rows:
    """Pictures of one label, two looks each: float32 (pictures, 2, numbers). The first half of the numbers tells labels
    apart; the other is large, and differs from picture to picture."""
    rows = centre + 0.3 * rng.standard_normal((pictures, 2, NUMBERS))
    rows[..., NUMBERS // 2 :] += noise * rng.standard_normal((pictures, 1, NUMBERS // 2))
    return rows.astype(np.float32)


def features(rows: Rows) -> NDArray[np.float32]:
    """The features that become these rows in a fit."""
    return (rows / FACTORS).astype(np.float32)


def centres(count: int, rng: np.random.Generator) -> Rows:
    found = np.zeros((count, NUMBERS))
    found[:, : NUMBERS // 2] = rng.standard_normal((count, NUMBERS // 2))
    return found


def fit(groups: list[Group], known: int) -> tuple[PrototypeSpace, Rows]:
    """``known``: number of the first groups whose like are no strangers."""
    return fit_prototype_space(SharedCovariance(groups), groups, lambda counts: np.eye(len(counts))[:, :known], FACTORS)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def make_groups(rng: np.random.Generator, middles: Rows, *, rehearsed: int) -> list[Group]:
    return [
        Group(around(middle, rng), np.ones(10), is_rehearsal=number >= len(middles) - rehearsed)
        for number, middle in enumerate(middles)
    ]


def test_what_was_taught_is_nearer_than_a_stranger_whatever_differs_from_picture_to_picture(
    rng: np.random.Generator,
) -> None:
    middles = centres(7, rng)
    groups = make_groups(rng, middles[:6], rehearsed=3)
    space, _ = fit(groups, 3)
    taught = np.concatenate([space.of(features(around(middle, rng))).mean(axis=1) for middle in middles[:3]])
    others = np.concatenate([space.of(features(around(middle, rng))).mean(axis=1) for middle in middles[3:]])
    assert np.mean(taught[:, np.newaxis] > others) > 0.95
    assert np.abs(np.concatenate([taught, others])).max() <= 1 + 1e-5
    # By the pictures themselves they are not told apart.
    pictures = np.concatenate([group.rows.mean(axis=1) for group in groups[:3]])
    pictures /= np.linalg.norm(pictures, axis=1, keepdims=True)
    near = [np.max(around(middle, rng)[:, 0] @ pictures.T, axis=1) for middle in middles]
    assert np.mean(np.concatenate(near[:3])[:, np.newaxis] > np.concatenate(near[3:])) < 0.7


def test_the_rehearsal_is_near_only_where_its_labels_are_known(rng: np.random.Generator) -> None:
    middles = centres(5, rng)
    groups = make_groups(rng, middles, rehearsed=2)
    unknown, known = (fit(groups, number)[0].of(features(around(middles[4], rng))).mean() for number in (3, 5))
    assert known > 0.9
    assert unknown < 0.5


def test_a_picture_is_as_near_to_the_others_as_in_a_fit_without_it(rng: np.random.Generator) -> None:
    groups = make_groups(rng, centres(6, rng), rehearsed=3)
    _, near = fit(groups, 3)
    assert near.shape == (30,)
    keep = np.arange(10) != 4
    for number in range(3):
        others = list(groups)
        others[number] = Group(groups[number].rows[keep], groups[number].weights[keep])
        space, _ = fit(others, 3)
        expected = space.of(features(groups[number].rows[4])).mean()
        assert near[10 * number + 4] == pytest.approx(expected, abs=0.05)


def test_the_only_picture_of_a_label_is_left_out_and_two_labels_alone_have_no_strangers(
    rng: np.random.Generator,
) -> None:
    first, second = centres(2, rng)
    groups = [Group(around(first, rng), np.ones(10)), Group(around(second, rng, pictures=1), np.ones(1))]
    space, near = fit(groups, 2)
    assert near == pytest.approx(np.ones(10))
    assert space.of(features(around(-first, rng))) == pytest.approx(np.ones((10, 2)), abs=1e-5)


def test_a_head_s_file_moves_no_picture_by_more_than_is_allowed_for(rng: np.random.Generator) -> None:
    middles = centres(6, rng)
    space, _ = fit(make_groups(rng, middles, rehearsed=3), 3)
    stored = replace(space, rows=space.rows.astype(np.float16).astype(np.float32))
    pictures = features(np.concatenate([around(middle, rng) for middle in middles]))
    assert np.abs(space.of(pictures) - stored.of(pictures)).max() < ROUNDING
