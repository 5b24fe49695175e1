"""Features: found by the name of their outputs, dequantized layer by layer."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from edge.errors import ModelError
from edge.inference.bundle import Bundle, read_bundle
from edge.inference.classifier import Classifier
from edge.inference.features import LOGIT_UNIT, FeatureLayer, FeatureSpec
from edge.inference.graph_io import find_graph_io
from edge.inference.manifest import Manifest
from edge.inference.quantization import Quantization
from edge.inference.runtime import find_runtime
from tests.builders.models import make_manifest
from tests.paths import FORMATS

TINY = FORMATS / "2.tflite"

SPEC = FeatureSpec(
    layers=(
        FeatureLayer(name="a", output="f/a", size=2, quantization=Quantization(scale=0.5, zero_point=-128)),
        FeatureLayer(name="b", output="f/b", size=3, quantization=Quantization(scale=2.0, zero_point=1)),
    )
)


@pytest.fixture(scope="module")
def tiny() -> Bundle:
    return read_bundle(TINY)


class Shuffled:
    """An interpreter whose outputs stand in another order, as those of another converter or compiler may."""

    def __init__(self, interpreter: Any) -> None:
        self._interpreter = interpreter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._interpreter, name)

    def get_output_details(self) -> Any:
        return list(reversed(self._interpreter.get_output_details()))


def test_each_layer_has_unit_length() -> None:
    real = SPEC.real(np.array([[-122, -120, 1, 5, -2], [-128, -128, 1, 1, 1]], np.int8))
    assert real.dtype == np.float32
    np.testing.assert_allclose(real[0], [0.6, 0.8, 0.0, 0.8, -0.6], rtol=1e-6)
    np.testing.assert_array_equal(real[1], 0.0, "a layer of zeros has no direction, and is no division by zero")


def test_a_layer_of_logits_keeps_its_length_in_its_unit() -> None:
    layers = (SPEC.layers[0], SPEC.layers[1].model_copy(update={"unit_length": False}))
    real = FeatureSpec(layers=layers).real(np.array([-122, -120, 1, 5, -2], np.int8))
    np.testing.assert_allclose(real, [0.6, 0.8, 0.0, 8.0 * LOGIT_UNIT, -6.0 * LOGIT_UNIT], rtol=1e-6)


def test_the_logits_may_be_a_layer_of_their_own(tiny: Bundle) -> None:
    assert tiny.manifest.features is not None
    logits = tiny.manifest.features.layers[-1]
    assert (logits.name, logits.output, logits.unit_length) == ("logits", tiny.manifest.output.name, False)
    view = np.random.default_rng(2).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    classifier = Classifier(tiny, find_runtime())
    raw = classifier.predict(view).features
    assert raw is not None
    np.testing.assert_allclose(tiny.manifest.features.real(raw)[-2:], LOGIT_UNIT * classifier.logits(view), rtol=1e-5)


def test_features_of_one_view_and_of_many_are_the_same() -> None:
    raw = np.random.default_rng(0).integers(-128, 128, (2, 4, 5)).astype(np.int8)
    np.testing.assert_array_equal(SPEC.real(raw)[1, 2], SPEC.real(raw[1, 2]))


def test_features_of_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 5 numbers, got 4"):
        SPEC.real(np.zeros(4, np.int8))


def test_a_prediction_carries_the_raw_features_in_the_order_of_the_manifest(tiny: Bundle) -> None:
    view = np.random.default_rng(1).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    features = Classifier(tiny, find_runtime()).predict(view).features
    assert features is not None
    interpreter = find_runtime().interpreter(tiny.flatbuffer, threads=1)
    interpreter.set_tensor(0, Classifier(tiny, find_runtime()).quantize(view)[np.newaxis])
    interpreter.invoke()
    by_name = {one["name"]: interpreter.get_tensor(one["index"]).ravel() for one in interpreter.get_output_details()}
    assert tiny.manifest.features is not None
    expected = np.concatenate([by_name[layer.output] for layer in tiny.manifest.features.layers])
    np.testing.assert_array_equal(features, expected)
    assert len(set(features.tolist())) > 5, "they say something"


def test_outputs_are_found_by_name_in_any_order(tiny: Bundle) -> None:
    interpreter: Any = find_runtime().interpreter(tiny.flatbuffer, threads=1)
    assert find_graph_io(Shuffled(interpreter), tiny.manifest) == find_graph_io(interpreter, tiny.manifest)


def with_layer(manifest: Manifest, **changes: Any) -> Manifest:
    assert manifest.features is not None
    first, *rest = manifest.features.layers
    layers = (first.model_copy(update=changes), *rest)
    return manifest.model_copy(update={"features": FeatureSpec(layers=layers)})


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"output": "features/other"}, "features depthwise_4 is 'features/other' in its manifest, its outputs are"),
        ({"size": 9}, r"features depthwise_4 shape is \(1, 1, 1, 8\), its manifest says \(1, 1, 1, 9\)"),
        ({"quantization": Quantization(scale=1.0, zero_point=-128)}, "features depthwise_4 quantization is"),
    ],
)
def test_features_that_differ_from_the_manifest_refuse_the_model(
    tiny: Bundle, changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(ModelError, match=rf"2\.tflite: {text}"):
        Classifier(Bundle(tiny.path, tiny.flatbuffer, with_layer(tiny.manifest, **changes)), find_runtime())


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"features": SPEC}, r"output\.name: missing"),
        ({"rehearsal": {"pictures": 1, "sha256": "0" * 64}}, "features: missing"),
        (
            {
                "features": FeatureSpec(layers=(SPEC.layers[0].model_copy(update={"size": 4_000}),)),
                "output": {"name": "logits", "quantization": {"scale": 1.0, "zero_point": 0}},
                "rehearsal": {"pictures": 4_000, "sha256": "0" * 64},
            },
            "rehearsal: has 16008000 bytes, expected at most 16000000",
        ),
        (
            {
                "features": FeatureSpec(layers=(SPEC.layers[0], SPEC.layers[0])),
                "output": {"name": "logits", "quantization": {"scale": 1.0, "zero_point": 0}},
            },
            "expected each output once",
        ),
    ],
)
def test_a_manifest_whose_features_make_no_sense_is_refused(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        make_manifest(**changes)
