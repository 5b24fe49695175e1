"""A training run, step by step: prepare, then for each epoch train, validate, save a checkpoint."""

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import keras
import numpy as np

from edge.inference.bundle import read_bundle
from train.data.pictures import label_names
from train.data.selection import find_photographs
from train.errors import RunError
from train.learning import devices
from train.learning.probed_head import probe_head
from train.learning.progress import ProgressReporter
from train.learning.schedule import compile_stage, ema_weights
from train.learning.teacher import Teacher
from train.learning.tensorboard import TensorBoardWriter
from train.learning.training_data import TrainingData, load_training_data
from train.measuring.metrics import cross_entropy
from train.measuring.plots import save_curve, save_sheet
from train.network.architectures import check_weights
from train.network.batch_norm import recalibrated_batch_norm
from train.network.dequantize import UNFOLD_VIEWS, dequantize_head, unfold_batch_norm
from train.network.feature_pull import hold, with_feature_pull, without_feature_pull
from train.network.model import HEAD_NAME, build_model, predict, set_stage
from train.network.weights import weights_file
from train.network.xla import without_slow_xla
from train.runs.run_folder import RunFolder, TrainingState, save_model
from train.runs.settings import Settings
from train.views.batches import Batches, label_weights, view_size
from train.views.worker_pool import ViewWorkerPool

log = logging.getLogger("train")

AHEAD = 8
"""Largest number of batches that worker processes make in advance."""
SHEET_VIEWS = 160
"""Number of views in ``augmented.png``: ten rows of 16."""


def fit(
    settings: Settings, folder: RunFolder, reporter: ProgressReporter, tensorboard: TensorBoardWriter | None = None
) -> TrainingState:
    """Train until the settings' epochs are done; an unfinished run in ``folder`` is resumed.

    After each epoch the model, its optimizer and the figures are saved, so that a kill costs at most one epoch.

    Args:
        settings: of the run.
        folder: of the run.
        reporter: shows the progress.
        tensorboard: gets every epoch's figures; None: no event files.

    Returns:
        The state after the last epoch.

    Raises:
        TrainError: the folder holds a run with other settings, or data, weights or teachers cannot be used.
        KeyboardInterrupt: on Ctrl-C or SIGTERM; finished epochs are saved.
    """
    progress = folder.start_or_resume(settings)
    if progress.finished:
        log.info(
            "the run in %s is finished: %d epochs, best validation accuracy %.3f",
            folder.path,
            progress.epoch,
            progress.best[0],
        )
        return progress
    with ExitStack() as stack:
        stack.enter_context(_terminated_as_interrupt())
        stack.enter_context(devices.compute_scope(settings))
        # Paths and labels are checked before the pictures are split: until then the folder accepts other settings.
        check_weights(settings)
        labels = label_names(find_photographs(settings))
        if settings.head_keep:
            _check_kept_head(settings, labels)
        teacher = (
            Teacher([Path(weights_file(path)) for path in settings.teachers], labels) if settings.teachers else None
        )
        data = load_training_data(settings, folder)
        pool = stack.enter_context(_make_pool(settings, data, teacher)) if settings.workers else None
        run = _Run(settings, folder, progress, data, teacher, pool)
        for epoch in range(progress.epoch, settings.epochs):
            run.train_epoch(epoch, reporter)
            run.validate(epoch)
            run.save_checkpoint()
            reporter.report_epoch(progress.history[-1], best=progress.best[0])
            if tensorboard is not None:
                tensorboard.write_epoch(progress.history[-1])
            if settings.patience and epoch + 1 - progress.best_epoch >= settings.patience:
                log.info("no better validation accuracy since epoch %d: stopped early", progress.best_epoch)
                break
        if not settings.epochs:
            run.keep_start()
        progress.finished = True
        folder.save_state(progress)
    folder.clear_pictures()
    return progress


