"""The classifier: the shipped model, and models that differ from their manifest."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import InferenceError, ModelError
from edge.inference.bundle import Bundle, read_bundle
from edge.inference.classifier import Classifier
from edge.inference.manifest import InputSpec, Manifest, OutOfDistributionSpec, OutputSpec
from edge.inference.ood_score import MEASURES, Measure
from edge.inference.quantization import Quantization
from edge.inference.runtime import find_runtime
from edge.sight.view import ViewSpec
from tests.builders.models import NO_MODEL, make_manifest
from tests.doubles.runtime import Coral, Failing, FailingRuntime


@pytest.fixture(scope="module")
def bundle(model_file: Path) -> Bundle:
    return read_bundle(model_file)


@pytest.fixture(scope="module")
def classifier(bundle: Bundle) -> Classifier:
    return Classifier(bundle, find_runtime())


def changed(bundle: Bundle, **changes: Any) -> Bundle:
    """The same flatbuffer under a manifest that says something else."""
    manifest: Manifest = bundle.manifest.model_copy(update=changes)
    return Bundle(bundle.path, bundle.flatbuffer, manifest)


def view(classifier: Classifier, seed: int) -> np.ndarray:
    size = classifier.manifest.view.size
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8)


def test_it_answers_with_a_distribution_over_its_labels(classifier: Classifier) -> None:
    prediction = classifier.predict(view(classifier, 0))
    assert prediction.labels == classifier.manifest.labels
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert 0 < prediction.latency_s < 60


@settings(max_examples=8)
@given(st.integers(0, 2**32 - 1))
def test_the_input_tensor_is_what_the_plain_arithmetic_gives(classifier: Classifier, seed: int) -> None:
    """Quantizing by table is quantizing: real = low + pixel / 255 * (high - low), q = real / scale + zero point."""
    pixels = view(classifier, seed)
    spec = classifier.manifest.input
    real = spec.value_range[0] + pixels / 255 * (spec.value_range[1] - spec.value_range[0])
    expected = np.clip(np.rint(real / spec.quantization.scale) + spec.quantization.zero_point, -128, 127)
    classifier.logits(pixels)
    got = classifier._interpreter.get_tensor(classifier._io.input)[0]
    assert np.array_equal(got, expected.astype(np.int8))


def test_the_probabilities_are_the_softmax_of_the_logits_at_the_temperature(bundle: Bundle) -> None:
    for temperature in (0.5, 1.0, 4.0):
        classifier = Classifier(changed(bundle, temperature=temperature), find_runtime())
        pixels = view(classifier, 3)
        logits = classifier.logits(pixels).astype(float)
        weights = np.exp(logits / temperature)
        assert classifier.predict(pixels).probabilities == pytest.approx(weights / weights.sum(), abs=1e-5)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_score_is_what_the_manifest_asks_for(bundle: Bundle, measure: Measure, temperature: float) -> None:
    asked = changed(bundle, temperature=temperature, unknown=OutOfDistributionSpec(score=measure, least=0.0))
    classifier = Classifier(asked, find_runtime())
    pixels = view(classifier, 5)
    logits = classifier.logits(pixels).astype(float)
    prediction = classifier.predict(pixels)
    wanted = {
        "energy": temperature * np.log(np.exp(logits / temperature).sum()),
        "max_logit": logits.max(),
        "max_probability": prediction.confidence,
    }
    assert prediction.ood_score == pytest.approx(wanted[measure], abs=1e-4)


def test_a_model_without_a_measure_gives_no_score(model_file: Path) -> None:
    shipped = read_bundle(model_file)
    plain = Classifier(
        Bundle(shipped.path, shipped.flatbuffer, shipped.manifest.model_copy(update={"unknown": None})), find_runtime()
    )
    assert plain.predict(view(plain, 5)).ood_score is None


def test_the_same_view_gets_the_same_answer_and_is_left_alone(classifier: Classifier) -> None:
    pixels = view(classifier, 1)
    before = pixels.copy()
    first = classifier.logits(pixels)
    classifier.logits(view(classifier, 2))
    assert np.array_equal(classifier.logits(pixels), first)
    assert np.array_equal(pixels, before)


def test_an_answer_is_not_overwritten_by_the_next(classifier: Classifier) -> None:
    first = classifier.predict(view(classifier, 1))
    kept = first.probabilities.copy()
    size = classifier.manifest.view.size
    classifier.predict(np.zeros((size, size, 3), np.uint8))
    assert np.array_equal(first.probabilities, kept)


def test_more_threads_answer_the_same(bundle: Bundle, classifier: Classifier) -> None:
    pixels = view(classifier, 4)
    two = Classifier(bundle, find_runtime(), threads=2)
    assert (
        np.abs(two.logits(pixels) - classifier.logits(pixels)).max()
        <= 2 * classifier.manifest.output.quantization.scale
    )


@pytest.mark.parametrize("shape", [(127, 128, 3), (128, 128, 1), (128, 128), (1, 128, 128, 3)])
def test_a_view_of_another_shape_is_refused(classifier: Classifier, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected shape"):
        classifier.logits(np.zeros(shape, np.uint8))


def off(quantization: Quantization, scale: float = 1.0, zero_point: int = 0) -> Quantization:
    return Quantization(scale=quantization.scale * scale, zero_point=quantization.zero_point + zero_point)


def output_off(manifest: Manifest, **by: Any) -> OutputSpec:
    return manifest.output.model_copy(update={"quantization": off(manifest.output.quantization, **by)})


def test_a_model_that_is_not_what_its_manifest_says_is_refused(bundle: Bundle) -> None:
    manifest = bundle.manifest
    size = manifest.view.size + 32
    lies: list[tuple[dict[str, Any], str]] = [
        ({"view": ViewSpec(size=size)}, rf"input shape is \(1, .*its manifest says \(1, {size}, {size}, 3\)"),
        ({"labels": (*manifest.labels, "battery")}, r"output shape is \(1, 6\), its manifest says \(1, 7\)"),
        ({"input": InputSpec(quantization=off(manifest.input.quantization, scale=1.01))}, "input quantization"),
        ({"input": InputSpec(quantization=off(manifest.input.quantization, zero_point=1))}, "input quantization"),
        ({"output": output_off(manifest, scale=0.99)}, "output quantization"),
        ({"output": output_off(manifest, zero_point=1)}, "output quantization"),
        ({"output": manifest.output.model_copy(update={"name": "other"})}, "output is 'other' in its manifest"),
    ]
    for changes, text in lies:
        with pytest.raises(ModelError, match=rf"model {bundle.path}: {text}"):
            Classifier(changed(bundle, **changes), find_runtime())


@pytest.mark.parametrize("kind", ["rubbish", "half"])
def test_a_flatbuffer_that_the_runtime_refuses_is_reported_by_its_file(bundle: Bundle, kind: str) -> None:
    flatbuffer = NO_MODEL if kind == "rubbish" else bundle.flatbuffer[: len(bundle.flatbuffer) // 2]
    broken = Bundle(Path("somewhere.tflite"), flatbuffer, make_manifest(flatbuffer))
    with pytest.raises(ModelError, match=r"^model somewhere\.tflite: \S+ \S+ refuses it: ") as caught:
        Classifier(broken, find_runtime())
    assert "\n" not in str(caught.value)


# --- an interpreter that fails ----------------------------------------------------------------------------------------


def test_a_lost_accelerator_is_replaced_loudly_and_the_view_is_judged_all_the_same(
    bundle: Bundle, classifier: Classifier, caplog: pytest.LogCaptureFixture
) -> None:
    accelerated = Classifier(bundle, find_runtime(), accelerator=Coral(bundle, good=2))
    for seed in range(5):
        pixels = view(classifier, seed)
        assert np.array_equal(accelerated.predict(pixels).probabilities, classifier.predict(pixels).probabilities)
        assert (accelerated.accelerator_failure is None) is (seed < 2)
    assert (
        accelerated.accelerator_failure == "the accelerator has failed, the CPU runs the model: delegate failed: node 0"
    )
    assert accelerated.failures == 1
    assert caplog.text.count("it is replaced by a new one on the CPU") == 1


def test_an_accelerator_that_answers_again_is_taken_back(bundle: Bundle) -> None:
    coral = Coral(bundle, good=1)
    classifier = Classifier(bundle, find_runtime(), accelerator=coral)
    classifier.poll_accelerator()
    classifier.predict(view(classifier, 0))
    classifier.predict(view(classifier, 1))
    classifier.poll_accelerator()
    assert classifier.accelerator_failure is not None
    coral.back = True
    classifier.poll_accelerator()
    assert classifier.accelerator_failure is None
    classifier.predict(view(classifier, 2))
    assert classifier.accelerator_failure is None, "it works as often as before"
    classifier.predict(view(classifier, 3))
    assert classifier.accelerator_failure is not None
    assert classifier.failures == 2
    classifier.close()
    assert coral.closed == 1


def test_an_interpreter_on_the_cpu_that_fails_once_is_replaced(bundle: Bundle, classifier: Classifier) -> None:
    runtime = FailingRuntime()
    runtime.fails = True
    mended = Classifier(bundle, runtime)  # type: ignore[arg-type]
    runtime.fails = False
    pixels = view(classifier, 1)
    assert np.array_equal(mended.logits(pixels), classifier.logits(pixels))
    assert (mended.failures, mended.accelerator_failure) == (1, None)


@pytest.mark.parametrize("how", ["fails", "refuses"])
def test_when_the_processor_fails_too_it_is_an_error_and_the_next_try_may_work(bundle: Bundle, how: str) -> None:
    runtime = FailingRuntime()
    classifier = Classifier(bundle, runtime, accelerator=Coral(bundle, good=0))  # type: ignore[arg-type]
    setattr(runtime, how, True)
    for _ in range(2):
        with pytest.raises(InferenceError, match=rf"^model {bundle.path}: .*(delegate failed: node 0|no memory left)"):
            classifier.predict(view(classifier, 0))
    setattr(runtime, how, False)
    assert classifier.predict(view(classifier, 0)).probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert classifier.accelerator_failure is not None


def test_a_model_file_that_becomes_rubbish_changes_nothing_until_the_next_start(
    model_file: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "model.tflite"
    copy.write_bytes(model_file.read_bytes())
    running = Classifier(read_bundle(copy), find_runtime())
    pixels = view(running, 2)
    before = running.logits(pixels)
    copy.write_bytes(NO_MODEL)
    assert np.array_equal(running.logits(pixels), before)
    running._use(Failing(running._bundle, good=0))  # even a fresh interpreter is made from memory
    assert np.array_equal(running.logits(pixels), before)
    assert running.failures == 1
    with pytest.raises(ModelError, match=r"model\.tflite"):
        read_bundle(copy)
