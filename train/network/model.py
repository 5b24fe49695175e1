"""The network: a base, pooled, one dense layer of logits."""

from collections.abc import Callable

import keras
import numpy as np
from numpy.typing import NDArray

from train.errors import SettingsError
from train.network.architectures import build_base
from train.network.scaling import to_input
from train.network.xla import without_slow_xla
from train.runs.settings import Settings

HEAD_NAME = "logits"
"""Name of the last layer."""


def build_model(settings: Settings, labels: int) -> keras.Model:
    """float32 (n, size, size, 3) in -1..1 -> logits float32 (n, labels). No scaling and no softmax inside.

    The int8 input's scale carries -1..1 and the bin needs logits for its temperature, so both stay outside the graph.

    Raises:
        RunError: the weights are missing or of another shape.
        SettingsError: the network has no layer that ``head_layers`` names.
    """
    keras.utils.set_random_seed(settings.seed)
    base = build_base(settings)
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization) and settings.bn_momentum < 1:
            layer.momentum = settings.bn_momentum
    pooled = [keras.layers.GlobalAveragePooling2D(name="pool")(base.output)]
    for name in settings.head_layers:
        pooled.append(keras.layers.GlobalAveragePooling2D(name=f"pool_{name}")(_map_of(base, name)))
    joined = pooled[0] if len(pooled) == 1 else keras.layers.Concatenate(name="features")(pooled)
    dropped = keras.layers.Dropout(settings.dropout, seed=settings.seed, name="dropout")(joined)
    # In float32 with any precision of the rest: a loss in float16 would overflow.
    logits = keras.layers.Dense(labels, name=HEAD_NAME, dtype="float32")(dropped)
    return keras.Model(base.input, logits, name="sorter")


def _map_of(base: keras.Model, name: str) -> keras.KerasTensor:
    """The output of a layer, float32 (n, h, w, channels)."""
    found = next((layer.output for layer in base.layers if layer.name == name), None)
    if found is None or len(found.shape) != 4:
        maps = [layer.name for layer in base.layers if isinstance(layer, keras.layers.ReLU)]
        raise SettingsError(
            f"settings: head_layers names {name!r}, which is no map of {base.name}; expected a layer such as "
            f"{', '.join(maps[-6:-1:2])}"
        )
    return found


def head_features(model: keras.Model) -> keras.Model:
    """What a model's last layer sees: float32 (n, size, size, 3) in -1..1 -> (n, features). The layers are shared."""
    return keras.Model(model.input, model.get_layer(HEAD_NAME).input)


def set_stage(model: keras.Model, stage: str, settings: Settings) -> None:
    """Choose the trainable layers: "head": the last layer only; "all": all layers.

    A frozen BatchNorm runs in inference mode in Keras 3, so that the head stage leaves ImageNet's statistics alone.
    """
    for layer in model.layers:
        frozen_norm = isinstance(layer, keras.layers.BatchNormalization) and settings.bn_momentum >= 1
        layer.trainable = layer.name == HEAD_NAME or (stage == "all" and not frozen_norm)


def feature_extractor(settings: Settings) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]] | None:
    """A function from views to pooled features of the base; None where the settings name no ImageNet weights."""
    if settings.arch == "tiny" or settings.weights == "none":
        return None
    base = build_base(settings)
    extractor = keras.Model(base.input, keras.layers.GlobalAveragePooling2D()(base.output))

    def embed(views: NDArray[np.uint8]) -> NDArray[np.float32]:
        return predict(extractor, views)

    return embed


def predict(model: keras.Model, views: NDArray[np.uint8], batch: int = 64) -> NDArray[np.float32]:
    """Outputs for views in batches of ``batch``. uint8 (n, size, size, 3), n >= 0 -> float32 (n, outputs)."""
    if len(views) == 0:
        return np.zeros((0, model.output_shape[-1]), np.float32)
    without_slow_xla(model)
    # One batch size for all: Keras compiles again for another.
    padded = np.concatenate([views, np.repeat(views[-1:], -len(views) % batch, axis=0)])
    rows = [
        # On several devices TensorFlow gives every device the whole batch and returns the outputs of all.
        np.asarray(keras.ops.convert_to_numpy(model.predict_on_batch(to_input(padded[at : at + batch]))), np.float32)[
            :batch
        ]
        for at in range(0, len(padded), batch)
    ]
    return np.concatenate(rows)[: len(views)]