class _Run:
    """The model, its training data and its state."""

    def __init__(
        self,
        settings: Settings,
        folder: RunFolder,
        progress: TrainingState,
        data: TrainingData,
        teacher: Teacher | None,
        pool: ViewWorkerPool | None,
    ) -> None:
        self._settings, self._folder, self._progress, self._data = settings, folder, progress, data
        self._weights = label_weights(
            [picture.target for picture in data.train], len(data.labels), settings.class_weights
        )
        log.info(
            "label weights: %s",
            ", ".join(f"{label} {weight:.2f}" for label, weight in zip(data.labels, self._weights, strict=True)),
        )
        self._teacher, self._pool = teacher, pool
        if progress.epoch:
            log.info("resumed after epoch %d of %d", progress.epoch, settings.epochs)
            self._model = without_slow_xla(folder.load_checkpoint(progress))
        else:
            self._model = build_model(settings, len(data.labels))
            if weights_file(settings.weights).endswith(".tflite") and settings.bn_momentum < 1:
                unfold_batch_norm(self._model, self._batches(0).first_views(UNFOLD_VIEWS))
            if settings.head_start == "probe":
                if settings.head_keep:
                    dequantize_head(self._model.get_layer(HEAD_NAME), Path(weights_file(settings.weights)))
                probe_head(self._model, data.train, settings)
            if settings.head_start == "probe" or settings.feature_pull:
                save_model(_as_float32(self._model, settings), folder.start_file)
            if settings.feature_pull:
                self._model = with_feature_pull(self._model, settings.feature_pull)
            save_sheet(folder.path / "augmented.png", list(self._batches(0).first_views(SHEET_VIEWS)))
        if settings.feature_pull:
            hold(self._model, folder.load_start())

    def _batches(self, epoch: int) -> Batches:
        data = self._data
        return Batches(data.train, data.sprites, self._weights, self._settings, epoch, self._teacher, self._pool)

    def train_epoch(self, epoch: int, reporter: ProgressReporter) -> None:
        """Train for one epoch, counted from 0."""
        settings, model, batches, started = self._settings, self._model, self._batches(epoch), time.monotonic()
        stage = "head" if epoch < settings.head_epochs else "all"
        if stage != self._progress.stage:
            set_stage(model, stage, settings)
            compile_stage(model, stage, settings, len(batches))
            self._progress.stage = stage
        # Keras does not save the state of dropout's random generator: seeded for each epoch, it is the same after a resume.
        model.get_layer("dropout").seed_generator.state.assign(np.array([settings.seed, epoch], np.uint32))
        # At the end of fit, here of each epoch, Keras would replace the newest weights by the averaged ones. Training
        # continues from the newest, and `ema_weights` swaps the averaged ones in for validation.
        model.optimizer.finalize_variable_values = lambda variables: None
        reports = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: reporter.report_batch(epoch, batch + 1, len(batches))
        )
        reports.async_safe = True  # it reads no metrics, so that the device need not be synchronized
        # One call of Keras' fit for each epoch: no batch of the next epoch is drawn in advance, so that a resumed run draws
        # the same.
        result = model.fit(
            batches,
            epochs=epoch + 1,
            initial_epoch=epoch,
            shuffle=False,
            verbose=0,
            callbacks=[reports],
        )
        self._row: dict[str, Any] = {
            "epoch": epoch + 1,
            "stage": stage,
            "loss": round(float(result.history["loss"][0]), 5),
            "accuracy": round(float(result.history["accuracy"][0]), 5),
            "rate": float(f"{_scalar(model.optimizer.learning_rate):.3g}"),
        }
        self._started = started

    def validate(self, epoch: int) -> None:
        """Compute the validation figures, and save the model if it is the best so far."""
        data, progress = self._data, self._progress
        with ExitStack() as stack:
            if stack.enter_context(ema_weights(self._model, progress.stage, self._settings)):
                stack.enter_context(
                    recalibrated_batch_norm(self._model, self._batches(epoch).first_views(UNFOLD_VIEWS))
                )
            figures = data.validation_metrics(predict(self._model, data.val_views))
            row = self._row | figures | {"seconds": round(time.monotonic() - self._started, 1)}
            progress.epoch = epoch + 1
            progress.history.append(row)
            # Among epochs of equal accuracy, the lower loss is better.
            if (row["val_accuracy"], -row["val_loss"]) > (progress.best[0], -progress.best[1]):
                progress.best, progress.best_epoch = [row["val_accuracy"], row["val_loss"]], epoch + 1
                save_model(_as_float32(self._model, self._settings), self._folder.best_file)

    def keep_start(self) -> None:
        """Leave the model as it started as the best one, with its figures."""
        data, progress, started_s = self._data, self._progress, time.monotonic()
        views, targets = self._batches(0).first_views(UNFOLD_VIEWS), self._batches(0).first_targets(UNFOLD_VIEWS)
        figures = data.validation_metrics(predict(self._model, data.val_views))
        save_model(_as_float32(self._model, self._settings), self._folder.best_file)
        logits = predict(self._model, views)
        accuracy = float((logits.argmax(axis=1) == targets).mean())
        seconds = time.monotonic() - started_s
        progress.finish_untrained("probe", cross_entropy(logits, targets), accuracy, figures, seconds)

    def save_checkpoint(self) -> None:
        """Save the checkpoint to resume from, and plot the curve."""
        self._folder.save_checkpoint(self._model, self._progress)
        save_curve(self._folder.path / "learning-curve.png", self._progress.history)


def _make_pool(settings: Settings, data: TrainingData, teacher: Teacher | None) -> ViewWorkerPool:
    return ViewWorkerPool(
        [*data.train, *data.sprites],
        len(data.train),
        settings,
        size=view_size(settings, teacher),
        processes=settings.workers,
        ahead=AHEAD,
        batch=settings.batch,
    )


def _as_float32(model: keras.Model, settings: Settings) -> keras.Model:
    """The same layers in float32 without the optimizer: a third of the size, and no compilation to load it."""
    if all(layer.dtype_policy.name == "float32" for layer in model.layers):
        return without_feature_pull(model)
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        plain = build_model(settings.replaced(weights="none"), model.output_shape[-1])
    finally:
        keras.config.set_dtype_policy(policy)
    plain.set_weights(model.get_weights())
    return plain


def _check_kept_head(settings: Settings, labels: tuple[str, ...]) -> None:
    """Raise RunError where the weights have no last layer of these labels to keep."""
    path = Path(weights_file(settings.weights))
    if path.suffix != ".tflite":
        raise RunError(f"weights {settings.weights}: head_keep needs a model's .tflite, whose last layer it keeps")
    own = read_bundle(path).manifest.labels
    if own != labels:
        raise RunError(f"weights {path}: head_keep: has labels {list(own)}, the pictures {list(labels)}")


def _scalar(variable: object) -> float:
    """A scalar variable's value on any back end."""
    # Multiplied, since numpy warns about a Keras variable itself.
    return float(keras.ops.convert_to_numpy(keras.ops.multiply(variable, 1.0)))


@contextmanager
def _terminated_as_interrupt() -> Iterator[None]:
    """SIGTERM ends the run as Ctrl-C does. Only in the main thread: Python delivers signals there."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        old = signal.signal(signal.SIGTERM, stop)
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, old)
