"""The features of a model: numbers from before its last layer, from which a bin can learn other labels."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edge.inference.manifest_section import ManifestSection
from edge.inference.quantization import Quantization

LOGIT_UNIT = 0.01
"""Factor of a layer whose length counts: logits of ten to twenty move lengths and cosines over all features little then, and a
linear head takes from them what it needs."""

TINY = 1e-12
"""Smallest length that is divided by: a layer whose numbers are all zero stays zero."""


class FeatureLayer(ManifestSection):
    """One layer: the means over the maps of a layer of the network, or the model's own logits. int8 (1, ..., size)."""

    name: str = Field(min_length=1, max_length=64)
    output: str = Field(min_length=1, max_length=200)
    """Name of the output of the graph."""
    size: int = Field(ge=1, le=65_536)
    quantization: Quantization
    unit_length: bool = True
    """Whether only its direction counts: means, whose length depends on light and contrast. Of logits the size counts too."""


class FeatureSpec(ManifestSection):
    """The features of a model. Raw ones are int8, the layers' outputs joined in the order of ``layers``."""

    layers: tuple[FeatureLayer, ...] = Field(min_length=1, max_length=64)

    @cached_property
    def size(self) -> int:
        """Number of features of a view."""
        return sum(layer.size for layer in self.layers)

    def real(self, raw: NDArray[np.int8]) -> NDArray[np.float32]:
        """Real features: each layer's part dequantized, then of unit length, or times ``LOGIT_UNIT``, in the order of the layers.

        Args:
            raw: int8 (..., size).

        Returns:
            float32 (..., size).

        Raises:
            ValueError: the last axis has another length.
        """
        if raw.shape[-1] != self.size:
            raise ValueError(f"features: expected {self.size} numbers, got {raw.shape[-1]}")
        parts, start = [], 0
        for layer in self.layers:
            zero_point, scale = layer.quantization.zero_point, layer.quantization.scale
            part = (raw[..., start : start + layer.size].astype(np.float32) - zero_point) * np.float32(scale)
            length = np.linalg.norm(part, axis=-1, keepdims=True) if layer.unit_length else np.float32(1 / LOGIT_UNIT)
            parts.append(part / np.maximum(length, np.float32(TINY)))
            start += layer.size
        return np.concatenate(parts, axis=-1)
