"""The networks: each a base without a head, float32 (n, size, size, 3) in -1..1 -> features (n, h, w, channels)."""

from collections.abc import Callable
from pathlib import Path

import keras

from edge.models import SHIPPED
from train.errors import RunError
from train.network import resnet, weights
from train.network.dequantize import dequantize
from train.network.efficientnet import efficientnet_lite2
from train.runs.settings import Settings

SHIPPED_START = "trashnet6"
"""The model that ships with the usual labels: the start that needs no network."""
SHIPPED_ARCH, SHIPPED_ALPHA = "mobilenet_v2", 1.0
"""The network of the models that ship; its weights fit no other, and any size of input."""


def build_base(settings: Settings) -> keras.Model:
    """The base of the settings' architecture, with the settings' weights.

    Raises:
        RunError: the weights are missing, of another shape, or cannot be downloaded; the message gives the remedy.
    """
    make = _BUILDERS[settings.arch]
    source = weights.weights_file(settings.weights)
    check_weights(settings)
    try:
        if source.endswith(".tflite"):
            base = make(settings, None)
            dequantize(base, Path(source))
            return base
        if source.endswith(".keras"):
            base = make(settings, None)
            weights.copy_by_name(keras.saving.load_model(source, compile=False), base)
            return base
        with weights.impatient_download():
            return make(settings, None if source == "none" else source)
    except RunError:
        raise
    except Exception as error:  # Keras passes on the errors of the download and of HDF5
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        width = f" with alpha {settings.alpha:g}" if settings.arch == "mobilenet_v2" else ""
        raise RunError(
            f"weights {settings.weights}: cannot be used for {settings.arch}{width} at {settings.size}x{settings.size}: "
            f"{first}; {_remedy(settings)}"
        ) from error


def _remedy(settings: Settings) -> str:
    """What else a network can start from, the best first."""
    files = (
        "--weights FILE (a download made elsewhere), or --weights none (a random start: needs thousands of pictures)"
    )
    if settings.arch == SHIPPED_ARCH and settings.alpha == SHIPPED_ALPHA and settings.weights not in SHIPPED:
        return f"without a network, --weights {SHIPPED_START} starts from the model that ships; else {files}"
    return f"without a network, give {files}"


def check_weights(settings: Settings) -> None:
    """Check that the settings' weights file exists.

    Raises:
        RunError: there is no such file.
    """
    source = weights.weights_file(settings.weights)
    if source not in ("none", "imagenet") and not Path(source).is_file():
        raise RunError(
            f"weights {source}: no such file; give a model that ships ({', '.join(SHIPPED)}), a model's .tflite, a run's "
            f"best.keras, a no-top .weights.h5 of {settings.arch}, imagenet to download it, or none for a random start"
        )


def _mobilenet_v2(settings: Settings, source: str | None) -> keras.Model:
    return keras.applications.MobileNetV2(
        input_shape=(settings.size, settings.size, 3), alpha=settings.alpha, include_top=False, weights=source
    )


def _resnet50(settings: Settings, source: str | None) -> keras.Model:
    base = keras.applications.ResNet50(input_shape=(settings.size, settings.size, 3), include_top=False, weights=source)
    if source is not None:
        weights.fold_caffe_scaling(base.get_layer("conv1_conv"))
    return base


def _resnet18(settings: Settings, source: str | None) -> keras.Model:
    base = resnet.resnet18(settings.size)
    if source is not None:
        weights.load_torch(base, weights.download_resnet18() if source == "imagenet" else Path(source))
        stem = base.get_layer("conv1"), base.get_layer("bn1")
        weights.fold_torch_scaling(*stem, weights.TORCH_MEAN_RGB, weights.TORCH_STD_RGB)
    return base


def _efficientnet_lite2(settings: Settings, source: str | None) -> keras.Model:
    base = efficientnet_lite2(settings.size)
    if source is not None:
        weights.load_torch(base, weights.find_efficientnet_lite2() if source == "imagenet" else Path(source))
        stem = base.get_layer("conv_stem"), base.get_layer("bn0")
        weights.fold_torch_scaling(*stem, weights.LITE_MEAN_RGB, weights.LITE_STD_RGB)
    return base


def _tiny(settings: Settings, source: str | None) -> keras.Model:
    if source not in (None, "imagenet"):
        raise RunError(f"weights {source}: arch tiny has no ImageNet weights; use --weights none")
    inputs = keras.Input((settings.size, settings.size, 3))
    x = inputs
    # Names of their own, so that one run's weights are found by layer name in another's network.
    for block, filters in enumerate((8, 16, 24, 32)):
        x = keras.layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False, name=f"depthwise{block}")(x)
        x = keras.layers.BatchNormalization(name=f"depthwise{block}_norm")(x)
        x = keras.layers.Conv2D(filters, 1, use_bias=False, name=f"project{block}")(x)
        x = keras.layers.BatchNormalization(name=f"project{block}_norm")(x)
        x = keras.layers.ReLU(6.0)(x)
    return keras.Model(inputs, x)


_BUILDERS: dict[str, Callable[[Settings, str | None], keras.Model]] = {
    "mobilenet_v2": _mobilenet_v2,
    "resnet18": _resnet18,
    "resnet50": _resnet50,
    "efficientnet_lite2": _efficientnet_lite2,
    "tiny": _tiny,
}
