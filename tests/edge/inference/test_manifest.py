"""Validation of the manifest."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.inference.manifest import Accuracy, Manifest, OutOfDistributionSpec
from edge.inference.manifest_file import dump_manifest, parse_manifest
from edge.inference.quantization import Quantization
from edge.sight.view import ViewSpec
from tests.builders.configuration import BINS
from tests.builders.models import make_manifest


@given(st.floats(0.01, 100), st.floats(0, 1), st.lists(st.text(min_size=1), min_size=2, max_size=9, unique=True))
def test_it_survives_json(temperature: float, least: float, labels: list[str]) -> None:
    manifest = make_manifest(
        labels=tuple(labels),
        temperature=temperature,
        min_confidence=least,
        bins={labels[0]: "glass"},
        bin_confidence={"glass": least},
        unknown=OutOfDistributionSpec(score="energy", least=-temperature, auroc=least),
        view=ViewSpec(look_margins=(least, 1.0)),
        accuracy={"test": Accuracy(int8=0.9, float32=0.91, agreement=0.99, pictures=500)},
    )
    assert parse_manifest(dump_manifest(manifest).encode()) == (manifest, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ("glass",)},
        {"labels": ("glass", "glass")},
        {"bins": {"battery": "residual"}},
        {"temperature": 0.0},
        {"min_confidence": 1.1},
        {"format": 3},
        {"name": ""},
        {"view_kind": "half"},
        {"sha256": "ABC"},
        {"surprise": 1},
        {"unknown": {"score": "age", "least": 1.0}},
        {"unknown": {"score": "energy", "least": float("nan")}},
        {"unknown": {"score": "energy"}},
        {"bin_confidence": {"glass": 0.5}},
        {"bins": {"glass": "glass"}, "bin_confidence": {"glass": 1.5}},
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(reversed(changes))):
        make_manifest(**changes)


def test_a_manifest_from_before_scores_and_thresholds_still_loads() -> None:
    old = make_manifest().model_dump(exclude={"unknown": True, "bin_confidence": True, "view": {"look_margins"}})
    manifest = Manifest.model_validate(old)
    assert (manifest.unknown, manifest.bin_confidence, manifest.view.look_margins) == (None, {}, ())


def test_every_label_may_suggest_a_bin_but_none_has_to() -> None:
    assert make_manifest(bins=BINS).bins == BINS
    assert make_manifest().bins == {}


@pytest.mark.parametrize(("scale", "zero_point"), [(0.0, 0), (-1.0, 0), (0.1, 128), (0.1, -129)])
def test_quantization_must_be_int8(scale: float, zero_point: int) -> None:
    with pytest.raises(ValidationError):
        Quantization(scale=scale, zero_point=zero_point)


def test_it_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        make_manifest().name = "other"  # type: ignore[misc]
