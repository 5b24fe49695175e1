"""Heads, and what they are taught on, made for tests: a model of as many features as labels, each label its own direction."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import FeatureLayer, FeatureSpec
from edge.inference.head import TaughtHead
from edge.inference.head_file import write_head
from edge.inference.head_manifest import HeadManifest
from edge.inference.manifest import Manifest, OutputSpec
from edge.inference.nearness import PrototypeSpace
from edge.inference.quantization import Quantization
from edge.teaching.pictures.examples import Examples
from edge.values import Prediction
from tests.builders.models import make_manifest
from tests.builders.pictures import Pixels
from tests.builders.values import LABELS, make_prediction

NUMBERS = 8
"""Features of the model."""

SPEC = FeatureSpec(
    layers=(
        FeatureLayer(name="means", output="means", size=NUMBERS, quantization=Quantization(scale=0.01, zero_point=0)),
    )
)

TAUGHT_LABELS = ("cup", "can", "peel")


def make_base(**changes: Any) -> Manifest:
    """The manifest of a model with features."""
    output = OutputSpec(name="logits", quantization=Quantization(scale=0.1, zero_point=-3))
    return make_manifest(**({"features": SPEC, "output": output} | changes))


def direction(number: int, strength: int = 100) -> NDArray[np.int8]:
    """Features that point along one axis: int8 (n,)."""
    features = np.zeros(NUMBERS, np.int8)
    features[number] = strength
    return features


def make_head(
    labels: Sequence[str] = TAUGHT_LABELS,
    axes: Sequence[int] | None = None,
    *,
    base: Manifest | None = None,
    numbers: int = NUMBERS,
    golden: Sequence[float] | None = None,
    **changes: Any,
) -> TaughtHead:
    """A head that calls what points along its label's axis by that label.

    Args:
        labels: its labels.
        axes: the axis of each; None: in their order.
        base: its model; None: ``make_base()``.
        numbers: features of the model.
        golden: the answer that is kept with it for what points along the first axis; None: none is.
        changes: of its manifest.
    """
    base = base or make_base()
    axes = list(range(len(labels))) if axes is None else axes
    weights = np.zeros((numbers, len(labels)), np.float32)
    for column, axis in enumerate(axes):
        weights[axis, column] = 8.0
    values: dict[str, Any] = {
        "created": "2026-01-01T00:00:00Z",
        "labels": tuple(labels),
        "base_sha256": base.sha256,
        "base_name": base.name,
        "numbers": numbers,
        "least_nearness": 0.5,
    }
    rows = np.zeros((len(labels), numbers), np.float32)
    rows[np.arange(len(labels)), axes] = 1.0
    nearness = PrototypeSpace(rows, np.zeros(len(labels), np.float32), np.eye(len(labels), dtype=np.float32))
    bias = np.zeros(len(labels), np.float32)
    made = TaughtHead(HeadManifest(**(values | changes)), weights, bias, nearness)
    if golden is None:
        return made
    answer = np.array([golden], np.float32)
    return replace(made, golden_features=direction(0)[np.newaxis], golden_probabilities=answer)


def write_made_head(path: Path, head: TaughtHead | None = None) -> str:
    """Write a head; its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_head(path, head or make_head())
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_examples(counts: Mapping[str, int], axes: Mapping[str, int] | None = None) -> Examples:
    """Taught pictures: so many of each label, two looks each, along the label's axis (its place in ``counts``)."""
    labels = tuple(counts)
    index = [place for place, label in enumerate(labels) for _ in range(counts[label])]
    axis = {label: place for place, label in enumerate(labels)} | dict(axes or {})
    features = np.stack([np.stack([direction(axis[labels[place]])] * 2) for place in index])
    sources = tuple(f"{labels[place]}.jpg" for place in index)
    return Examples(labels, features, np.array(index), np.ones(len(index), np.float32), sources)


class FeatureStub:
    """A model with features whose views all give the same.

    Attributes:
        features: what it sees.
    """

    accelerator_failure: str | None = None

    def __init__(self, features: NDArray[np.int8] | None = None, manifest: Manifest | None = None) -> None:
        self.manifest = manifest or make_base()
        self.features = direction(0) if features is None else features
        self.answer = make_prediction({"glass": 0.9}, LABELS)

    @property
    def answers(self) -> Manifest:
        return self.manifest

    def poll_accelerator(self) -> None:
        """It has none."""

    def predict(self, view: Pixels) -> Prediction:
        return Prediction(self.answer.labels, self.answer.probabilities, 0.001, 1.0, self.features)
