"""Model files of other releases: one of every format that ever shipped is read, and newer ones as far as that is safe."""

import json
import logging
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.errors import ModelError
from edge.inference.bundle import MANIFEST_NAME, Bundle, read_bundle
from edge.inference.classifier import Classifier
from edge.inference.manifest import FORMAT, Manifest
from edge.inference.manifest_file import dump_manifest, parse_manifest
from edge.inference.runtime import find_runtime
from tests.builders.models import make_manifest
from tests.paths import FORMATS

SHIPPED = sorted(path.stem for path in FORMATS.glob("*.tflite"))
"""``1-first``: the first models that shipped. ``1-last``: with all that format 1 could hold. ``2``: features and rehearsal."""


def manifest_with(**changes: Any) -> bytes:
    return json.dumps(json.loads(dump_manifest(make_manifest())) | changes).encode()


def bundle_of(name: str) -> Bundle:
    return read_bundle(FORMATS / f"{name}.tflite")


def test_there_is_a_file_of_every_format() -> None:
    assert {int(name[0]) for name in SHIPPED} == set(range(1, FORMAT + 1))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_format_that_shipped_is_read_and_answers(name: str) -> None:
    bundle = bundle_of(name)
    classifier = Classifier(bundle, find_runtime())
    prediction = classifier.predict(np.full((32, 32, 3), 90, np.uint8))
    assert prediction.labels == ("glass", "metal")
    assert bundle.unused_keys == ()
    assert bundle.manifest.format == bundle.manifest.needed_format == int(name[0])
    assert (prediction.features is None) == (bundle.manifest.features is None) == (name[0] == "1")


def test_a_model_of_the_first_format_means_what_it_meant() -> None:
    manifest = bundle_of("1-first").manifest
    assert (manifest.view.look_margins, manifest.unknown, manifest.bin_confidence) == ((), None, {})
    assert (manifest.temperature, manifest.min_confidence, manifest.view.toning) == (0.65, 0.6, 0.0)


def test_a_default_of_the_manifest_never_changes() -> None:
    """Defaults are not written: another one would give models that were written before another meaning."""
    written = json.loads(dump_manifest(make_manifest()))
    assert set(written) == {"format", "name", "created", "labels", "input", "output", "view", "sha256"}
    assert set(written["input"]) == set(written["output"]) == {"quantization"}
    assert written["view"] == {}
    given = {"labels", "input", "output", "view", "name", "created", "sha256"}
    assert json.loads(make_manifest().model_dump_json(exclude=given)) == {
        "format": 1,
        "features": None,
        "rehearsal": None,
        "view_kind": "object",
        "temperature": 1.0,
        "min_confidence": 0.0,
        "bin_confidence": {},
        "unknown": None,
        "bins": {},
        "data": {},
        "accuracy": {},
        "licence": "",
        "compiled_from": None,
        "required": [],
    }
    assert json.loads(make_manifest().view.model_dump_json()) == {
        "size": 128,
        "margin": 0.1,
        "look_margins": [],
        "stretch": 4 / 3,
        "toning": 0.5,
        "feather": 0.03,
    }


@pytest.mark.parametrize("rest", [{}, {"labels": 7, "view": None}], ids=["else usual", "else unreadable"])
def test_the_format_is_read_before_anything_else(rest: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match=rf"newer model: its format is {FORMAT + 1}, .*upgrade the bin"):
        parse_manifest(manifest_with(format=FORMAT + 1, **rest))


def test_a_file_says_no_newer_format_than_it_needs() -> None:
    assert make_manifest().needed_format == 1
    assert make_manifest(required=("view.size",)).needed_format == 2


NEWER: dict[str, tuple[dict[str, Any], str]] = {
    "a block": ({"depth": {"output": "depth"}}, "depth"),
    "in a section": ({"view": {"size": 64, "polar": True}}, "view.polar"),
    "in a section of a section": (
        {"output": {"quantization": {"scale": 0.1, "zero_point": 0, "axis": 3}}},
        "output.quantization.axis",
    ),
    "in a value that may be null": ({"unknown": {"score": "energy", "least": 0, "by": "label"}}, "unknown.by"),
    "in a table": ({"accuracy": {"test": {"int8": 0.9, "pictures": 3, "draws": 10}}}, "accuracy.test.draws"),
}


@pytest.mark.parametrize(("changes", "key"), NEWER.values(), ids=NEWER.keys())
def test_what_is_not_known_is_not_used_and_named(changes: dict[str, Any], key: str) -> None:
    manifest, unused_keys = parse_manifest(manifest_with(**changes))
    assert unused_keys == (key,)
    assert isinstance(manifest, Manifest)


@pytest.mark.parametrize(("changes", "key"), NEWER.values(), ids=NEWER.keys())
def test_what_is_not_known_and_required_refuses_the_model(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ModelError, match=rf"newer model: it cannot be used without {key}, .*upgrade the bin"):
        parse_manifest(manifest_with(required=["view.size", key], **changes))


def test_a_layer_may_say_more_than_is_known() -> None:
    values = json.loads(dump_manifest(bundle_of("2").manifest))
    values["features"]["layers"][1]["pooling"] = "max"
    _, unused_keys = parse_manifest(json.dumps(values).encode())
    assert unused_keys == ("features.layers.1.pooling",)


def test_what_is_not_used_is_named_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bundle, path = bundle_of("1-last"), tmp_path / "newer.tflite"
    path.write_bytes(bundle.flatbuffer)
    more = {f"new{number}": 1 for number in range(7)}
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(MANIFEST_NAME, json.dumps(json.loads(dump_manifest(bundle.manifest)) | more))
    with caplog.at_level(logging.WARNING):
        newer = read_bundle(path)
    assert newer.manifest == bundle.manifest
    assert "newer than this program: 'new0', 'new1', 'new2', 'new3', 'new4' and 2 more" in caplog.text
