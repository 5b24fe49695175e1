"""Makes a converted model one that a bin can be taught with: features, and a rehearsal of what the model learnt from."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.features.calibration import add_features
from convert.features.herding import herd
from convert.features.training_views import draw_views
from edge.inference.bundle import Bundle
from edge.inference.classifier import Classifier
from edge.inference.features import FeatureLayer
from edge.inference.manifest import Manifest
from edge.inference.rehearsal import TYPICAL_PICTURES, Rehearsal
from edge.inference.runtime import find_runtime
from hardware.frame import Pixels
from train.data.pictures import Picture
from train.errors import DataError, RunError

log = logging.getLogger("convert")

CANDIDATES = 200
"""Training pictures of each label that are looked at: the ranges of the features are measured on them, and the rehearsal is
chosen among them. All that there are chose none better (docs/training.md)."""


@dataclass(frozen=True, slots=True, eq=False)
class TeachableModel:
    """A model with its manifest and rehearsal, to be written as a bundle.

    Attributes:
        flatbuffer: the int8 model with its feature outputs.
        manifest: describes them.
        rehearsal: None: none was asked for, or the network has no features.
    """

    flatbuffer: bytes
    manifest: Manifest
    rehearsal: Rehearsal | None


def make_teachable(
    flatbuffer: bytes, manifest: Manifest, pictures: Sequence[Picture], *, rehearse: int
) -> TeachableModel:
    """Add features, where the model has none, and a new rehearsal.

    Args:
        flatbuffer: the int8 model.
        manifest: of the model.
        pictures: that the model was trained on, of its labels.
        rehearse: number of pictures of each label in the rehearsal, >= 0.

    Raises:
        DataError: no picture of a label can be read.
        RunError: the model does not give the same answers as before (checked on the calibration pictures).
    """
    views = draw_views(manifest, pictures, max(rehearse, CANDIDATES))
    missing = [label for label, own in zip(manifest.labels, views, strict=True) if not own]
    if missing:
        raise DataError(f"no readable training picture of {', '.join(missing)}; give the data sets of every label")
    if manifest.features is None:
        before = Classifier(_in_memory(flatbuffer, manifest), find_runtime())
        everything = [view for own in views for view in own]
        inputs = np.stack([before.quantize(view) for view in everything])
        logits = _logits_layer(flatbuffer, manifest)
        flatbuffer, features = add_features(flatbuffer, inputs, logits)
        if features is None:
            log.warning(
                "the network has none of the maps that features are made of: a bin cannot be taught with this model"
            )
            return TeachableModel(flatbuffer, manifest, None)
        manifest = manifest.model_copy(
            update={"features": features, "output": manifest.output.model_copy(update={"name": logits.output})}
        )
        after = Classifier(_in_memory(flatbuffer, manifest), find_runtime())
        if any((before.logits(view) != after.logits(view)).any() for view in everything):
            raise RunError("convert: the model gives other answers with its features than without; please report this")
    if not rehearse:
        return TeachableModel(flatbuffer, manifest, None)
    return TeachableModel(flatbuffer, manifest, _rehearse(flatbuffer, manifest, views, rehearse))


def describe_teachable(manifest: Manifest) -> list[str]:
    """What a bin can be taught with, line by line."""
    features, rehearsal = manifest.features, manifest.rehearsal
    if features is None:
        return ["features: none, a bin cannot be taught with this model"]
    layers = ", ".join(f"{layer.name} {layer.size}" for layer in features.layers)
    pictures = (
        "none, a bin that is taught forgets the old labels" if rehearsal is None else f"{rehearsal.pictures} pictures"
    )
    return [f"features: {features.size} ({layers})", f"rehearsal: {pictures}"]


def _rehearse(flatbuffer: bytes, manifest: Manifest, views: Sequence[Sequence[Pixels]], per_label: int) -> Rehearsal:
    """Of each label some typical pictures, which the model answers rightly and whose mean is that of all such pictures; then
    others as they come, for pictures near the means say too little of how far a label reaches."""
    classifier = Classifier(_in_memory(flatbuffer, manifest), find_runtime())
    assert manifest.features is not None, "a rehearsal consists of features"
    rows: list[NDArray[np.int8]] = []
    labels = []
    for index, own in enumerate(views):
        predictions = [classifier.predict(view) for view in own]
        raw = np.stack([one.features for one in predictions if one.features is not None])
        everything = np.arange(len(predictions))
        right = everything[[one.label == manifest.labels[index] for one in predictions]]
        candidates = right if len(right) else everything
        typical = candidates[herd(manifest.features.real(raw[candidates]), min(per_label, TYPICAL_PICTURES))]
        others = np.setdiff1d(everything, typical)[: per_label - len(typical)]
        chosen = np.concatenate([typical, others])
        rows.append(raw[chosen])
        labels += [index] * len(chosen)
    return Rehearsal(np.concatenate(rows), np.array(labels, np.int64))


def _in_memory(flatbuffer: bytes, manifest: Manifest) -> Bundle:
    return Bundle(Path(manifest.name), flatbuffer, manifest)


def _logits_layer(flatbuffer: bytes, manifest: Manifest) -> FeatureLayer:
    """The only output of a model without features, as a layer of its features."""
    (output,) = find_runtime().interpreter(flatbuffer, threads=1).get_output_details()
    return FeatureLayer(
        name="logits",
        output=output["name"],
        size=len(manifest.labels),
        quantization=manifest.output.quantization,
        unit_length=False,
    )
