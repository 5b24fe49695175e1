"""A finished model behind its view: that of a run, or a bundle."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from edge.inference.manifest import Manifest
from train.errors import RunError
from train.measuring.view_choice import InputView, load_view
from train.network.model import predict
from train.runs.run_folder import RunFolder

PredictLogits = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Predictor:
    """A model and its view.

    Attributes:
        name: for reports.
        labels: in the order of the model's outputs.
        view: how pictures are shown to the model.
        logits: views uint8 (n, size, size, 3) -> float32 (n, labels).
        manifest: of a bundle: temperature, thresholds, bins; None for a run.
    """

    name: str
    labels: tuple[str, ...]
    view: InputView
    logits: PredictLogits
    manifest: Manifest | None = None

    @property
    def temperature(self) -> float:
        """Divisor of the logits before the softmax, > 0; 1 without a manifest."""
        return self.manifest.temperature if self.manifest else 1.0


def predictor_from_run(folder: RunFolder, *, batch: int = 64) -> Predictor:
    """Load a run's best Keras model and its chosen view.

    Args:
        folder: of the run.
        batch: views at a time; 0: all views of a call.

    Raises:
        RunError: model, labels or view are missing or damaged.
    """
    labels, view = folder.load_labels(), load_view(folder)
    return predictor_from_model(folder.load_best(), folder.path.resolve().name, labels, view, batch=batch)


def predictor_from_model(
    model: keras.Model, name: str, labels: tuple[str, ...], view: InputView, *, batch: int = 64
) -> Predictor:
    """A Keras model in memory behind a view.

    Args:
        model: float32 (n, size, size, 3) in -1..1 -> logits (n, labels).
        name: of the run.
        labels: in the order of the model's outputs.
        view: how pictures are shown to it.
        batch: views at a time; 0: all views of a call.
    """
    return Predictor(f"{name} (float32)", labels, view, lambda views: predict(model, views, batch or len(views)))


def predictor_from_bundle(path: Path) -> Predictor:
    """Load an int8 bundle, run by the bin's own classifier.

    Raises:
        RunError: the file is missing or damaged, or there is no runtime for it.
    """
    from edge.errors import SorterError
    from edge.inference.bundle import read_bundle  # the runtime is only needed here
    from edge.inference.classifier import Classifier
    from edge.inference.runtime import find_runtime

    try:
        classifier = Classifier(read_bundle(path), find_runtime())
    except SorterError as error:
        raise RunError(str(error)) from error
    manifest = classifier.manifest
    return Predictor(
        f"{path.name} (int8)",
        manifest.labels,
        InputView(manifest.view_kind, manifest.view),
        lambda views: np.stack([classifier.logits(view) for view in views]),
        manifest,
    )
