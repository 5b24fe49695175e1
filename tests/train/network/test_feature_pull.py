"""Features held near those of the start: by a part of the loss that is neither trained nor saved."""

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="the training packages are not installed")

from train.network.feature_pull import hold, with_feature_pull, without_feature_pull  # noqa: E402
from train.network.model import build_model, head_features, predict, set_stage  # noqa: E402
from train.runs.settings import Settings  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TINY = Settings(arch="tiny", size=32, weights="none", dropout=0.0, bn_momentum=1.0)


def trained(strength: float) -> float:
    """Distance of the features from the start's after a few steps toward random labels."""
    random = np.random.default_rng(1)
    views = random.integers(0, 255, (16, 32, 32, 3), np.uint8)
    inputs, targets = views.astype(np.float32) / 127.5 - 1, np.eye(2, dtype=np.float32)[random.integers(0, 2, 16)]
    start = build_model(TINY, 2)
    model = with_feature_pull(build_model(TINY, 2), strength)
    hold(model, start)
    set_stage(model, "all", TINY)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse", run_eagerly=True)
    for _ in range(8):
        model.train_on_batch(inputs, targets)
    mine, theirs = (predict(head_features(one), views) for one in (without_feature_pull(model), start))
    return float(((mine - theirs) ** 2).mean())


@pytest.mark.slow
def test_a_strong_pull_keeps_features_nearer_than_none() -> None:
    assert trained(2.0) < 0.5 * trained(0.0)


def test_answers_and_weights_are_those_of_the_network_alone(tmp_path: Path) -> None:
    plain = build_model(TINY, 3)
    pulled = with_feature_pull(plain, 1.0)
    hold(pulled, build_model(TINY.replaced(seed=5), 3))
    views = np.random.default_rng(0).integers(0, 255, (3, 32, 32, 3), np.uint8)
    np.testing.assert_array_equal(predict(pulled, views), predict(plain, views))
    assert len(pulled.weights) == len(plain.weights)
    pulled.save(tmp_path / "pulled.keras")
    again = keras.saving.load_model(tmp_path / "pulled.keras")
    np.testing.assert_allclose(predict(again, views), predict(plain, views), atol=1e-6)
    assert without_feature_pull(again).output_shape == plain.output_shape
