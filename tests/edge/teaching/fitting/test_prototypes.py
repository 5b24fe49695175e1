"""Prototypes: what is taught, and where the model's own training pictures say that a label lies in this bin."""

import numpy as np
import pytest

from edge.teaching.fitting.prototypes import Prototypes

SHIFT = np.array([5.0, -2.0])
"""What the bin's camera does to every picture."""

REHEARSAL = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
"""Means of the training pictures of three labels."""


def place(prototypes: Prototypes, taught: np.ndarray, counts: list[float]) -> np.ndarray:
    """Where the prototypes lie: (prototypes, 2)."""
    means = np.concatenate([taught, REHEARSAL])
    mixture = prototypes.mixture(np.array([*counts, 20.0, 20.0, 20.0]))
    assert mixture.sum(axis=0) == pytest.approx(1.0)
    found: np.ndarray = mixture.T @ means
    return found


def test_without_a_prior_each_taught_label_lies_where_its_pictures_do() -> None:
    taught = np.array([[3.0, 3.0], [4.0, 4.0]])
    assert place(Prototypes((0, -1)), taught, [5, 5]) == pytest.approx(taught)


def test_a_label_that_was_not_taught_moves_with_those_that_were() -> None:
    taught = REHEARSAL[:2] + SHIFT
    found = place(Prototypes((0, 1), transferred=(2,), rehearsed=3, prior_pictures=4.0), taught, [10, 1])
    assert found == pytest.approx(np.concatenate([taught, REHEARSAL[2:] + SHIFT, REHEARSAL]))


def test_the_fewer_its_pictures_the_more_a_taught_label_moves_to_where_it_is_expected() -> None:
    own = REHEARSAL[:2] + SHIFT + np.array([[1.0, 1.0], [-1.0, -1.0]])
    few, many = (place(Prototypes((0, 1), prior_pictures=4.0), own, [count, count]) for count in (2, 20))
    expected = REHEARSAL[:2] + SHIFT
    assert np.abs(few - expected).max() == pytest.approx(2 / 6)
    assert np.abs(many - expected).max() == pytest.approx(20 / 24)


def test_a_label_that_the_model_does_not_know_stays_where_its_pictures_are() -> None:
    taught = np.array([[9.0, 9.0], [0.5, 0.5]])
    found = place(Prototypes((-1, 0), prior_pictures=4.0), taught, [2, 2])
    assert found[0] == pytest.approx(taught[0])


def test_a_group_that_lost_its_only_picture_says_nothing_of_the_shift() -> None:
    taught = np.array([[100.0, 100.0], REHEARSAL[1] + SHIFT])
    found = place(Prototypes((0, 1), transferred=(2,), prior_pictures=2.0), taught, [0, 3])
    assert found[2] == pytest.approx(REHEARSAL[2] + SHIFT)
