"""Herding: few rows whose mean is that of all."""

import numpy as np

from convert.features.herding import herd


def test_the_first_rows_have_the_mean_of_all() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32) ** 3
    mean = rows.mean(axis=0)
    chosen = herd(rows, 20)
    herded = np.linalg.norm(rows[chosen].mean(axis=0) - mean)
    drawn = [
        np.linalg.norm(rows[np.random.default_rng(seed).permutation(200)[:20]].mean(axis=0) - mean)
        for seed in range(20)
    ]
    assert herded < min(drawn) / 3
    assert len(set(chosen)) == 20


def test_fewer_rows_than_asked_for_are_all_chosen() -> None:
    rows = np.eye(3, dtype=np.float32)
    assert sorted(herd(rows, 9)) == [0, 1, 2]
    assert herd(rows, 0) == []


def test_of_equal_rows_each_is_chosen_once() -> None:
    assert sorted(herd(np.ones((4, 2), np.float32), 4)) == [0, 1, 2, 3]
