"""Rounding of weights to 8 bits with the smallest error of each layer's output (GPTQ).

The converter rounds every weight to its nearest step. In MobileNetV2's first depthwise layers nine weights nearly cancel
out, and rounding leaves a bias everywhere: measured on a TrashNet fine-tune, most of the accuracy lost to int8 was lost in
that layer. Here the error of each rounded weight is compensated by those not yet rounded (GPTQ, Frantar
et al. 2022), and the remaining mean error is moved into the BatchNorm that follows (bias correction, Nagel et al. 2019).
The converter then finds the weights on its own grid and leaves them as they are.
"""

import keras
import numpy as np
from numpy.typing import NDArray

from train.network.xla import without_slow_xla

LEVELS = 127
"""Largest step of an 8-bit weight; the converter keeps -128 free."""
DAMPING = 0.01
"""Added to the diagonal of the second moments, as a share of its mean: keeps the inverse finite for inputs that are always 0."""
PATCHES = 48
"""Positions sampled in each picture and layer."""
PICTURES = 160
"""Largest number of pictures: 7,680 positions suffice for the covariance of 960 inputs."""
BATCH = 8

Moments = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Of a layer's inputs: mean (groups, n) and covariance (groups, n, n); one group, or one for each depthwise channel."""


def round_weights_gptq(model: keras.Model, inputs: NDArray[np.float32]) -> keras.Model:
    """A copy of ``model`` with its convolutions' kernels rounded. Other layers are left to the converter.

    Args:
        model: functional; its convolutions are followed by a BatchNorm or have a bias to correct.
        inputs: representative inputs, float32 (n, size, size, 3).
    """
    model = _copy(model)
    layers = [layer for layer in model.layers if type(layer) in (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)]
    layers = [layer for layer in layers if getattr(layer, "groups", 1) == 1 and layer.dilation_rate == (1, 1)]
    if not layers:
        return model
    norms = {id(layer.input): layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)}
    for layer, (mean, covariance) in zip(layers, _moments(model, layers, inputs[:PICTURES]), strict=True):
        kernel = np.asarray(layer.get_weights()[0], np.float64)
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        # Rows of outputs by inputs; a depthwise layer has a group for each channel.
        rows = kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(3, 0, 1, 2)[np.newaxis]
        flat = rows.reshape(len(mean), -1, mean.shape[1])
        near = np.stack([gptq_round_rows(*parts) for parts in zip(flat, covariance, strict=True)])
        shift = np.einsum("gon,gn->go", near - flat, mean).ravel()
        back = near.reshape(rows.shape)
        back = back.transpose(2, 3, 0, 1) if depthwise else back[0].transpose(1, 2, 3, 0)
        _set_kernel(layer, back, shift, norms.get(id(layer.output)))
    return model


def _copy(model: keras.Model) -> keras.Model:
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def gptq_round_rows(rows: NDArray[np.float64], covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of weights on 8-bit grids, each row's largest weight being its largest step. (outputs, n), (n, n) -> (outputs, n)."""
    count = rows.shape[1]
    largest = np.abs(rows).argmax(axis=1)
    step = np.abs(rows).max(axis=1) / LEVELS
    step[step == 0] = 1.0
    damped = covariance + np.eye(count) * (DAMPING * float(np.trace(covariance)) / count + 1e-9)
    # Upper Cholesky factor of the inverse: row j holds the share of weight j's error that each later weight compensates.
    factor = np.linalg.cholesky(np.linalg.inv(damped)).T
    left, out = rows.copy(), np.zeros_like(rows)
    for column in range(count):
        value = left[:, column]
        nearest = np.clip(np.rint(value / step), -LEVELS, LEVELS)
        # The largest weight sets the converter's grid, so it must stay.
        nearest = np.where(largest == column, np.sign(rows[:, column]) * LEVELS, nearest)
        out[:, column] = nearest * step
        left[:, column:] -= np.outer((value - out[:, column]) / factor[column, column], factor[column, column:])
    return out


def _moments(model: keras.Model, layers: list[keras.Layer], inputs: NDArray[np.float32]) -> list[Moments]:
    """Mean and covariance of each layer's input patches."""
    taps = without_slow_xla(keras.Model(model.inputs, [layer.input for layer in layers]))
    random = np.random.default_rng(0)
    sums: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    places = 0
    for at in range(0, len(inputs), BATCH):
        maps = taps.predict_on_batch(inputs[at : at + BATCH])
        maps = maps if isinstance(maps, list | tuple) else [maps]
        places += len(inputs[at : at + BATCH]) * PATCHES
        for number, (layer, values) in enumerate(zip(layers, maps, strict=True)):
            patches = _patches(layer, np.asarray(keras.ops.convert_to_numpy(values)), random).astype(np.float64)
            first, second = patches.sum(axis=1), np.matmul(patches.transpose(0, 2, 1), patches)
            if number == len(sums):
                sums.append((first, second))
            else:
                sums[number] = (sums[number][0] + first, sums[number][1] + second)
    means = [first / places for first, _ in sums]
    return [
        (mean, second / places - mean[:, :, np.newaxis] * mean[:, np.newaxis, :])
        for mean, (_, second) in zip(means, sums, strict=True)
    ]


def _patches(layer: keras.Layer, values: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """Random places of a layer's input as its kernel sees them: (groups, pictures * PATCHES, n)."""
    (tall, wide), (down, right) = layer.kernel_size, layer.strides
    pictures, height, width, channels = values.shape
    if layer.padding == "same":
        # As TensorFlow pads: the odd row and column go to the far side.
        extra = [
            max((-(-side // stride) - 1) * stride + kernel - side, 0)
            for side, stride, kernel in ((height, down, tall), (width, right, wide))
        ]
        values = np.pad(values, ((0, 0), *((one // 2, one - one // 2) for one in extra), (0, 0)))
    rows = random.integers(0, (values.shape[1] - tall) // down + 1, (pictures, PATCHES)) * down
    columns = random.integers(0, (values.shape[2] - wide) // right + 1, (pictures, PATCHES)) * right
    picture = np.arange(pictures)[:, None, None, None]
    seen = values[
        picture, (rows[..., None] + np.arange(tall))[..., None], (columns[..., None] + np.arange(wide))[:, :, None, :]
    ]
    flat: NDArray[np.float32] = seen.reshape(pictures * PATCHES, tall * wide, channels)
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return flat.transpose(2, 0, 1)
    return flat.reshape(1, pictures * PATCHES, tall * wide * channels)


def _set_kernel(
    layer: keras.Layer, kernel: NDArray[np.float64], shift: NDArray[np.float64], norm: keras.Layer | None
) -> None:
    """Set the rounded kernel, and take the mean error ``shift`` (outputs,) back out."""
    weights = layer.get_weights()
    weights[0] = kernel.astype(np.float32)
    if norm is not None:
        values = dict(zip((variable.name for variable in norm.weights), norm.get_weights(), strict=True))
        values["moving_mean"] = values["moving_mean"] + shift.astype(np.float32)
        norm.set_weights(list(values.values()))
    elif layer.use_bias:
        weights[1] = weights[1] - shift.astype(np.float32)
    layer.set_weights(weights)
