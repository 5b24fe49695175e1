"""Features of a converted model: further outputs of one graph, which change no answer."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("ai_edge_litert.schema_py_generated", reason="no reader of TFLite's schema")

from ai_edge_litert import schema_py_generated as schema

from convert.cli import main
from convert.features.calibration import add_features, map_means
from convert.features.flatbuffer import BUFFER_ALIGNMENT, pack, unpack
from convert.features.maps import find_feature_maps
from convert.features.outputs import PREFIX
from edge.inference.bundle import read_bundle
from edge.inference.classifier import Classifier
from edge.inference.features import FeatureLayer, FeatureSpec
from edge.inference.runtime import find_runtime
from edge.inference.trial import run_trial
from edge.models import SHIPPED, model_path
from tests.builders.models import logits_only
from tests.builders.pictures import item_picture, save
from tests.doubles.stub_coral import write_compiled
from tests.paths import FORMATS

TINY = FORMATS / "1-last.tflite"
"""A network of the kind of those that ship, 32x32, without features."""

WEIGHTS = {
    "trashnet6": "62005d6d745c4adbf4b7e79d06d7fd7d4a4b6f1778aa14f8ce2ef674360f582f",
    "bin8": "deb5239df0fd27e73580e8395ad6185bd227073e6761561c4687a4d1ab0480fd",
}
"""SHA-256 over everything in the models that ship but their features, as it was before they had any."""

MOST_ADDED_BYTES = 1_050_000
"""Features, rehearsal and manifest may add so much to a model that ships."""

LOGITS = FeatureLayer(
    name="logits",
    output="StatefulPartitionedCall_1:0",
    size=2,
    quantization=read_bundle(TINY).manifest.output.quantization,
    unit_length=False,
)


@pytest.fixture(scope="module")
def inputs() -> NDArray[np.int8]:
    return np.random.default_rng(0).integers(-128, 128, (12, 32, 32, 3)).astype(np.int8)


def digest(flatbuffer: bytes) -> str:
    model, found = unpack(flatbuffer), hashlib.sha256()
    graph = model.subgraphs[0]
    for tensor in graph.tensors:
        if not tensor.name.startswith(PREFIX.encode()):
            scales, data = tensor.quantization.scale, model.buffers[tensor.buffer].data
            found.update(tensor.name + np.array(tensor.shape).tobytes())
            found.update(b"" if scales is None else np.array(scales).tobytes())
            found.update(b"" if data is None else bytes(data))
    return found.hexdigest()


# --- the models that ship -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_the_models_that_ship_are_those_from_before_they_had_features(name: str) -> None:
    assert digest(read_bundle(model_path(name)).flatbuffer) == WEIGHTS[name]


@pytest.mark.parametrize("name", SHIPPED)
def test_features_change_no_logit(name: str) -> None:
    bundle = read_bundle(model_path(name))
    assert bundle.manifest.output.name is not None
    with_features = run_trial(find_runtime().interpreter(bundle.flatbuffer, threads=1))
    (logits,) = run_trial(find_runtime().interpreter(logits_only(bundle.flatbuffer), threads=1)).values()
    np.testing.assert_array_equal(with_features[bundle.manifest.output.name], logits)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_models_that_ship_carry_features_and_a_rehearsal_of_every_label(name: str) -> None:
    bundle = read_bundle(model_path(name))
    assert bundle.manifest.features is not None
    layers = [(layer.name, layer.size) for layer in bundle.manifest.features.layers]
    assert layers == [
        ("depthwise_16", 960),
        ("expansion_13", 576),
        ("depthwise_13", 576),
        ("depthwise_8", 384),
        ("logits", len(bundle.manifest.labels)),
    ]
    rehearsal = bundle.rehearsal()
    assert rehearsal is not None
    assert np.bincount(rehearsal.labels).tolist() == [60] * len(bundle.manifest.labels)
    assert bundle.path.stat().st_size - len(logits_only(bundle.flatbuffer)) < MOST_ADDED_BYTES
    assert rehearsal.features.shape[1] == bundle.manifest.features.size


# --- adding them ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def added(inputs: NDArray[np.int8]) -> tuple[bytes, FeatureSpec]:
    flatbuffer, spec = add_features(read_bundle(TINY).flatbuffer, inputs, LOGITS)
    assert spec is not None
    return flatbuffer, spec


def test_a_feature_is_the_mean_of_its_map(added: tuple[bytes, FeatureSpec], inputs: NDArray[np.int8]) -> None:
    flatbuffer, spec = added
    original = read_bundle(TINY).flatbuffer
    maps = find_feature_maps(unpack(original))
    interpreter = find_runtime().interpreter(flatbuffer, threads=1)
    outputs = {details["name"]: details["index"] for details in interpreter.get_output_details()}
    expected = map_means(original, maps, inputs)
    for row, one in enumerate(inputs):
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], one[np.newaxis])
        interpreter.invoke()
        for layer, means in zip(spec.layers[:-1], expected, strict=True):
            got = interpreter.get_tensor(outputs[layer.output]).ravel()
            scale, zero_point = layer.quantization.scale, layer.quantization.zero_point
            exact = np.clip(means[row] / scale + zero_point, -128, 127)
            assert np.abs(got - exact).max() <= 1.0, layer.name


def test_the_range_of_a_layer_is_that_of_its_means(added: tuple[bytes, FeatureSpec], inputs: NDArray[np.int8]) -> None:
    original = read_bundle(TINY).flatbuffer
    means = map_means(original, find_feature_maps(unpack(original)), inputs)
    for layer, own in zip(added[1].layers[:-1], means, strict=True):
        scale, zero_point = layer.quantization.scale, layer.quantization.zero_point
        low, high = (-128 - zero_point) * scale, (127 - zero_point) * scale
        assert high == pytest.approx(max(own.max(), 0), abs=(high - low) / 10)
        assert low == pytest.approx(min(own.min(), 0), abs=(high - low) / 10)
        assert low <= 0 <= high, "a mean of zero is stored exactly"


def test_maps_are_found_by_structure_whatever_their_names() -> None:
    maps = find_feature_maps(unpack(read_bundle(model_path("trashnet6")).flatbuffer))
    graph = unpack(read_bundle(model_path("trashnet6")).flatbuffer).subgraphs[0]
    names = {one.name: graph.tensors[one.tensor].name.decode() for one in maps}
    assert "block_16_depthwise" in names["depthwise_16"]
    assert "block_13_expand" in names["expansion_13"]
    assert "block_13_depthwise" in names["depthwise_13"]
    assert "block_8_depthwise" in names["depthwise_8"]


def test_a_network_without_depthwise_convolutions_gives_its_last_sums() -> None:
    model = unpack(read_bundle(TINY).flatbuffer)
    kinds = [code.builtinCode for code in model.operatorCodes]
    # Its depthwise convolutions count as something else: what is left to go by are the four sums.
    model.operatorCodes[
        kinds.index(schema.BuiltinOperator.DEPTHWISE_CONV_2D)
    ].builtinCode = schema.BuiltinOperator.RELU6
    for code in model.operatorCodes:
        code.deprecatedBuiltinCode = code.builtinCode
    assert [one.name for one in find_feature_maps(model)] == ["output_3", "output_0"]


def test_a_network_without_such_maps_stays_as_it_is(inputs: NDArray[np.int8]) -> None:
    model = unpack(read_bundle(TINY).flatbuffer)
    graph = model.subgraphs[0]
    kinds = [model.operatorCodes[one.opcodeIndex].builtinCode for one in graph.operators]
    # All that follows the first convolution is left out: a network of one layer.
    first = kinds.index(schema.BuiltinOperator.CONV_2D)
    graph.operators, graph.outputs = graph.operators[: first + 1], graph.operators[first].outputs
    model.signatureDefs = None
    plain = pack(model)
    assert add_features(plain, inputs, LOGITS) == (plain, None)


def test_constants_stay_aligned_as_kernels_expect(added: tuple[bytes, FeatureSpec]) -> None:
    flatbuffer = added[0]
    model = schema.Model.GetRootAs(flatbuffer, 0)
    starts = [
        model.Buffers(index)._tab.Vector(model.Buffers(index)._tab.Offset(4))
        for index in range(model.BuffersLength())
        if model.Buffers(index).DataLength()
    ]
    assert len(starts) > 10
    assert {start % BUFFER_ALIGNMENT for start in starts} == {0}


# --- the command --------------------------------------------------------------------------------------------------------


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for label, colour in {"glass": (30, 30, 210), "metal": (210, 40, 30)}.items():
        for number in range(3):
            save(tmp_path / "data" / label / f"{number}.png", item_picture(colour=colour, width=60 + 9 * number))
    return tmp_path / "data"


def teach(pictures: Path, out: Path, *more: str, model: Path = TINY) -> int:
    return main([str(model), "--teachable", str(pictures), "--out", str(out), *more])


def test_a_finished_file_becomes_teachable(pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine.tflite"
    assert teach(pictures, out, "--rehearse", "2") == 0
    told = capsys.readouterr().out
    assert "features: 26 (depthwise_4 8, expansion_1 8, depthwise_1 8, logits 2)" in told
    assert "rehearsal: 4 pictures" in told
    old, new = read_bundle(TINY), read_bundle(out)
    rehearsal = new.rehearsal()
    assert rehearsal is not None
    assert rehearsal.labels.tolist() == [0, 0, 1, 1]
    classifiers = Classifier(old, find_runtime()), Classifier(new, find_runtime())
    view = np.random.default_rng(3).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    before, after = (one.predict(view) for one in classifiers)
    np.testing.assert_array_equal(before.probabilities, after.probabilities)
    kept = {"features", "rehearsal", "output", "sha256", "format"}
    assert old.manifest.model_dump(exclude=kept) == new.manifest.model_dump(exclude=kept)


def test_a_teachable_file_may_be_given_another_rehearsal(pictures: Path, tmp_path: Path) -> None:
    first, second = FORMATS / "2.tflite", tmp_path / "second.tflite"
    assert teach(pictures, second, "--rehearse", "0", model=first) == 0
    assert read_bundle(second).flatbuffer == read_bundle(first).flatbuffer
    assert read_bundle(first).manifest.rehearsal is not None
    assert read_bundle(second).manifest.rehearsal is None


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--rehearse", "-1"], "--rehearse: expected 0 to 500"),
        (["--edgetpu"], "add either --edgetpu"),
        (["--map", "glass"], "--map takes OLD=NEW"),
        (["--map", "glass=metal"], "no pictures for labels ['glass']"),
        (["--split", "{split}"], "none of its training pictures is in the data"),
    ],
)
def test_what_cannot_be_done_leaves_with_2(
    more: list[str], told: str, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    split, out = tmp_path / "split.json", tmp_path / "mine.tflite"
    split.write_text('{"seed": 0, "groups": {}, "parts": {"train": ["glass/x.png"], "val": [], "test": []}}')
    assert teach(pictures, out, *(one.format(split=split) for one in more)) == 2
    assert told in capsys.readouterr().err
    assert not out.exists()


def test_a_compiled_model_and_a_run_are_refused(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compiled = write_compiled(tmp_path / "coral.tflite", read_bundle(TINY))
    assert teach(pictures, tmp_path / "out.tflite", model=compiled.path) == 2
    assert "is compiled for a Coral" in capsys.readouterr().err
    assert teach(pictures, tmp_path / "out.tflite", model=tmp_path) == 2
    assert "a run's model becomes teachable anyway" in capsys.readouterr().err
