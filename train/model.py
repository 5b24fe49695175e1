"""The network: MobileNetV2, pooled, one dense layer of logits."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from train.cache import to_input
from train.errors import RunError
from train.settings import Settings

HEAD = "logits"
"""Name of the last layer."""


def build(settings: Settings, labels: int) -> keras.Model:
    """float32 (n, size, size, 3) in -1..1 -> logits float32 (n, labels). No scaling and no softmax inside.

    The int8 input's scale carries -1..1 and the bin needs logits for its temperature, so both stay outside the graph.

    Raises:
        RunError: the weights are missing or of another shape.
    """
    keras.utils.set_random_seed(settings.seed)
    base = _mobilenet(settings) if settings.arch == "mobilenet_v2" else _tiny(settings)
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization) and settings.bn_momentum < 1:
            layer.momentum = settings.bn_momentum
    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(base.output)
    dropped = keras.layers.Dropout(settings.dropout, seed=settings.seed, name="dropout")(pooled)
    logits = keras.layers.Dense(labels, name=HEAD)(dropped)
    return keras.Model(base.input, logits, name="sorter")


def set_stage(model: keras.Model, stage: str, settings: Settings) -> None:
    """Choose what learns: "head" the last layer only, "all" everything.

    A frozen BatchNorm runs in inference mode in Keras 3, so that the head stage leaves ImageNet's statistics alone.
    """
    for layer in model.layers:
        frozen_norm = isinstance(layer, keras.layers.BatchNormalization) and settings.bn_momentum >= 1
        layer.trainable = layer.name == HEAD or (stage == "all" and not frozen_norm)


def embedder(settings: Settings) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]] | None:
    """What ImageNet's network sees in views, pooled; None where the run has no ImageNet weights to see with."""
    if settings.arch != "mobilenet_v2" or settings.weights == "none":
        return None
    base = _mobilenet(settings)
    network = keras.Model(base.input, keras.layers.GlobalAveragePooling2D()(base.output))

    def embed(views: NDArray[np.uint8]) -> NDArray[np.float32]:
        return predict(network, views)

    return embed


def predict(model: keras.Model, views: NDArray[np.uint8], batch: int = 64) -> NDArray[np.float32]:
    """Outputs for views. uint8 (n, size, size, 3) -> float32 (n, outputs)."""
    if len(views) == 0:
        return np.zeros((0, model.output_shape[-1]), np.float32)
    # One batch size throughout: another one would be traced anew.
    padded = np.concatenate([views, np.repeat(views[-1:], -len(views) % batch, axis=0)])
    rows = [
        np.asarray(keras.ops.convert_to_numpy(model.predict_on_batch(to_input(padded[at : at + batch]))), np.float32)
        for at in range(0, len(padded), batch)
    ]
    return np.concatenate(rows)[: len(views)]


def _from_run(settings: Settings, path: Path) -> keras.Model:
    """The base of an earlier run's model: to go on from it, or to teach it other labels."""
    donor = keras.saving.load_model(path, compile=False)
    base = keras.applications.MobileNetV2(
        input_shape=(settings.size, settings.size, 3), alpha=settings.alpha, include_top=False, weights=None
    )
    for layer in base.layers:
        if layer.weights:
            layer.set_weights(donor.get_layer(layer.name).get_weights())
    return base


def _mobilenet(settings: Settings) -> keras.Model:
    weights: str | None = None if settings.weights == "none" else settings.weights
    if weights not in (None, "imagenet") and not Path(str(weights)).is_file():
        raise RunError(
            f"weights {weights}: no such file; give the path of a MobileNetV2 no-top .weights.h5, a run's best.keras, "
            "or --weights imagenet to download it, or none for a random start"
        )
    try:
        if weights is not None and weights.endswith(".keras"):
            return _from_run(settings, Path(weights))
        return keras.applications.MobileNetV2(
            input_shape=(settings.size, settings.size, 3), alpha=settings.alpha, include_top=False, weights=weights
        )
    except Exception as error:  # Keras raises whatever the download or HDF5 does: said again with what to do
        raise RunError(
            f"weights {weights}: cannot be used with alpha {settings.alpha} at {settings.size}x{settings.size}: "
            f"{str(error).splitlines()[0] if str(error) else type(error).__name__}; "
            "without a network, give a file with --weights FILE"
        ) from error


def _tiny(settings: Settings) -> keras.Model:
    if settings.weights not in ("none", "imagenet"):
        raise RunError(f"weights {settings.weights}: arch tiny has no ImageNet weights; use --weights none")
    inputs = keras.Input((settings.size, settings.size, 3))
    x = inputs
    for filters in (8, 16, 24, 32):
        x = keras.layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Conv2D(filters, 1, use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU(6.0)(x)
    return keras.Model(inputs, x)
