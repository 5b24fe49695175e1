"""Classifies views with an int8 TFLite model."""

import logging
import math
import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edge.errors import InferenceError, ModelError
from edge.inference.bundle import Bundle
from edge.inference.graph_io import find_graph_io
from edge.inference.input_quantizer import input_quantizer
from edge.inference.interpreter import Interpreter
from edge.inference.manifest import Manifest
from edge.inference.ood_score import ood_score_from_softmax
from edge.inference.runtime import Runtime
from edge.values import Prediction
from hardware.frame import Pixels

if TYPE_CHECKING:
    from edge.inference.accelerator import Accelerator

log = logging.getLogger(__name__)

_Outputs = tuple[NDArray[np.int8], NDArray[np.int8] | None]
"""Quantized logits (labels,), and raw features (n,) of a model that has them."""


class Classifier:
    """Runs an int8 TFLite model that matches its manifest. The model is in memory: its file is read only once.

    If an interpreter fails, the error is logged, and the view is run again on a new interpreter on the CPU. An accelerator
    is used again when it has recovered.

    Args:
        bundle: the model file.
        runtime: the TFLite runtime.
        threads: number of CPU threads, >= 1.
        accelerator: runs the model while it works; None runs the model on the CPU.

    Raises:
        ModelError: the runtime refuses the model, or its shapes, types or quantization differ from its manifest.
        UnavailableError: the accelerator does not work.

    Attributes:
        manifest: the model's manifest.
        unused_keys: keys of the manifest in the file that this program does not know, and does not need.
        runtime: the TFLite runtime.
        threads: number of CPU threads.
        failures: number of interpreter failures since start.
        accelerator_failure: message for the operator while the accelerator does not work; else None.
    """

    def __init__(
        self,
        bundle: Bundle,
        runtime: Runtime,
        *,
        threads: int = 1,
        accelerator: "Accelerator | None" = None,
    ) -> None:
        self.manifest: Manifest = bundle.manifest
        self.unused_keys = bundle.unused_keys
        self.runtime = runtime
        self.threads = threads
        self.failures = 0
        self.accelerator_failure: str | None = None
        self._bundle = bundle
        self._accelerator = accelerator
        self._use(self._cpu_interpreter() if accelerator is None else accelerator.open())
        self._quantize = input_quantizer(self.manifest.input)
        output = self.manifest.output.quantization
        self._dequantization = output.scale, output.zero_point
        self._view_shape = (self.manifest.view.size, self.manifest.view.size, 3)

    @property
    def answers(self) -> Manifest:
        """Labels and thresholds of the predictions: the model's own."""
        return self.manifest

    def poll_accelerator(self) -> None:
        """Use an accelerator that failed again once it has recovered. Never waits: call it regularly."""
        if self._accelerator is None or self.accelerator_failure is None:
            return
        interpreter = self._accelerator.reopen()
        if interpreter is not None:
            self._use(interpreter)
            self.accelerator_failure = None

    def close(self) -> None:
        """Release the accelerator. May be called more than once."""
        if self._accelerator is not None:
            self._accelerator.close()

    def invoke(self) -> None:
        """Run the graph on the current input tensor, for the benchmark."""
        self._interpreter.invoke()

    def quantize(self, view: Pixels) -> NDArray[np.int8]:
        """The input tensor of a view: RGB uint8 (size, size, 3) -> int8 of the same shape."""
        return self._quantize(view)

    def logits(self, view: Pixels) -> NDArray[np.float32]:
        """Compute the logits of a view.

        Args:
            view: RGB uint8 (size, size, 3), see ``edge.sight.view``.

        Returns:
            float32 (labels,).

        Raises:
            ValueError: the view has another shape.
            InferenceError: the interpreter failed, and a new one on the CPU failed too.
        """
        return np.array(self._dequantize(self._outputs(view)[0]), np.float32)

    def predict(self, view: Pixels) -> Prediction:
        """Classify a view.

        Args:
            view: RGB uint8 (size, size, 3), see ``edge.sight.view``.

        Raises:
            ValueError: the view has another shape.
            InferenceError: see ``logits``.
        """
        start_s = time.perf_counter()
        output, features = self._outputs(view)
        logits, temperature, ood = self._dequantize(output), self.manifest.temperature, self.manifest.unknown
        largest = max(logits)
        exponentials = [math.exp((logit - largest) / temperature) for logit in logits]
        total = sum(exponentials)
        probabilities = np.array([exponential / total for exponential in exponentials], np.float32)
        score = None if ood is None else float(ood_score_from_softmax(largest, total, ood.score, temperature))
        return Prediction(self.manifest.labels, probabilities, time.perf_counter() - start_s, score, features)

    def _outputs(self, view: Pixels) -> _Outputs:
        """Quantized logits and features of a view."""
        if view.shape != self._view_shape:
            raise ValueError(f"view: expected shape {self._view_shape}, got {view.shape}")
        quantized = self.quantize(view)[np.newaxis]
        try:
            return self._run(quantized)
        except (RuntimeError, ValueError) as error:
            return self._run_on_new_interpreter(quantized, error)

    def _dequantize(self, output: NDArray[np.int8]) -> list[float]:
        """Logits as Python floats: for a handful of labels NumPy's overhead exceeds the arithmetic."""
        scale, zero_point = self._dequantization
        return [(value - zero_point) * scale for value in output.tolist()]

    def _run(self, quantized: NDArray[np.int8]) -> _Outputs:
        self._set_input(self._io.input, quantized)
        self._interpreter.invoke()
        logits: NDArray[np.int8] = self._get_output(self._io.logits)[0]
        if not self._io.features:
            return logits, None
        return logits, np.concatenate([self._get_output(index).ravel() for index in self._io.features])

    def _run_on_new_interpreter(self, quantized: NDArray[np.int8], error: Exception) -> _Outputs:
        self.failures += 1
        text = " ".join(str(error).split())[:200]
        log.error("the interpreter failed (%s): it is replaced by a new one on the CPU", text)
        if self._accelerator is not None and self.accelerator_failure is None:
            self.accelerator_failure = f"the accelerator has failed, the CPU runs the model: {text}"
        try:
            self._use(self._cpu_interpreter())
            return self._run(quantized)
        except (RuntimeError, ValueError) as second:
            self.failures += 1
            raise InferenceError(f"model {self._bundle.path}: {' '.join(str(second).split())[:200]}") from second

    def _cpu_interpreter(self) -> Interpreter:
        try:
            return self.runtime.interpreter(self._bundle.flatbuffer, threads=self.threads)
        except ModelError as error:
            raise ModelError(f"model {self._bundle.path}: {error}") from error

    def _use(self, interpreter: Interpreter) -> None:
        """Use an interpreter from now on. Raises ModelError if it does not match the manifest."""
        try:
            self._io = find_graph_io(interpreter, self.manifest)
        except ModelError as error:
            raise ModelError(f"model {self._bundle.path}: {error}") from error
        self._interpreter = interpreter
        # Bound methods, to save the attribute lookups on every view.
        self._set_input = interpreter.set_tensor
        self._get_output = interpreter.get_tensor
