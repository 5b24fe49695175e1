"""ResNet-18 (He et al. 2016), which is not part of Keras. Layers are named as in torchvision's weights.

With an underscore for a dot: PyTorch, as a back end, accepts no dot in a name.
"""

import keras

EPSILON = 1e-5
"""Of BatchNorm, as in torchvision: Keras' own default is 1e-3."""


def resnet18(size: int) -> keras.Model:
    """float32 (n, size, size, 3) in -1..1 -> float32 (n, size / 32, size / 32, 512)."""
    inputs = keras.Input((size, size, 3))
    x = _conv(inputs, 64, 7, 2, "conv1", "bn1")
    x = keras.layers.ReLU()(x)
    x = keras.layers.ZeroPadding2D(1)(x)
    x = keras.layers.MaxPooling2D(3, 2)(x)
    for stage, filters in enumerate((64, 128, 256, 512), start=1):
        for block in range(2):
            x = _block(x, filters, 2 if stage > 1 and block == 0 else 1, f"layer{stage}_{block}")
    return keras.Model(inputs, x, name="resnet18")


def _block(x: keras.KerasTensor, filters: int, stride: int, name: str) -> keras.KerasTensor:
    shortcut = x
    if stride > 1:
        shortcut = _conv(x, filters, 1, stride, f"{name}_downsample_0", f"{name}_downsample_1")
    x = keras.layers.ReLU()(_conv(x, filters, 3, stride, f"{name}_conv1", f"{name}_bn1"))
    x = _conv(x, filters, 3, 1, f"{name}_conv2", f"{name}_bn2")
    return keras.layers.ReLU()(keras.layers.Add()([x, shortcut]))


def _conv(x: keras.KerasTensor, filters: int, kernel: int, stride: int, name: str, norm: str) -> keras.KerasTensor:
    # Padded equally on both sides, as in torchvision; Keras' "same" pads one side more where the stride is 2.
    if kernel > 1:
        x = keras.layers.ZeroPadding2D(kernel // 2)(x)
    x = keras.layers.Conv2D(filters, kernel, strides=stride, use_bias=False, name=name)(x)
    return keras.layers.BatchNormalization(epsilon=EPSILON, name=norm)(x)
