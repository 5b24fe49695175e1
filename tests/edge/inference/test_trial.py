"""The trial of an accelerator: every output that is used is compared with the CPU's, by name."""

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.errors import UnavailableError
from edge.inference.trial import compare_trials


def counts(seed: int, width: int = 4) -> NDArray[np.int8]:
    return np.random.default_rng(seed).integers(-100, 101, (8, width)).astype(np.int8)


def test_small_deviations_pass_and_are_told() -> None:
    expected = {"logits": counts(0), "features/a": counts(1, 50)}
    got = {"features/a": expected["features/a"], "logits": expected["logits"] + np.int8(2)}
    assert compare_trials(got, expected, ("logits", "features/a")) == 2.0


def test_an_only_output_may_have_any_name() -> None:
    assert compare_trials({"answer": counts(0)}, {"logits": counts(0)}, ()) == 0.0


@pytest.mark.parametrize(
    ("got", "text"),
    [
        ({"logits": counts(2)}, r"its outputs differ from the CPU's by \d+\.\d counts"),
        ({"features/a": counts(2, 50)}, "its outputs features/a differ from the CPU's"),
        ({"features/a": np.full((8, 50), 3, np.int8)}, "its outputs features/a differ from the CPU's"),
        ({"features/a": counts(1, 49)}, "its output features/a has 49 values, the CPU's 50"),
        ({"features/a": None}, "it has no output features/a, the CPU has; compile the model again"),
    ],
    ids=["other logits", "other features", "constant features", "fewer features", "no features"],
)
def test_an_output_that_differs_is_refused_by_its_name(got: dict[str, NDArray[np.int8] | None], text: str) -> None:
    expected = {"logits": counts(0), "features/a": counts(1, 50)}
    own = {name: value for name, value in (expected | got).items() if value is not None}
    with pytest.raises(UnavailableError, match=text):
        compare_trials(own, expected, ("logits", "features/a"))
