"""A training run, told step by step: prepare, then epoch by epoch learn, measure, keep."""

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import keras
import numpy as np

from train.batches import Batches, label_weights
from train.material import Material, prepare
from train.metrics import Score, cross_entropy
from train.model import build, predict, set_stage
from train.plots import save_curve, save_sheet
from train.progress import Reporter
from train.runfolder import Progress, RunFolder, save_model
from train.settings import Settings

log = logging.getLogger("train")


def fit(settings: Settings, folder: RunFolder, reporter: Reporter) -> Progress:
    """Train until the settings' epochs are done; an unfinished run in ``folder`` is taken up where it was.

    After each epoch the model, its optimizer and the figures are kept, so that a kill costs at most one epoch.

    Raises:
        TrainError: settings that differ from the folder's run, data or weights that cannot be used.
        KeyboardInterrupt: on Ctrl-C or SIGTERM; the epochs done so far are kept.
    """
    progress = folder.open(settings)
    if progress.finished:
        log.info(
            "the run in %s is finished: %d epochs, best validation accuracy %.3f",
            folder.path,
            progress.epoch,
            progress.best[0],
        )
        return progress
    with _terminated_as_interrupt():
        material = prepare(settings, folder)
        weights = label_weights([kept.target for kept in material.train], len(material.labels), settings.class_weights)
        log.info(
            "label weights: %s",
            ", ".join(f"{label} {weight:.2f}" for label, weight in zip(material.labels, weights, strict=True)),
        )
        if progress.epoch:
            log.info("taken up after epoch %d of %d", progress.epoch, settings.epochs)
            model = keras.saving.load_model(folder.path / progress.checkpoint)
        else:
            model = build(settings, len(material.labels))
            first = Batches(material.train, material.sprites, weights, settings, 0)
            save_sheet(folder.path / "augmented.png", first.first_views(160))
        for epoch in range(progress.epoch, settings.epochs):
            batches = Batches(material.train, material.sprites, weights, settings, epoch)
            stage = "head" if epoch < settings.head_epochs else "all"
            if stage != progress.stage:
                set_stage(model, stage, settings)
                _compile(model, stage, settings, len(batches))
                progress.stage = stage
            _one_epoch(model, batches, material, settings, epoch, progress, folder, reporter)
        progress.finished = True
        folder.note(progress)
    return progress


def _one_epoch(
    model: keras.Model,
    batches: Batches,
    material: Material,
    settings: Settings,
    epoch: int,
    progress: Progress,
    folder: RunFolder,
    reporter: Reporter,
) -> None:
    started = time.monotonic()
    # Dropout draws from a state that Keras does not keep either: begun anew each epoch, it is the same after a resume.
    model.get_layer("dropout").seed_generator.state.assign(np.array([settings.seed, epoch], np.uint32))
    # One call of Keras' fit an epoch: nothing is drawn ahead across its end, so a resumed run draws the same.
    result = model.fit(
        batches,
        epochs=epoch + 1,
        initial_epoch=epoch,
        shuffle=False,
        verbose=0,
        callbacks=[
            keras.callbacks.LambdaCallback(
                on_train_batch_end=lambda batch, logs: reporter.batch(epoch, batch + 1, len(batches))
            )
        ],
    )
    logits = predict(model, material.val_views)
    score = Score.of(material.val_targets, logits.argmax(axis=1).astype(np.int64), material.labels)
    row: dict[str, Any] = {
        "epoch": epoch + 1,
        "stage": progress.stage,
        "loss": round(float(result.history["loss"][0]), 5),
        "accuracy": round(float(result.history["accuracy"][0]), 5),
        "val_loss": round(cross_entropy(logits, material.val_targets), 5),
        "val_accuracy": round(score.accuracy, 5),
        "val_macro_f1": round(score.macro_f1, 5),
        "rate": float(f"{_number(model.optimizer.learning_rate):.3g}"),
        "seconds": round(time.monotonic() - started, 1),
    }
    progress.epoch = epoch + 1
    progress.history.append(row)
    # Among epochs of one accuracy the surer one is better.
    if (row["val_accuracy"], -row["val_loss"]) > (progress.best[0], -progress.best[1]):
        progress.best = [row["val_accuracy"], row["val_loss"]]
        # A model of the same layers without the optimizer: a third of the size, and loads without compiling.
        save_model(keras.Model(model.input, model.output, name=model.name), folder.best_file)
    folder.keep(model, progress)
    save_curve(folder.path / "learning-curve.png", progress.history)
    reporter.epoch(row, best=progress.best[0])


def _compile(model: keras.Model, stage: str, settings: Settings, steps: int) -> None:
    """A fresh optimizer for a stage. The rate is a schedule over the optimizer's own step count, kept with it."""
    if stage == "head":
        rate: float | keras.optimizers.schedules.LearningRateSchedule = settings.head_rate
    else:
        warmup = round(settings.warmup_epochs * steps)
        total = (settings.epochs - settings.head_epochs) * steps
        rate = (
            keras.optimizers.schedules.CosineDecay(
                initial_learning_rate=settings.rate * 0.05,
                decay_steps=max(total - warmup, 1),
                alpha=0.01,
                warmup_target=settings.rate,
                warmup_steps=warmup,
            )
            if warmup
            else keras.optimizers.schedules.CosineDecay(
                initial_learning_rate=settings.rate, decay_steps=max(total, 1), alpha=0.01
            )
        )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay)
    model.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )


def _number(variable: object) -> float:
    """A scalar variable's value on any back end."""
    # Multiplied, since numpy warns when it is handed a Keras variable itself.
    return float(keras.ops.convert_to_numpy(keras.ops.multiply(variable, 1.0)))


@contextmanager
def _terminated_as_interrupt() -> Iterator[None]:
    """SIGTERM ends the run as Ctrl-C does. Only in the main thread, where Python delivers signals."""

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
