"""Ranges of counted shares: as the textbook has them, and narrower with more pictures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from train.measuring.share_interval import ShareInterval, upper_bound


@pytest.mark.parametrize(("hits", "count"), [(0, 8), (5, 8), (8, 8), (1, 10), (2, 100), (310, 325)])
def test_it_is_clopper_and_pearsons(hits: int, count: int) -> None:
    interval, known = ShareInterval.of(hits, count), binomtest(hits, count).proportion_ci(method="exact")
    assert (interval.low, interval.high) == pytest.approx((known.low, known.high))
    one_sided = binomtest(hits, count, alternative="less").proportion_ci(method="exact").high
    assert float(upper_bound(hits, count)) == pytest.approx(one_sided)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(2, 9))
def test_it_holds_the_share_and_more_pictures_make_it_narrower(hits: int, others: int, times: int) -> None:
    one = ShareInterval.of(hits, hits + others)
    assert 0 <= one.low <= one.share + 1e-12
    assert one.share <= one.high + 1e-12 or one.count == 0
    assert one.high <= 1
    more = ShareInterval.of(times * hits, times * (hits + others))
    assert more.width < one.width or one.count == 0


def test_no_picture_says_nothing() -> None:
    assert (ShareInterval.of(0, 0).low, ShareInterval.of(0, 0).high) == (0, 1)
    assert upper_bound(np.array([0, 0]), np.array([0, 59])) == pytest.approx([1.0, 1 - 0.05 ** (1 / 59)])
    with pytest.raises(ValueError, match="got 3 of 2"):
        ShareInterval.of(3, 2)


def test_the_text_is_widened_to_whole_percents() -> None:
    assert ShareInterval.of(5, 8).text == "24 to 92 %"
    assert ShareInterval.of(12, 12).text == "73 to 100 %"
