"""Weight averaging: one model from several of the same architecture, with BatchNorm's statistics recomputed."""

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from edge.errors import SorterError
from edge.inference.bundle import read_bundle
from train.data.split import Split
from train.errors import RunError, SettingsError
from train.files import write_text
from train.learning.probed_head import probe_head
from train.learning.training_data import TrainingData, load_training_data
from train.measuring.metrics import cross_entropy
from train.network.batch_norm import recalibrated_batch_norm
from train.network.dequantize import UNFOLD_VIEWS, dequantize_head, fold_batch_norm, unfold_batch_norm
from train.network.model import HEAD_NAME, build_model, predict
from train.network.weights import weights_file
from train.runs.run_folder import RunFolder, TrainingState, save_model
from train.runs.settings import Settings
from train.views.batches import Batches, label_weights

log = logging.getLogger("train")


@dataclass(frozen=True, slots=True)
class WeightedModel:
    """A run folder or a bundle (.tflite), and the share of its weights in the average, 0..1."""

    path: Path
    share: float


def parse_weighted_models(texts: Sequence[str]) -> list[WeightedModel]:
    """Parse ``PATH`` or ``PATH=PARTS`` to models whose shares sum to 1; PARTS is 1 by default.

    Raises:
        SettingsError: fewer than two models, PARTS is not a number above 0, or the first model is not a run.
    """
    named = []
    for text in texts:
        path, found, number = text.rpartition("=")
        if not found:
            path, number = text, "1"
        try:
            parts = float(number)
        except ValueError as error:
            raise SettingsError(f"mix takes PATH or PATH=PARTS, got {text!r}: {number!r} is not a number") from error
        if not 0 < parts < float("inf"):
            raise SettingsError(f"mix takes PATH=PARTS with parts above 0, got {text!r}")
        named.append((Path(weights_file(path)), parts))
    if len(named) < 2:
        raise SettingsError("mix takes two models or more")
    if _is_bundle(named[0][0]):
        raise SettingsError(f"mix: {named[0][0]} cannot come first: data, labels and split are those of a run")
    total = sum(parts for _, parts in named)
    return [WeightedModel(path, parts / total) for path, parts in named]


def average_weights(
    models: Sequence[WeightedModel], folder: RunFolder, *, probe: bool = False
) -> list[tuple[str, dict[str, float]]]:
    """Average the weights of models that were fine-tuned from one start, and leave the result as a finished run.

    Wortsman et al. 2022, "Model soups" and "Robust fine-tuning of zero-shot models": the mean of the
    weights of models fine-tuned from one start is often better than each of them, most on pictures unlike the training data.

    Args:
        models: the first is a run; its settings, labels and split are those of the result.
        folder: of the result; an unfinished average in it is started again.
        probe: give the result and every bundle a head of their own, a probe of their features of the training pictures:
            bundles may then have other labels.

    Returns:
        Name and validation figures (``TrainingData.validation_metrics``) of each model, and of the result at the end.

    Raises:
        TrainError: a model is missing, or has another architecture or other labels; or ``folder`` holds a finished run.
    """
    first = RunFolder(models[0].path)
    settings, labels = first.load_settings(), first.load_labels()
    _check_compatible(models, settings, labels, probe=probe)
    mixing = MixedRun.begin(first, folder)
    plain = settings.replaced(head_keep=0.0)
    has_bundle = any(_is_bundle(part.path) for part in models)
    figures_by_name, mean_weights = [], None
    for part in models:
        model = _load_model(part.path, settings, labels)
        if has_bundle:
            # A bundle's kernels contain their BatchNorm's scale: those of the others are brought to the same form.
            fold_batch_norm(model)
            unfold_batch_norm(model, mixing.views)
        if _is_bundle(part.path) and probe:
            probe_head(model, mixing.data.train, plain)
        elif _is_bundle(part.path):
            dequantize_head(model.get_layer(HEAD_NAME), part.path)
        figures_by_name.append((part.path.name, mixing.data.validation_metrics(predict(model, mixing.data.val_views))))
        weights = [np.float32(part.share) * array for array in model.get_weights()]
        mean_weights = (
            weights
            if mean_weights is None
            else [sum_ + array for sum_, array in zip(mean_weights, weights, strict=True)]
        )
    model = build_model(settings.replaced(weights="none"), len(labels))
    model.set_weights(mean_weights)
    if probe:
        with recalibrated_batch_norm(model, mixing.views):
            probe_head(model, mixing.data.train, plain)
    figures = mixing.finish(model, {str(part.path): part.share for part in models})
    return [*figures_by_name, (folder.path.name, figures)]


