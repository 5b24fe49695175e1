"""Keras -> TFLite with 8-bit integers throughout."""

import os
import tempfile
from collections.abc import Iterator

import keras
import numpy as np
from numpy.typing import NDArray

from edge.inference.quantization import Quantization
from train.errors import RunError


def quantize(model: keras.Model, inputs: NDArray[np.float32]) -> bytes:
    """A full-integer flatbuffer: int8 in, int8 out, batch 1, one scale for each channel of the weights.

    BatchNorm is folded into the convolutions by the converter; ReLU6 becomes the range of the layer before it.

    Args:
        model: float32 (n, size, size, 3) -> logits (n, labels).
        inputs: representative inputs, float32 (n, size, size, 3), n >= 1.

    Raises:
        RunError: Keras runs on another back end than TensorFlow, or the converter refuses the model.
    """
    if keras.backend.backend() != "tensorflow":
        raise RunError(
            f"convert: Keras runs on {keras.backend.backend()}; set KERAS_BACKEND=tensorflow (any back end may train)"
        )
    import tensorflow as tf  # only this function needs it

    def representative() -> Iterator[list[NDArray[np.float32]]]:
        for one in inputs:
            yield [one[np.newaxis]]

    try:
        with suppress_native_stderr(), tempfile.TemporaryDirectory() as folder:
            # By way of a SavedModel: Keras 3's variables are only frozen into the graph there.
            fixed = tf.TensorSpec((1, *inputs.shape[1:]), tf.float32, name="view")
            model.export(folder, format="tf_saved_model", input_signature=[fixed], verbose=False)
            converter = tf.lite.TFLiteConverter.from_saved_model(folder)
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = representative
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = tf.int8
            converter.inference_output_type = tf.int8
            flatbuffer = converter.convert()
    except Exception as error:  # the converter raises its own, TensorFlow's and plain ones; all mean one thing here
        raise RunError(
            f"convert: TensorFlow cannot make an int8 model of this: {str(error).splitlines()[0][:200]}"
        ) from error
    return bytes(flatbuffer)


def io_quantization(flatbuffer: bytes) -> tuple[Quantization, Quantization]:
    """Scale and zero point of the graph's input and output."""
    from edge.inference.runtime import find_runtime

    interpreter = find_runtime().interpreter(flatbuffer, threads=1)
    found = []
    for details in (interpreter.get_input_details()[0], interpreter.get_output_details()[0]):
        scale, zero_point = details["quantization"]
        found.append(Quantization(scale=float(scale), zero_point=int(zero_point)))
    return found[0], found[1]


class suppress_native_stderr:  # noqa: N801  # reads as a statement
    """Suppress output of C++ libraries on stderr; the last 4000 bytes are shown if the block fails."""

    def __enter__(self) -> None:
        self._file = tempfile.TemporaryFile()
        self._saved_descriptor = os.dup(2)
        os.dup2(self._file.fileno(), 2)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        os.dup2(self._saved_descriptor, 2)
        os.close(self._saved_descriptor)
        if kind is not None:
            self._file.seek(0)
            os.write(2, self._file.read()[-4000:])
        self._file.close()
