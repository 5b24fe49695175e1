"""The discriminant tells groups apart, and knows exactly what it would say of a picture without it."""

import numpy as np
import pytest

from edge.teaching.fitting.discriminant import Discriminant, Group, SharedCovariance
from edge.teaching.fitting.prototypes import Prototypes

TAUGHT = Prototypes((-1, -1, -1), rehearsed=1)
"""Three groups that are taught, and one that is rehearsal of another label."""

KNOWN = Prototypes((0, -1, -1), rehearsed=1, prior_pictures=3.0)
"""The rehearsal is of the first group's label."""


def make_groups(*, pictures: int = 5, looks: int = 3, seed: int = 0) -> list[Group]:
    rng = np.random.default_rng(seed)
    groups = []
    for number in range(4):
        centre = rng.standard_normal(20)
        rows = centre + rng.standard_normal((pictures, 1, 20)) + 0.3 * rng.standard_normal((pictures, looks, 20))
        groups.append(Group(rows.astype(np.float32), rng.uniform(0.5, 2.0, pictures), is_rehearsal=number == 3))
    return groups


def fit(groups: list[Group], prototypes: Prototypes = TAUGHT) -> Discriminant:
    return SharedCovariance(groups).discriminant(prototypes.mixture)


def relative(scores: np.ndarray) -> np.ndarray:
    """What is common to all prototypes says nothing."""
    return scores - scores[..., :1]


@pytest.mark.parametrize("prototypes", [TAUGHT, KNOWN])
@pytest.mark.parametrize("number", [0, 3])
def test_the_score_without_a_picture_is_that_of_a_fit_without_it(
    number: int, prototypes: Prototypes, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The covariance's degrees of freedom, and what is added to it, are kept when a picture is left out: take both as given.
    monkeypatch.setattr("edge.teaching.fitting.discriminant._shares", lambda groups: [0.1] * len(groups))
    monkeypatch.setattr("edge.teaching.fitting.discriminant._added", lambda covariance, numbers, shrinkage: 0.5)
    groups = make_groups()
    found = fit(groups, prototypes).left_out[number][2]
    others = list(groups)
    keep = np.arange(5) != 2
    others[number] = Group(groups[number].rows[keep], groups[number].weights[keep], groups[number].is_rehearsal)
    without = fit(others, prototypes)
    expected = groups[number].rows[2] @ without.weights + without.bias
    assert relative(found) == pytest.approx(relative(expected), abs=0.02)


def test_groups_are_told_apart() -> None:
    groups = make_groups(pictures=8)
    found = fit(groups)
    for number, group in enumerate(groups):
        assert ((group.rows @ found.weights + found.bias).argmax(axis=-1) == number).mean() > 0.8


def test_the_only_picture_of_a_group_has_no_score_without_it() -> None:
    groups = make_groups(pictures=1)
    assert all(np.isnan(one).all() for one in fit(groups).left_out)
