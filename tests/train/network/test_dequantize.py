"""An int8 model taken back to float: it answers as before, and goes on learning without losing what it knows."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.paths import ROOT

keras = pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from edge.inference.bundle import read_bundle  # noqa: E402
from edge.inference.classifier import Classifier  # noqa: E402
from edge.inference.runtime import find_runtime  # noqa: E402
from tests.builders.data_sets import sprites_on_grey  # noqa: E402
from train.errors import RunError  # noqa: E402
from train.network.architectures import build_base  # noqa: E402
from train.network.dequantize import dequantize_head, fold_batch_norm, unfold_batch_norm  # noqa: E402
from train.network.scaling import to_input  # noqa: E402
from train.runs.settings import Settings  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

BUNDLE = ROOT / "edge" / "models" / "trashnet6.tflite"


@pytest.fixture(scope="module")
def views() -> NDArray[np.uint8]:
    """The sprites that ship, on grey."""
    return np.stack([*sprites_on_grey().values()])


@pytest.fixture
def model() -> object:
    """The shipped model's base, pooled."""
    base = build_base(Settings(weights=str(BUNDLE)))
    return keras.Model(base.input, keras.layers.GlobalAveragePooling2D()(base.output))


def features(model: object, views: NDArray[np.uint8], *, training: bool = False) -> NDArray[np.float32]:
    return np.asarray(keras.ops.convert_to_numpy(model(to_input(views), training=training)))  # type: ignore[operator]


def head() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel and shift of the last layer, as real numbers."""
    interpreter = find_runtime().interpreter(read_bundle(BUNDLE).flatbuffer, threads=1)
    interpreter.allocate_tensors()
    found = {}
    for tensor in interpreter.get_tensor_details():
        scales = tensor["quantization_parameters"]["scales"]
        values = interpreter.get_tensor(tensor["index"]) if len(scales) > 1 and "logits" in tensor["name"] else None
        if values is not None:
            found[values.ndim] = values * (scales[:, None] if values.ndim == 2 else scales)
    return found[2], found[1]


def test_it_answers_as_the_int8_model_does(model: object, views: NDArray[np.uint8]) -> None:
    kernel, shift = head()
    logits = features(model, views) @ kernel.T + shift
    classifier = Classifier(read_bundle(BUNDLE), find_runtime())
    asked = np.stack([classifier.logits(view) for view in views])
    assert np.corrcoef(logits.ravel(), asked.ravel())[0, 1] > 0.99
    assert (logits.argmax(axis=1) == asked.argmax(axis=1)).mean() >= 0.9


def test_features_of_further_layers_weigh_nothing_in_its_last_layer() -> None:
    kernel, shift = head()
    wider = keras.layers.Dense(6, name="logits")
    wider.build((None, 1280 + 5))
    dequantize_head(wider, BUNDLE)
    np.testing.assert_allclose(wider.get_weights()[0][:1280], kernel.T, rtol=1e-6)
    assert not wider.get_weights()[0][1280:].any()
    np.testing.assert_allclose(wider.get_weights()[1], shift, rtol=1e-6)


@pytest.mark.slow
def test_settling_leaves_the_answers_and_readies_it_for_training(model: object, views: NDArray[np.uint8]) -> None:
    before = features(model, views)
    unfold_batch_norm(model, views)
    np.testing.assert_allclose(features(model, views), before, rtol=1e-2, atol=1e-3)
    # In training mode a BatchNorm goes by its batch's statistics, which now are those that it was given.
    assert np.corrcoef(features(model, views, training=True).ravel(), before.ravel())[0, 1] > 0.98


def test_unsettled_the_first_step_would_throw_its_knowledge_away(model: object, views: NDArray[np.uint8]) -> None:
    before = features(model, views)
    assert np.corrcoef(features(model, views, training=True).ravel(), before.ravel())[0, 1] < 0.9


def test_folding_leaves_the_answers_and_undoes_what_tells_equal_networks_apart() -> None:
    random = np.random.default_rng(2)
    base = build_base(Settings(arch="tiny", size=32, weights="none"))
    norms = [layer for layer in base.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for norm in norms:
        shape = norm.get_weights()[0].shape
        # gamma, beta, mean, variance
        norm.set_weights([random.uniform(low, high, shape) for low, high in ((0.5, 2), (-1, 1), (-1, 1), (0.5, 2))])
    shown = random.integers(0, 256, (8, 32, 32, 3)).astype(np.uint8)
    before = features(base, shown)
    fold_batch_norm(base)
    np.testing.assert_allclose(features(base, shown), before, rtol=1e-4, atol=1e-5)
    for norm in norms:
        gamma, _, mean, variance = norm.get_weights()
        np.testing.assert_allclose(gamma, np.sqrt(variance + norm.epsilon), rtol=1e-6)
        assert not mean.any()


def test_another_network_or_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is not of this network"):
        build_base(Settings(weights=str(BUNDLE), alpha=0.5))
    other = tmp_path / "none.tflite"
    other.write_bytes(b"nothing")
    with pytest.raises(RunError, match=r"none\.tflite"):
        build_base(Settings(weights=str(other)))
