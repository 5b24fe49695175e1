"""The model for a Coral: what of it would map, and a compiler that works, fails, maps nothing or is not there."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("ai_edge_litert.schema_py_generated", reason="no reader of TFLite's schema")

from ai_edge_litert import schema_py_generated as schema

from convert.cli import main
from convert.edgetpu import compiler as edgetpu
from convert.edgetpu.mapping import predict_edgetpu_mapping
from convert.features.flatbuffer import pack, unpack
from edge.config.schema import ModelConfig
from edge.inference.accelerator import make_accelerator
from edge.inference.bundle import read_bundle
from edge.inference.operators import EDGE_TPU, custom_operators
from edge.inference.runtime import find_runtime
from hardware.clock import ManualClock
from tests.builders.models import logits_only
from tests.doubles.stub_coral import put_compiler, write_compiled
from tests.paths import MODEL, ROOT

OPERATIONS = {"CONV_2D": 35, "DEPTHWISE_CONV_2D": 17, "ADD": 10, "MEAN": 5, "FULLY_CONNECTED": 1}
"""Of a MobileNetV2; four of the means are features."""

LABELS = {"trashnet6": 6, "bin8": 8}
"""Number of labels of the models that ship."""

Change = Callable[[Any, Any], None]
"""Of a model and of its first graph."""


def changed(change: Change) -> bytes:
    """The shipped model without features, and with something else in it."""
    model = unpack(logits_only(read_bundle(MODEL).flatbuffer))
    change(model, model.subgraphs[0])
    return pack(model)


def operators(model: Any, kind: int) -> list[Any]:
    """The first graph's operators of a kind."""
    return [one for one in model.subgraphs[0].operators if model.operatorCodes[one.opcodeIndex].builtinCode == kind]


# --- what would map ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["trashnet6", "bin8"])
def test_every_operation_of_the_models_that_ship_can_be_mapped(name: str) -> None:
    mapping = predict_edgetpu_mapping(read_bundle(ROOT / "edge" / "models" / f"{name}.tflite").flatbuffer)
    assert {row.operation: row.count for row in mapping.rows} == OPERATIONS
    assert {row.obstacle for row in mapping.rows} == {None}
    assert (mapping.edgetpu_count, mapping.cpu_count, mapping.warnings) == (68, 0, ())
    assert mapping.answer_bytes == LABELS[name] + 2496, "logits and features"


def unknown_operation(model: Any, graph: Any) -> None:
    code = model.operatorCodes[operators(model, schema.BuiltinOperator.MEAN)[0].opcodeIndex]
    code.builtinCode, code.deprecatedBuiltinCode = schema.BuiltinOperator.GELU, 127


def float_answer(model: Any, graph: Any) -> None:
    graph.tensors[graph.outputs[0]].type = schema.TensorType.FLOAT32


def open_size(model: Any, graph: Any) -> None:
    graph.tensors[graph.outputs[0]].shapeSignature = [-1, 6]


def pair_of_views(model: Any, graph: Any) -> None:
    graph.tensors[operators(model, schema.BuiltinOperator.MEAN)[0].inputs[0]].shape = [2, 4, 4, 1280]


def moving_weights(model: Any, graph: Any) -> None:
    dense = operators(model, schema.BuiltinOperator.FULLY_CONNECTED)[0]
    graph.tensors[dense.inputs[1]].buffer = 0


def odd_dilation(model: Any, graph: Any) -> None:
    operators(model, schema.BuiltinOperator.CONV_2D)[-1].builtinOptions.dilationWFactor = 2


def shuffled_weights(model: Any, graph: Any) -> None:
    options = operators(model, schema.BuiltinOperator.FULLY_CONNECTED)[0].builtinOptions
    options.weightsFormat = schema.FullyConnectedOptionsWeightsFormat.SHUFFLED4x16INT8


def mean_of_the_batch(model: Any, graph: Any) -> None:
    axes = graph.tensors[operators(model, schema.BuiltinOperator.MEAN)[0].inputs[1]]
    model.buffers[axes.buffer].data = np.frombuffer(np.array([0, 1], np.int32).tobytes(), np.uint8)


def custom_operation(model: Any, graph: Any) -> None:
    code = model.operatorCodes[operators(model, schema.BuiltinOperator.MEAN)[0].opcodeIndex]
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode = b"Magic"


@pytest.mark.parametrize(
    ("change", "operation", "obstacle"),
    [
        (unknown_operation, "GELU", "not among the Edge TPU's operations"),
        (custom_operation, "Magic", "not among the Edge TPU's operations"),
        (float_answer, "FULLY_CONNECTED", "a tensor is float32; expected 8-bit integers"),
        (open_size, "FULLY_CONNECTED", "a tensor's size is not fixed"),
        (moving_weights, "FULLY_CONNECTED", "its weights or bias are not constant"),
        (shuffled_weights, "FULLY_CONNECTED", "its weights are not in the default format"),
        (mean_of_the_batch, "MEAN", "it reduces over the batch"),
        (odd_dilation, "CONV_2D", "its dilation differs in x and y"),
        (pair_of_views, "CONV_2D", "a tensor has more than three dimensions beyond 1"),
    ],
)
def test_what_keeps_an_operation_from_the_edge_tpu_is_told(change: Change, operation: str, obstacle: str) -> None:
    mapping = predict_edgetpu_mapping(changed(change))
    assert [(row.operation, row.count) for row in mapping.rows if row.obstacle == obstacle] == [(operation, 1)]
    assert mapping.edgetpu_count + mapping.cpu_count == 64


