"""Conversion: a tiny run goes to int8 and back through the bin's classifier; too much lost leaves with 1."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="conversion needs TensorFlow; install the train extra")
pytest.importorskip("ai_edge_litert", reason="the result is run by ai-edge-litert; install it to check conversions")

import keras

from convert import cli
from convert.measuring.parity import Parity, pool_parity
from convert.quantization.quantize import io_quantization, quantize
from convert.quantization.rounding import gptq_round_rows, round_weights_gptq
from edge.inference.bundle import read_bundle
from edge.inference.classifier import Classifier
from edge.inference.runtime import find_runtime
from edge.sight.mask import find_mask
from edge.sight.picture import read_picture
from tests.builders.pictures import item_picture, save
from tests.doubles.stub_coral import put_compiler
from train.cli import main as train_main
from train.data.split import Split
from train.errors import RunError
from train.measuring.view_choice import InputView

# Keras 3.15 hands its variables to numpy in a way that numpy 2 deprecates, and TensorFlow's and litert's interpreters
# announce their successors; nothing of ours to mend.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore:.*Statistics for quantized inputs:UserWarning", "ignore::FutureWarning"
)

DRAWN = 8
"""Pictures of each drawn kind, in place of sixty: enough to choose on and to report on."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the tiny network on red and blue blobs, good enough to tell them apart."""
    root = tmp_path_factory.mktemp("convert")
    random = np.random.default_rng(6)
    for label, colour in {"glass": (30, 30, 210), "metal": (210, 40, 30)}.items():
        (root / "data" / label).mkdir(parents=True)
        for number in range(20):
            pixels = np.full((50, 50, 3), 120, np.uint8)
            cv2.circle(
                pixels,
                tuple(int(value) for value in random.integers(20, 30, 2)),
                int(random.integers(8, 16)),
                colour,
                cv2.FILLED,
            )
            noisy = np.clip(pixels + random.normal(0, 2, pixels.shape), 0, 255).astype(np.uint8)
            cv2.imwrite(str(root / "data" / label / f"{number}.png"), noisy[..., ::-1])
    settings = [
        "arch=tiny",
        "size=32",
        "batch=8",
        "cache_side=64",
        "head_epochs=0",
        "twin_distance=0",
        "warmup_epochs=0",
        "rate=0.02",
        "bn_momentum=0.5",
        "cast=0",
        "ground_share=0",
    ]
    code = train_main(
        [
            "fit",
            "--data",
            str(root / "data"),
            "--out",
            str(root / "run"),
            "--weights",
            "none",
            "--epochs",
            "5",
            *(text for pair in settings for text in ("--set", pair)),
        ]
    )
    assert code == 0
    return root / "run"


def test_round_trip(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_compiler(tmp_path, monkeypatch)
    monkeypatch.setattr("convert.measuring.out_of_distribution.DRAWN", DRAWN)
    # How well so small a network tells strangers is chance.
    monkeypatch.setattr("convert.measuring.rejection.CHANCE", 0.0)
    out, strangers = tmp_path / "model.tflite", tmp_path / "strangers"
    for number in range(4):
        save(strangers / "deep" / f"{number}.png", item_picture(colour=(20, 60 * number, 30), width=60, height=50))
    options = [
        "--representative",
        "12",
        "--limit-points",
        "60",
        "--bin",
        "metal=metal",
        "--keep-known",
        "0.9",
        "--edgetpu",
    ]
    code = cli.main([str(run), "--out", str(out), *options, "--unknown", str(strangers)])
    said = capsys.readouterr()
    assert code == 0, said.err
    _, _, lines = said.out.partition("sorter doctor:\n\n")
    assert lines.startswith(
        f"model:\n  file: {out}\ndecision:\n  labels:\n    glass: glass\n    metal: metal  # this bin"
    )
    report = json.loads((tmp_path / "model.tflite.parity.json").read_text())
    assert report["accepted"]
    assert report["bytes"] == out.stat().st_size
    assert "features: " in said.out
    assert set(report["sets"]) == {"val", "test"}
    for part in ("val", "test"):
        assert set(report["calibration_error"][part]) == {"before", "after"}
        assert 0 <= report["error_at_80"][part] <= 1
        assert set(report["sorting"][part]["bins"]) >= {"glass", "metal"}
    assert report["thresholds"] == {"glass": None, "metal": None}, "six pictures say nothing about two per cent"
    bundle = read_bundle(out)
    manifest = bundle.manifest
    compiled = read_bundle(tmp_path / "model_edgetpu.tflite")
    assert compiled.is_compiled
    assert compiled.manifest.compiled_from == manifest.sha256
    assert report["edgetpu"]["file"] == str(compiled.path)
    assert manifest.labels == ("glass", "metal")
    assert manifest.bins == {"glass": "glass", "metal": "metal"}
    assert (manifest.min_confidence, report["promise"]["part"]) == (0.75, "test")
    # The input's own scale stands for -1..1: nothing is rescaled inside the graph.
    assert manifest.input.quantization.scale == pytest.approx(2 / 255, rel=1e-3)
    assert manifest.view.size == 32
    assert manifest.unknown is not None
    told = report["unknown"]
    assert (told["score"], told["least"]) == (manifest.unknown.score, manifest.unknown.least)
    assert told["pictures"] == {"drawn empty trays": DRAWN, "drawn hands": DRAWN, str(strangers): 4}
    assert told["stay_known"]["val"] >= 0.9
    # The bin itself finds the report's figure for what stays known.
    classifier, view = Classifier(bundle, find_runtime()), InputView(manifest.view_kind, manifest.view)
    scores = []
    for key in Split.load(run / "split.json").parts["test"]:
        pixels = read_picture(run.parent / "data" / key)
        votes = [classifier.predict(one).ood_score for one in view.looks(pixels, find_mask(pixels))]
        scores.append(np.mean(np.array(votes, float)))
    assert told["stay_known"]["test"] == pytest.approx(np.mean(np.array(scores) >= manifest.unknown.least), abs=1e-3)
    assert manifest.accuracy["test"].pictures > 0
    assert manifest.data
    assert io_quantization(bundle.flatbuffer) == (manifest.input.quantization, manifest.output.quantization)
    # Measured again by the other command, on the file as written.
    capsys.readouterr()
    assert (
        train_main(
            ["evaluate", str(out), "--data", str(run.parent / "data"), "--split", str(run / "split.json"), "--json"]
        )
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["sets"]["test"]["accuracy"] == pytest.approx(manifest.accuracy["test"].int8, abs=1e-4)


def test_too_much_lost_is_rejected_with_1(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model.tflite"
    # int8 that answers wrongly ten times in a hundred more than float32
    monkeypatch.setattr(Parity, "lost_points", property(lambda self: 10.0))
    monkeypatch.setattr("convert.measuring.out_of_distribution.DRAWN", DRAWN)
    assert cli.main([str(run), "--out", str(out), "--representative", "4"]) == 1
    assert "more than --limit-points 2" in capsys.readouterr().err
    assert not out.exists()
    assert read_bundle(tmp_path / "model.tflite.rejected").manifest.labels == ("glass", "metal")
    assert json.loads((tmp_path / "model.tflite.parity.json").read_text())["accepted"] is False


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--representative", "0"], "at least 1"),
        (["--bin", "gold=safe"], "--bin takes LABEL=BIN"),
        (["--contamination", "2"], "--contamination: a share from 0 to 1 is needed, got 2.0"),
        (["--keep-known", "-0.1"], "--keep-known: a share"),
        (["--unknown", "nowhere"], "--unknown nowhere: no such file or folder"),
    ],
)
def test_wrong_options_leave_with_2(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], told: str
) -> None:
    assert cli.main([str(run), "--out", str(tmp_path / "m.tflite"), *more]) == 2
    assert told in capsys.readouterr().err
    assert cli.main([str(tmp_path / "no run"), "--out", str(tmp_path / "m.tflite")]) == 2


