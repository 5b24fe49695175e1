"""The network: where its first weights come from."""

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="the training packages are not installed")

from train.errors import RunError  # noqa: E402
from train.network.model import HEAD_NAME, build_model  # noqa: E402
from train.runs.settings import Settings  # noqa: E402

# NumPy 2 finds fault with how Keras hands its arrays over.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SMALL = Settings(alpha=0.35, size=32, weights="none")


def test_a_run_goes_on_from_an_earlier_runs_model_with_a_head_of_its_own(tmp_path: Path) -> None:
    donor = build_model(SMALL, 3)
    path = tmp_path / "best.keras"
    donor.save(path)
    model = build_model(SMALL.replaced(weights=str(path), seed=7), 5)
    for name in ("Conv1", "block_3_depthwise", "Conv_1_bn"):
        for mine, theirs in zip(model.get_layer(name).get_weights(), donor.get_layer(name).get_weights(), strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert model.get_layer(HEAD_NAME).get_weights()[0].shape[-1] == 5


def test_a_model_of_another_width_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "best.keras"
    build_model(SMALL, 3).save(path)
    with pytest.raises(RunError, match=r"best.keras does not fit"):
        build_model(SMALL.replaced(weights=str(path), alpha=0.5), 3)


def test_missing_weights_say_what_to_do() -> None:
    with pytest.raises(RunError, match="no such file; give a model that ships"):
        build_model(SMALL.replaced(weights="nowhere.h5"), 3)
