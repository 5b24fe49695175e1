"""Medians and quantiles, compared with NumPy's."""

import math

import numpy as np
import pytest

from edge.sight.quantile import median, median_per_column, quantile


@pytest.mark.parametrize("shape", [(1,), (2,), (7,), (4, 5), (3, 4, 3)])
def test_the_median_is_numpys(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(1).normal(50, 20, shape).astype(np.float32)
    assert median(values) == float(np.median(values))


def test_the_median_of_nothing_is_no_number() -> None:
    assert math.isnan(median(np.empty((0, 3), np.float32)))


@pytest.mark.parametrize("rows", [1, 2, 9, 10])
def test_the_median_of_each_column_is_numpys(rows: int) -> None:
    values = np.random.default_rng(2).normal(0, 20, (rows, 3)).astype(np.float32)
    np.testing.assert_array_equal(median_per_column(values), np.median(values, axis=0))


@pytest.mark.parametrize("number", [1, 2, 3, 20, 101])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.9, 0.95, 1.0])
def test_a_quantile_is_numpys(number: int, share: float) -> None:
    values = np.random.default_rng(3).normal(0, 20, number).astype(np.float32)
    assert quantile(values, share) == pytest.approx(float(np.quantile(values, share)), rel=1e-5)
