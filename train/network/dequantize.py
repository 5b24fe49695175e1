"""Dequantization of an int8 bundle to float weights, as the start of a fine-tune that needs no other weights."""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from edge.errors import SorterError
from edge.inference.bundle import read_bundle
from edge.inference.runtime import find_runtime
from train.errors import RunError
from train.network.scaling import to_input
from train.network.xla import without_slow_xla

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D")
TENSOR_KINDS = ("convolution", "depthwise", "MatMul", "BiasAdd")
"""Suffixes of the names of a flatbuffer's kernels and shifts."""
UNFOLD_VIEWS = 512
"""Number of training views to take BatchNorm's statistics from."""
BATCH = 16


def dequantize(base: keras.Model, path: Path) -> None:
    """Set a base's weights to those of a bundle that was converted from the same network.

    The converter folded each BatchNorm into the convolution before it; here the convolution keeps the product and the
    BatchNorm only adds the shift, until ``unfold_batch_norm`` sets its statistics and scale.

    Raises:
        RunError: the file is not a bundle, or of another network.
    """
    kernels, shifts = _tensors(path)
    try:
        for layer in base.layers:
            if type(layer).__name__ in CONVOLUTIONS:
                # (out, h, w, in) -> (h, w, in, out); depthwise: (1, h, w, channels) -> (h, w, channels, 1)
                layer.set_weights([_find_tensor(kernels, layer.name).transpose(1, 2, 3, 0)])
            elif isinstance(layer, keras.layers.BatchNormalization) and (before := _convolution_before(layer)):
                _set_shift(layer, _find_tensor(shifts, before.name))
    except (KeyError, ValueError) as error:
        raise RunError(
            f"weights {path}: is not of this network: {error}; give a model of the same arch and alpha"
        ) from error


def dequantize_head(head: keras.layers.Dense, path: Path) -> None:
    """Set the last layer's weights to those of a bundle; the features of further ``head_layers`` weigh nothing.

    Raises:
        RunError: the file is not a bundle, or has another number of labels, or more features.
    """
    kernels, shifts = _tensors(path)
    try:
        kernel = _find_tensor(kernels, head.name).T
        # The last map's features stand first.
        further = max(0, head.kernel.shape[0] - len(kernel))
        head.set_weights([np.pad(kernel, ((0, further), (0, 0))), _find_tensor(shifts, head.name)])
    except (KeyError, ValueError) as error:
        raise RunError(f"weights {path}: its last layer does not fit: {error}") from error


def fold_batch_norm(model: keras.Model) -> None:
    """Multiply each BatchNorm into the convolution before it, as the converter does: what remains of it adds the shift.

    Every output stays the same. Kernels of networks that were trained apart, one of them taken from a bundle, can only be
    compared or averaged in this form.

    Args:
        model: with BatchNorms that follow a convolution each; others stay as they are.
    """
    for norm in model.layers:
        if not isinstance(norm, keras.layers.BatchNormalization) or (before := _convolution_before(norm)) is None:
            continue
        gamma, beta, mean, variance = norm.get_weights()
        scale = gamma / np.sqrt(variance + norm.epsilon)
        kernel, *bias = before.get_weights()
        # (h, w, in, out); depthwise: (h, w, channels, 1)
        folded = kernel * (scale[:, None] if type(before).__name__ == "DepthwiseConv2D" else scale)
        before.set_weights([folded, *(0 * one for one in bias)])
        _set_shift(norm, beta + scale * (sum(bias) - mean))


def _convolution_before(norm: keras.layers.BatchNormalization) -> keras.layers.Layer | None:
    """The convolution whose output a BatchNorm takes; None where it takes something else."""
    before = norm.input._keras_history.operation
    return before if type(before).__name__ in CONVOLUTIONS else None


def _set_shift(norm: keras.layers.BatchNormalization, shift: NDArray[np.float32]) -> None:
    """Let a BatchNorm add a shift, and nothing else. float32 (channels,)."""
    one = np.ones_like(shift)
    norm.set_weights([np.sqrt(one + norm.epsilon), shift, 0 * one, one])


def unfold_batch_norm(model: keras.Model, views: NDArray[np.uint8]) -> None:
    """Set each BatchNorm's statistics to those of views, and its scale and shift so that its output stays the same.

    Otherwise the first training step, which uses the batch's statistics, would change every output.

    Args:
        model: with BatchNorms as ``dequantize`` sets them.
        views: uint8 (n, size, size, 3), augmented as in training, n of some hundreds.
    """
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    probe = without_slow_xla(keras.Model(model.input, [norm.input for norm in norms]))
    sums = [np.zeros((2, norm.input.shape[-1])) for norm in norms]
    counts = [0] * len(norms)
    for at in range(0, len(views) - len(views) % BATCH or len(views), BATCH):
        for row, output in enumerate(probe.predict_on_batch(to_input(views[at : at + BATCH]))):
            flat = np.asarray(keras.ops.convert_to_numpy(output), np.float64).reshape(-1, output.shape[-1])
            sums[row] += np.stack([flat.sum(axis=0), (flat**2).sum(axis=0)])
            counts[row] += len(flat)
    for norm, (total, squares), count in zip(norms, sums, counts, strict=True):
        gamma, beta, mean, variance = norm.get_weights()
        scale = gamma / np.sqrt(variance + norm.epsilon)
        new_mean = total / count
        new_variance = squares / count - new_mean**2
        norm.set_weights(
            [scale * np.sqrt(new_variance + norm.epsilon), beta + scale * (new_mean - mean), new_mean, new_variance]
        )


def _tensors(path: Path) -> tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.float32]]]:
    """Kernels, output channels first, and shifts of a bundle's layers as real numbers. Raises RunError: not a bundle."""
    try:
        interpreter = find_runtime().interpreter(read_bundle(path).flatbuffer, threads=1)
    except SorterError as error:
        raise RunError(f"weights {path}: {error}") from error
    interpreter.allocate_tensors()
    kernels: dict[str, NDArray[np.float32]] = {}
    shifts: dict[str, NDArray[np.float32]] = {}
    for tensor in interpreter.get_tensor_details():
        scales = tensor["quantization_parameters"]["scales"]
        # Activations have one scale; kernels and shifts have one for each channel.
        if len(scales) < 2:
            continue
        place = shifts if tensor["dtype"] == np.int32 else kernels
        for name in tensor["name"].split(";"):
            layer, _, kind = "/".join(name.split("/")[-2:]).partition("/")
            if kind in TENSOR_KINDS:
                values = interpreter.get_tensor(tensor["index"]).astype(np.float32)
                shape = [1] * values.ndim
                shape[int(tensor["quantization_parameters"]["quantized_dimension"])] = len(scales)
                place[layer] = values * scales.reshape(shape)
    return kernels, shifts


def _find_tensor(tensors: dict[str, NDArray[np.float32]], name: str) -> NDArray[np.float32]:
    # The export may append a number to a layer's name.
    for candidate in (f"{name}_1", name):
        if candidate in tensors:
            return tensors[candidate]
    raise KeyError(f"no tensor of layer {name}")