@dataclass(frozen=True, slots=True, eq=False)
class MixedRun:
    """A run that is made of finished ones by mixing weights, with the settings, labels and split of the first.

    Attributes:
        folder: of the result.
        settings, data: of the first run.
        views, targets: training views uint8 (n, size, size, 3) and their label indices, which BatchNorm's statistics are
            taken from.
    """

    folder: RunFolder
    settings: Settings
    data: TrainingData
    views: NDArray[np.uint8]
    targets: NDArray[np.int64]
    _progress: TrainingState
    _started_s: float

    @classmethod
    def begin(cls, first: RunFolder, folder: RunFolder) -> "MixedRun":
        """Start a run in ``folder`` as ``first`` was started.

        Raises:
            TrainError: there is a finished run in it, or the pictures have changed.
        """
        started_s = time.monotonic()
        if folder.load_state().epoch:
            raise RunError(f"run {folder.path}: there is a run in it; give another --out")
        settings, split = first.load_settings(), Split.load(first.split_file)
        progress = folder.start_or_resume(settings)
        split.save(folder.split_file)
        split.save_lists(folder.path)
        data = load_training_data(settings, folder)
        weights = label_weights([picture.target for picture in data.train], len(data.labels), settings.class_weights)
        batches = Batches(data.train, data.sprites, weights, settings, 0)
        views, targets = batches.first_views(UNFOLD_VIEWS), batches.first_targets(UNFOLD_VIEWS)
        return cls(folder, settings, data, views, targets, progress, started_s)

    def measure(self, model: keras.Model) -> dict[str, float]:
        """Validation figures of mixed weights, with BatchNorm's statistics recomputed."""
        with recalibrated_batch_norm(model, self.views):
            return self.data.validation_metrics(predict(model, self.data.val_views))

    def finish(self, model: keras.Model, shares: dict[str, float]) -> dict[str, float]:
        """Save mixed weights as the finished run, with what was mixed; returns the validation figures."""
        with recalibrated_batch_norm(model, self.views):
            figures = self.data.validation_metrics(predict(model, self.data.val_views))
            logits = predict(model, self.views)
            save_model(model, self.folder.best_file)
        write_text(self.folder.path / "mixture.json", json.dumps(shares, indent=1) + "\n")
        accuracy = float((logits.argmax(axis=1) == self.targets).mean())
        loss = cross_entropy(logits, self.targets)
        self._progress.finish_untrained("mixed", loss, accuracy, figures, time.monotonic() - self._started_s)
        self.folder.save_state(self._progress)
        self.folder.clear_pictures()
        return figures


def _is_bundle(path: Path) -> bool:
    return path.suffix == ".tflite"


def _check_compatible(
    models: Sequence[WeightedModel], settings: Settings, labels: tuple[str, ...], *, probe: bool
) -> None:
    """Raise an error for models that cannot be averaged, before anything is written."""
    for part in models:
        if _is_bundle(part.path):
            try:
                own = read_bundle(part.path).manifest.labels
            except SorterError as error:
                raise RunError(f"mix: {error}") from error
        else:
            run = RunFolder(part.path)
            own, other = run.load_labels(), run.load_settings()
            for name in ("arch", "size", "alpha", "head_layers"):
                if getattr(other, name) != getattr(settings, name):
                    raise SettingsError(
                        f"mix: {part.path} has {name} {getattr(other, name)}, the first has {getattr(settings, name)}"
                    )
        if own != labels and not (probe and _is_bundle(part.path)):
            raise SettingsError(f"mix: {part.path} has labels {list(own)}, the first has {list(labels)}")


def _load_model(path: Path, settings: Settings, labels: tuple[str, ...]) -> keras.Model:
    """A model with its weights; a bundle without its last layer."""
    if _is_bundle(path):
        return build_model(settings.replaced(weights=str(path)), len(labels))
    return RunFolder(path).load_best()