def test_what_comes_after_an_operation_that_stays_behind_stays_too() -> None:
    mapping = predict_edgetpu_mapping(changed(unknown_operation))
    told = {row.operation: row.obstacle for row in mapping.rows}
    assert told["FULLY_CONNECTED"] == "it comes after one that stays on the processor"
    assert (mapping.edgetpu_count, mapping.cpu_count) == (62, 2)


@pytest.mark.parametrize(("release", "warned"), [("2.5.0", False), ("2.9.0", True), ("3.0.0", True), ("?", False)])
def test_operators_that_the_compiler_may_not_know_are_told(release: str, warned: bool) -> None:
    def newer(model: Any, graph: Any) -> None:
        (place,) = (one.buffer for one in model.metadata if one.name == b"min_runtime_version")
        model.buffers[place].data = np.frombuffer(release.encode().ljust(16, b"\0"), np.uint8)

    assert (
        any(f"as new as TensorFlow {release}" in text for text in predict_edgetpu_mapping(changed(newer)).warnings)
        is warned
    )


# --- compiling --------------------------------------------------------------------------------------------------------


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the shipped model, in a folder of its own."""
    copy = tmp_path / "model.tflite"
    copy.write_bytes(MODEL.read_bytes())
    return copy


def test_the_compiled_model_has_its_manifest_and_the_bin_takes_it(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_compiler(tmp_path, monkeypatch)
    assert main([str(model), "--edgetpu"]) == 0
    shown = capsys.readouterr().out
    assert "Edge TPU: 68 of 68 operations can be mapped" in shown
    assert "compiled: 64 operations on the Edge TPU, 0 on the processor" in shown
    original, compiled = read_bundle(model), read_bundle(tmp_path / "model_edgetpu.tflite")
    assert custom_operators(compiled.flatbuffer) == {EDGE_TPU}
    changes = {"sha256": compiled.manifest.sha256, "compiled_from": original.manifest.sha256, "rehearsal": None}
    assert compiled.manifest == original.manifest.model_copy(update=changes)
    settings = ModelConfig(file=model, delegate="libedgetpu.so.1", delegate_file=compiled.path)
    accelerator = make_accelerator(settings, original, runtime=find_runtime(), clock=ManualClock())
    assert accelerator is not None
    accelerator.close()
    told = json.loads((tmp_path / "model_edgetpu.tflite.json").read_text())["edgetpu"]
    assert told["compiler"] == "16.0.384591198"
    assert (told["edge_tpu"], told["processor"], told["why_not"]) == (64, 0, None)
    assert told["expected"]["mapped"] == 68


def test_out_and_report_say_where_things_go(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_compiler(tmp_path, monkeypatch)
    out, report = tmp_path / "a" / "coral.tflite", tmp_path / "b" / "report.json"
    assert main([str(model), "--edgetpu", "--out", str(out), "--report", str(report)]) == 0
    assert read_bundle(out).is_compiled
    assert json.loads(report.read_text())["edgetpu"]["file"] == str(out)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (
            "fails",
            "edgetpu_compiler failed with exit code 1: .*Didn't find op for builtin opcode 'CONV_2D' version '6'",
        ),
        ("nothing", "edgetpu_compiler mapped no operation to the Edge TPU"),
        ("missing", "edgetpu_compiler is not installed; .*https://coral.ai/docs/edgetpu/compiler"),
        ("not a program", "edgetpu_compiler cannot be started"),
    ],
)
def test_no_compiled_model_is_told_and_leaves_with_3(
    how: str,
    why: str,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if how == "missing":
        monkeypatch.setattr(edgetpu.shutil, "which", lambda name: None)
    else:
        program = put_compiler(tmp_path, monkeypatch, how)
        if how == "not a program":
            program.write_bytes(b"\x7fELF")
    assert main([str(model), "--edgetpu"]) == 3
    told = capsys.readouterr()
    assert "68 of 68 operations can be mapped" in told.out, "what to expect is told all the same"
    assert "sorter-convert: not compiled for a Coral: " in told.err
    assert f"then: sorter-convert {model} --edgetpu" in told.err
    (line,) = told.err.splitlines()
    assert not (tmp_path / "model_edgetpu.tflite").exists()
    kept = json.loads((tmp_path / "model_edgetpu.tflite.json").read_text())["edgetpu"]
    assert kept["file"] is None
    assert kept["why_not"] in line
    assert re.search(why, line)


def test_a_compiler_that_does_not_end_is_stopped(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_compiler(tmp_path, monkeypatch).write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(edgetpu, "COMPILER_TIMEOUT_S", 0.2)
    assert main([str(model), "--edgetpu"]) == 3
    assert "edgetpu_compiler did not end within 0.2 s" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["{model}"], "is converted already; add either --edgetpu"),
        (["{model}", "--edgetpu", "--out", "{model}"], "is the model itself"),
        (["{compiled}", "--edgetpu"], "is compiled already"),
        (["{folder}/none.tflite", "--edgetpu"], "no such file"),
        (["{folder}", "--edgetpu"], "--out: missing"),
    ],
)
def test_what_cannot_be_done_leaves_with_2(
    options: list[str], told: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compiled = tmp_path / "compiled.tflite"
    write_compiled(compiled, read_bundle(model))
    before = model.read_bytes()
    assert main([option.format(model=model, compiled=compiled, folder=tmp_path) for option in options]) == 2
    assert told in capsys.readouterr().err
    assert model.read_bytes() == before
