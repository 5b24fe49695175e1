"""First weights from elsewhere: the scale they were trained on is absorbed, so that every network takes -1..1."""

import socket
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

keras = pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from edge.models import SHIPPED  # noqa: E402
from train.errors import RunError  # noqa: E402
from train.network import weights  # noqa: E402
from train.network.architectures import build_base  # noqa: E402
from train.network.resnet import resnet18  # noqa: E402
from train.runs.settings import Settings  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def pixels() -> NDArray[np.float32]:
    return np.random.default_rng(3).uniform(0, 255, (1, 32, 32, 3)).astype(np.float32)


def answer(model: object, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(keras.ops.convert_to_numpy(model(inputs)))  # type: ignore[operator]


def test_resnet50_takes_minus_one_to_one_where_its_weights_took_bgr() -> None:
    inputs = keras.Input((32, 32, 3))
    conv = keras.layers.Conv2D(4, 7, name="conv1_conv", bias_initializer="glorot_uniform")
    model = keras.Model(inputs, conv(inputs))
    before = answer(model, pixels()[..., ::-1] - np.array(weights.CAFFE_MEAN_BGR, np.float32))
    weights.fold_caffe_scaling(conv)
    np.testing.assert_allclose(answer(model, pixels() / 127.5 - 1), before, rtol=1e-3, atol=1e-2)


def torchvision_file(path: Path, random: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    """A file as torchvision's ResNet-18 is published, with random weights."""
    from safetensors.numpy import save_file

    found: dict[str, NDArray[np.float32]] = {}
    for layer in resnet18(32).layers:
        name = layer.name.replace("_", ".")
        if isinstance(layer, keras.layers.Conv2D):
            height, width, ins, outs = layer.kernel.shape
            found[f"{name}.weight"] = random.normal(0, 0.05, (outs, ins, height, width)).astype(np.float32)
        elif isinstance(layer, keras.layers.BatchNormalization):
            (channels,) = layer.gamma.shape
            for part in ("weight", "bias", "running_mean"):
                found[f"{name}.{part}"] = random.normal(0.5, 0.1, channels).astype(np.float32)
            found[f"{name}.running_var"] = random.uniform(0.5, 1.5, channels).astype(np.float32)
    found["fc.weight"] = np.zeros((1000, 512), np.float32)
    save_file(found, path)
    return found


def test_resnet18_reads_torchvisions_weights_and_takes_minus_one_to_one(tmp_path: Path) -> None:
    path = tmp_path / "resnet18.safetensors"
    found = torchvision_file(path, np.random.default_rng(1))
    assert {name for name in found if name.endswith(".0.weight")} == {
        f"layer{stage}.0.downsample.0.weight" for stage in (2, 3, 4)
    }
    base = build_base(Settings(arch="resnet18", size=32, weights=str(path)))
    stem = keras.Model(base.input, base.get_layer("bn1").output)
    got = answer(stem, pixels() / 127.5 - 1)[0, 8, 8]  # away from the border
    # The same by hand: normalised as torchvision does, one 7x7 window at stride 2, then BatchNorm.
    normal = (pixels() / 255 - np.array(weights.TORCH_MEAN_RGB)) / np.array(weights.TORCH_STD_RGB)
    window = normal[0, 13:20, 13:20].transpose(2, 0, 1)
    raw = (found["conv1.weight"] * window).sum(axis=(1, 2, 3))
    scale = found["bn1.weight"] / np.sqrt(found["bn1.running_var"] + 1e-5)
    np.testing.assert_allclose(got, (raw - found["bn1.running_mean"]) * scale + found["bn1.bias"], rtol=1e-3, atol=1e-3)


def test_a_file_that_is_no_resnet18_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    other = tmp_path / "other.safetensors"
    save_file({"conv1.weight": np.zeros((2, 3, 3, 3), np.float32)}, other)
    with pytest.raises(RunError, match="does not fit resnet18"):
        build_base(Settings(arch="resnet18", size=32, weights=str(other)))
    other.write_bytes(b"nothing")
    with pytest.raises(RunError, match="cannot be read as"):
        build_base(Settings(arch="resnet18", size=32, weights=str(other)))


@pytest.mark.parametrize("arch", ["mobilenet_v2", "resnet18", "resnet50"])
def test_without_a_network_the_error_says_what_to_do(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*arguments: object, **options: object) -> None:
        raise OSError("URL fetch failure: no network")

    monkeypatch.setattr(keras.utils, "get_file", unreachable)
    for module in ("mobilenet_v2", "resnet"):
        monkeypatch.setattr(f"keras.src.applications.{module}.file_utils.get_file", unreachable)
    with pytest.raises(RunError, match=r"no network; without a network, .*--weights FILE") as caught:
        build_base(Settings(arch=arch, size=32 if arch != "mobilenet_v2" else 128, weights="imagenet"))
    # The best answer where it is one: the network of the model that ships, and no other.
    assert ("--weights trashnet6 starts from the model that ships" in str(caught.value)) == (arch == "mobilenet_v2")


def test_a_model_that_ships_is_a_start_by_its_name() -> None:
    assert all(Path(weights.weights_file(name)).is_file() for name in SHIPPED)
    shift = build_base(Settings(weights="trashnet6")).get_layer("bn_Conv1").get_weights()[1]
    assert np.abs(shift).max() > 0, "random weights have none"
    with pytest.raises(RunError, match="is not of this network"):
        build_base(Settings(weights="trashnet6", arch="resnet18", size=32))


def test_a_server_that_says_nothing_does_not_hold_a_download_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float | None] = []

    def silent(*arguments: object, **options: object) -> None:
        limits.append(socket.getdefaulttimeout())
        raise TimeoutError("timed out")

    monkeypatch.setattr("keras.src.applications.mobilenet_v2.file_utils.get_file", silent)
    before = socket.getdefaulttimeout()
    with pytest.raises(RunError, match="timed out; without a network, --weights trashnet6"):
        build_base(Settings(weights="imagenet"))
    assert limits == [weights.DOWNLOAD_SILENCE_S]
    assert socket.getdefaulttimeout() == before


@pytest.mark.parametrize("name", ["best.keras", "w.weights.h5", "model.safetensors", "model.tflite", "best"])
@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"\x89HDF\r\n\x1a\n" + bytes(50), b"text" * 50])
def test_initial_weights_that_cannot_be_read_are_told_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    arch = "resnet18" if name.endswith(".safetensors") else "tiny"
    with pytest.raises(RunError, match=f"weights .*{name}") as caught:
        build_base(Settings(weights=str(path), arch=arch, size=32))
    assert len(str(caught.value).splitlines()) == 1
