"""Makes features of a converted model: chooses the maps, and measures the range of their means."""

import numpy as np
from numpy.typing import NDArray

from convert.features.flatbuffer import unpack
from convert.features.maps import FeatureMap, find_feature_maps
from convert.features.outputs import output_name, with_feature_outputs, with_map_outputs
from edge.inference.features import FeatureLayer, FeatureSpec
from edge.inference.quantization import Quantization
from edge.inference.runtime import find_runtime

CLIPPED_PERCENT = 0.1
"""Largest and smallest means that may be clipped, in percent each: a few outliers would make the steps of all others coarser.
On teaching tasks 0 to 0.5 % make no difference, nor do 8 bits against floats (docs/training.md)."""

LEAST_SCALE = 1e-6
"""Smallest step of a layer, for maps that are zero in every calibration picture."""


def add_features(flatbuffer: bytes, inputs: NDArray[np.int8], logits: FeatureLayer) -> tuple[bytes, FeatureSpec | None]:
    """Add the feature outputs to a model. Its other outputs stay bit for bit the same.

    Args:
        flatbuffer: the int8 model.
        inputs: quantized views of calibration pictures, int8 (n, size, size, 3), n >= 1.
        logits: layer of the model's own logits, the last one: what it believes tells labels apart, too.

    Returns:
        The model with the further outputs, and their description; the same model and None for a network that has none of
        the maps.
    """
    maps = find_feature_maps(unpack(flatbuffer))
    if not maps:
        return flatbuffer, None
    means = map_means(flatbuffer, maps, inputs)
    quantizations = {one.name: _quantization(part) for one, part in zip(maps, means, strict=True)}
    layers = tuple(
        FeatureLayer(
            name=one.name, output=output_name(one.name), size=one.channels, quantization=quantizations[one.name]
        )
        for one in maps
    )
    return with_feature_outputs(flatbuffer, maps, quantizations), FeatureSpec(layers=(*layers, logits))


def map_means(
    flatbuffer: bytes, maps: tuple[FeatureMap, ...], inputs: NDArray[np.int8]
) -> tuple[NDArray[np.float64], ...]:
    """Real means of the maps: float64 (n, channels) each.

    Args:
        flatbuffer: the int8 model.
        maps: see ``find_feature_maps``.
        inputs: int8 (n, size, size, 3).
    """
    interpreter = find_runtime().interpreter(with_map_outputs(flatbuffer, maps), threads=1)
    entry = interpreter.get_input_details()[0]["index"]
    outputs = interpreter.get_output_details()
    found: list[list[NDArray[np.float64]]] = [[] for _ in outputs]
    for one in inputs:
        interpreter.set_tensor(entry, one[np.newaxis])
        interpreter.invoke()
        for means, details in zip(found, outputs, strict=True):
            scale, zero_point = details["quantization"]
            mean = interpreter.get_tensor(details["index"])[0].mean(axis=(0, 1), dtype=np.float64)
            means.append((mean - zero_point) * scale)
    return tuple(np.array(means) for means in found)


def _quantization(means: NDArray[np.float64]) -> Quantization:
    """int8 quantization of means, with zero as one of its values."""
    low = min(0.0, float(np.percentile(means, CLIPPED_PERCENT)))
    high = max(0.0, float(np.percentile(means, 100 - CLIPPED_PERCENT)))
    scale = max((high - low) / 255, LEAST_SCALE)
    return Quantization(scale=float(np.float32(scale)), zero_point=round(-128 - low / scale))
