"""Loss, optimizer, and learning rate schedule."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from train.network.xla import without_slow_xla
from train.runs.settings import Settings

WARMUP_START = 0.05
"""Learning rate at the start of the warm-up, as a share of the peak: AdamW's first steps have noisy second moments."""


def compile_stage(model: keras.Model, stage: str, settings: Settings, steps: int) -> None:
    """Compile the model with a new optimizer for a stage ("head" or "all") of ``steps`` steps an epoch.

    The rate is a schedule over the optimizer's own step count, which is saved with it. Labels are smoothed and mixed with the
    teacher's answers where the batches are made, not in the loss.
    """
    if stage == "head":
        rate: float | keras.optimizers.schedules.LearningRateSchedule = settings.head_rate
    else:
        rate = _cosine(settings, steps)
    averaging = {"use_ema": True, "ema_momentum": settings.ema} if _uses_ema(stage, settings) else {}
    loss = (
        keras.losses.CategoricalFocalCrossentropy(alpha=1.0, gamma=settings.focal_gamma, from_logits=True)
        if settings.loss == "focal"
        else keras.losses.CategoricalCrossentropy(from_logits=True)
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, **averaging),
        loss=loss,
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    # Built here, not inside Keras' first step: TensorFlow traces a function that makes variables twice.
    model.optimizer.build(model.trainable_variables)
    without_slow_xla(model)


@contextmanager
def ema_weights(model: keras.Model, stage: str, settings: Settings) -> Iterator[bool]:
    """Swap the averaged weights in inside the context. Yields False where the stage has none (``ema`` is 0, or "head")."""
    if not _uses_ema(stage, settings):
        yield False
        return
    swap = keras.callbacks.SwapEMAWeights()
    swap.set_model(model)
    swap.on_test_begin()
    try:
        yield True
    finally:
        swap.on_test_end()


def _uses_ema(stage: str, settings: Settings) -> bool:
    return stage == "all" and settings.ema > 0


def _cosine(settings: Settings, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Linear warm-up, then a cosine down to ``rate_floor`` (Loshchilov and Hutter 2017)."""
    warmup = round(settings.warmup_epochs * steps)
    total = (settings.epochs - settings.head_epochs) * steps
    if not warmup:
        return keras.optimizers.schedules.CosineDecay(settings.rate, max(total, 1), alpha=settings.rate_floor)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=settings.rate * WARMUP_START,
        decay_steps=max(total - warmup, 1),
        # Keras' documentation calls it a share of the initial rate; its code multiplies the warm-up's target.
        alpha=settings.rate_floor,
        warmup_target=settings.rate,
        warmup_steps=warmup,
    )
