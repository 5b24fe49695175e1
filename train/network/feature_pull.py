"""A part of the loss that keeps a network's features near those it started from, which strangers' pictures need."""

from typing import Any

import keras

from train.network.model import HEAD_NAME, head_features

LEAST_VARIANCE = 1e-4
"""Variance of a feature in a batch below which its distance is not scaled up further."""


@keras.saving.register_keras_serializable(package="sorter")
class FeaturePull(keras.layers.Layer):  # type: ignore[misc]  # keras has no types
    """Hands logits on, and in training adds the distance of the features from the anchor's to the loss.

    Args:
        strength: weight of the distance, >= 0. Each feature's squared distance is measured in its variance over the batch.
    """

    def __init__(self, strength: float, **options: Any) -> None:
        super().__init__(**options)
        self.strength = strength
        self._anchor: Any = None

    def hold_to(self, anchor: keras.Model) -> None:
        """Choose the network whose features are aimed at: inputs -> features. It is neither trained nor saved."""
        # In a function: Keras would take a model that it sees for a part of this layer, and save it with every checkpoint.
        self._anchor = lambda inputs: anchor(inputs, training=False)

    def call(self, inputs: tuple[Any, Any, Any], training: bool = False) -> Any:
        """(logits, the network's inputs, features) -> logits."""
        logits, pictures, features = inputs
        if training and self._anchor is not None:
            ops = keras.ops
            wanted = ops.stop_gradient(ops.cast(self._anchor(pictures), "float32"))
            variance = ops.maximum(ops.var(wanted, axis=0), LEAST_VARIANCE)
            self.add_loss(self.strength * ops.mean((ops.cast(features, "float32") - wanted) ** 2 / variance))
        return logits

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "strength": self.strength}


def with_feature_pull(model: keras.Model, strength: float) -> keras.Model:
    """The same layers with a ``FeaturePull`` behind them, which is to be told its anchor (``hold``)."""
    features = head_features(model).output
    pulled = FeaturePull(strength, name="feature_pull", dtype="float32")([model.output, model.input, features])
    return keras.Model(model.input, pulled, name=model.name)


def without_feature_pull(model: keras.Model) -> keras.Model:
    """The same layers up to the logits."""
    return keras.Model(model.input, model.get_layer(HEAD_NAME).output, name=model.name)


def hold(model: keras.Model, start: keras.Model) -> None:
    """Choose what a model's features are held to: those of ``start``, whose layers are its own."""
    for layer in model.layers:
        if isinstance(layer, FeaturePull):
            layer.hold_to(head_features(start))