def test_another_back_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(RunError, match="KERAS_BACKEND=tensorflow"):
        quantize(None, np.zeros((1, 32, 32, 3), np.float32))


def test_rounded_rows_lie_on_the_grid_and_answer_better_than_the_nearest() -> None:
    random = np.random.default_rng(3)
    # Inputs with much in common, as neighbouring pixels have: errors can be made up for.
    seen = random.normal(0, 1, (4000, 1)) + 0.2 * random.normal(0, 1, (4000, 9))
    covariance = seen.T @ seen / len(seen)
    rows = random.normal(0, 1, (20, 9))
    step = np.abs(rows).max(axis=1, keepdims=True) / 127
    near = gptq_round_rows(rows, covariance)
    assert np.abs(near / step - np.rint(near / step)).max() < 1e-6
    # The largest weight stays, so that the converter, which goes by it, finds the very same grid.
    assert np.abs(near).max(axis=1) == pytest.approx(np.abs(rows).max(axis=1))
    plain = np.rint(rows / step) * step
    error = [float((((values - rows) @ seen.T) ** 2).mean()) for values in (near, plain)]
    assert error[0] < 0.5 * error[1], error
    assert not gptq_round_rows(np.zeros((2, 9)), covariance).any()


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [1, 2])
def test_rounding_keeps_the_mean_answer_and_leaves_the_model_alone(padding: str, strides: int) -> None:
    keras.utils.set_random_seed(1)
    entry = keras.Input((17, 17, 3))
    x = keras.layers.Conv2D(6, 3, padding=padding, strides=strides, use_bias=False)(entry)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.DepthwiseConv2D(3, padding=padding)(x)
    model = keras.Model(entry, x)
    inputs = np.random.default_rng(2).uniform(0.5, 1.0, (60, 17, 17, 3)).astype(np.float32)
    before = model.get_weights()
    near = round_weights_gptq(model, inputs)
    assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))
    kernels = [layer.get_weights()[0] for layer in near.layers if "conv" in layer.name]
    steps = kernels[0] / (np.abs(kernels[0]).max(axis=(0, 1, 2)) / 127)
    assert np.abs(steps - np.rint(steps)).max() < 1e-3
    assert np.abs(kernels[0] - model.layers[1].get_weights()[0]).max() > 0
    answers, wanted = near.predict_on_batch(inputs), model.predict_on_batch(inputs)
    # Away from the border, where padding makes other means.
    inner = (slice(None), slice(2, -2), slice(2, -2))
    shift = (answers[inner] - wanted[inner]).mean(axis=(0, 1, 2))
    assert np.abs(shift).max() < 0.02 * float(wanted.std()), shift


def test_parity_by_hand() -> None:
    targets = np.array([0, 1, 1, 0])
    float_logits = np.eye(2, dtype=np.float32)[[0, 1, 1, 1]]
    int8_logits = np.eye(2, dtype=np.float32)[[0, 1, 0, 1]]
    parity = Parity.of(float_logits, int8_logits, targets)
    assert (parity.float32, parity.int8, parity.agreement) == (0.75, 0.5, 0.75)
    assert parity.lost_points == pytest.approx(25)
    together = pool_parity({"val": parity, "test": Parity(1.0, 1.0, 1.0, 12)})
    assert together.pictures == 16
    assert together.float32 == pytest.approx(15 / 16)
