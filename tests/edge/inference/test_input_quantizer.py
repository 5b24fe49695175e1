"""Pixels become the model's input by rounding to the nearest step, whichever way it is computed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference.input_quantizer import input_quantizer
from edge.inference.manifest import InputSpec, Quantization

PIXELS = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)


@given(
    value_range=st.sampled_from([(-1.0, 1.0), (0.0, 1.0), (0.0, 255.0)]),
    steps=st.floats(100.0, 300.0),
    zero_point=st.integers(-128, 127),
)
@pytest.mark.filterwarnings("error")
def test_any_quantization_is_that_of_the_formula(
    value_range: tuple[float, float], steps: float, zero_point: int
) -> None:
    low, high = value_range
    scale = (high - low) / steps
    tensor = InputSpec(value_range=value_range, quantization=Quantization(scale=scale, zero_point=zero_point))
    expected = np.clip(np.rint((low + PIXELS / 255.0 * (high - low)) / scale) + zero_point, -128, 127)
    found = input_quantizer(tensor)(PIXELS)
    assert found.dtype == np.int8
    np.testing.assert_array_equal(found, expected)


def test_that_of_the_models_that_ship_is_computed_alike() -> None:
    tensor = InputSpec(quantization=Quantization(scale=0.007843137718737125, zero_point=-1))
    expected = np.clip(np.rint((-1 + PIXELS / 127.5) / 0.007843137718737125) - 1, -128, 127)
    found = input_quantizer(tensor)(PIXELS)
    np.testing.assert_array_equal(found, expected)
    assert not np.shares_memory(found, PIXELS)
