"""The classifier: a view in, probabilities out."""

import logging
import math
import time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import InferenceError, ModelError
from edge.inference.accelerator import Accelerator
from edge.inference.bundle import Bundle
from edge.inference.manifest import Manifest
from edge.inference.ood_score import ood_score_from_softmax
from edge.inference.runtime import Runtime
from edge.values import Prediction
from hardware.frame import Pixels

log = logging.getLogger(__name__)


class Classifier:
    """An int8 TFLite model that was checked against its manifest. It is held in memory: its file is read only once.

    An interpreter that fails is replaced by a fresh one on the processor, loudly, and the same view is run again. One on an
    accelerator comes back when that answers again.

    Args:
        bundle: the model file.
        runtime: what runs it.
        threads: of the runtime, >= 1.
        accelerator: what runs the same model while it can; None: the processor runs it from the start.

    Raises:
        ModelError: the runtime refuses the model, or its shapes, types or quantization are not what its manifest says.
        UnavailableError: the accelerator does not work.

    Attributes:
        failures: how often an interpreter failed since start.
        lost: what took the accelerator away, in words; None while it works or where there is none.
    """

    def __init__(
        self,
        bundle: Bundle,
        runtime: Runtime,
        *,
        threads: int = 1,
        accelerator: Accelerator | None = None,
    ) -> None:
        self.manifest: Manifest = bundle.manifest
        self.runtime = runtime
        self.threads = threads
        self.failures = 0
        self.lost: str | None = None
        self._bundle = bundle
        self._accelerator = accelerator
        self._use(self._on_processor() if accelerator is None else accelerator.open())
        quantization = self.manifest.input.quantization
        low, high = self.manifest.input.value_range
        real = low + np.arange(256, dtype=np.float64) / 255.0 * (high - low)
        quantized = np.clip(np.rint(real / quantization.scale) + quantization.zero_point, -128, 127)
        # cv2.LUT turns 8-bit pixels into the tensor's 8 bits without any arithmetic per pixel.
        self._table = quantized.astype(np.int8).view(np.uint8)
        out = self.manifest.output.quantization
        self._dequantization = out.scale, out.zero_point
        self._view_shape = (self.manifest.view.size, self.manifest.view.size, 3)

    def poll_accelerator(self) -> None:
        """Let time pass: an accelerator that was lost is taken back when it answers again. Never waits."""
        if self._accelerator is None or self.lost is None:
            return
        interpreter = self._accelerator.reopen()
        if interpreter is not None:
            self._use(interpreter)
            self.lost = None

    def close(self) -> None:
        """Let the accelerator go. May be called twice."""
        if self._accelerator is not None:
            self._accelerator.close()

    def invoke(self) -> None:
        """Run the graph on what the input tensor holds; what the benchmark compares with."""
        self._interpreter.invoke()

    def logits(self, view: Pixels) -> NDArray[np.float32]:
        """The model's raw answer to an RGB uint8 (size, size, 3) view: float32 (labels,).

        Raises:
            InferenceError: the interpreter fails, and a fresh one on the processor too.
        """
        return np.array(self._logits(view), np.float32)

    def predict(self, view: Pixels) -> Prediction:
        """Classify one view: RGB uint8 (size, size, 3), as ``edge.sight.view`` makes it.

        Raises:
            InferenceError: as ``logits``.
        """
        start_s = time.perf_counter()
        logits, temperature, unknown = self._logits(view), self.manifest.temperature, self.manifest.unknown
        largest = max(logits)
        exponentials = [math.exp((logit - largest) / temperature) for logit in logits]
        total = sum(exponentials)
        probabilities = np.array([exponential / total for exponential in exponentials], np.float32)
        known = None if unknown is None else float(ood_score_from_softmax(largest, total, unknown.score, temperature))
        return Prediction(self.manifest.labels, probabilities, time.perf_counter() - start_s, known)

    def _logits(self, view: Pixels) -> list[float]:
        """As plain numbers: for a handful of labels numpy costs more than the sums."""
        if view.shape != self._view_shape:
            raise ValueError(f"view: expected shape {self._view_shape}, got {view.shape}")
        quantized = cv2.LUT(view, self._table).view(np.int8)[np.newaxis]
        try:
            raw = self._run(quantized)
        except (RuntimeError, ValueError) as error:
            raw = self._run_afresh(quantized, error)
        scale, zero_point = self._dequantization
        return [(count - zero_point) * scale for count in raw.tolist()]

    def _run(self, quantized: NDArray[np.int8]) -> NDArray[np.int8]:
        self._set_input(self._input_index, quantized)
        self._interpreter.invoke()
        raw: NDArray[np.int8] = self._get_output(self._output_index)[0]
        return raw

    def _run_afresh(self, quantized: NDArray[np.int8], error: Exception) -> NDArray[np.int8]:
        self.failures += 1
        text = " ".join(str(error).split())[:200]
        log.error("the interpreter failed (%s): a fresh one runs on the processor", text)
        if self._accelerator is not None and self.lost is None:
            self.lost = f"the accelerator is lost, the processor does its work: {text}"
        try:
            self._use(self._on_processor())
            return self._run(quantized)
        except (RuntimeError, ValueError) as again:
            self.failures += 1
            raise InferenceError(f"model {self._bundle.path}: {' '.join(str(again).split())[:200]}") from again

    def _on_processor(self) -> Any:
        try:
            return self.runtime.interpreter(self._bundle.flatbuffer, threads=self.threads)
        except ModelError as error:
            raise ModelError(f"model {self._bundle.path}: {error}") from error

    def _use(self, interpreter: Any) -> None:
        self._interpreter = interpreter
        self._check(self._bundle)
        # Taken once and kept: a lookup less on every view.
        self._set_input = interpreter.set_tensor
        self._get_output = interpreter.get_tensor

    def _check(self, bundle: Bundle) -> None:
        manifest = self.manifest
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        size = manifest.view.size
        wanted = [
            ("inputs", len(inputs), 1),
            ("outputs", len(outputs), 1),
            ("input shape", tuple(int(n) for n in inputs[0]["shape"]), (1, size, size, 3)),
            ("input type", np.dtype(inputs[0]["dtype"]).name, "int8"),
            ("output shape", tuple(int(n) for n in outputs[0]["shape"]), (1, len(manifest.labels))),
            ("output type", np.dtype(outputs[0]["dtype"]).name, "int8"),
        ]
        for what, found, expected in wanted:
            if found != expected:
                raise ModelError(f"model {bundle.path}: {what} is {found}, its manifest says {expected}")
        for what, details, spec in (("input", inputs[0], manifest.input), ("output", outputs[0], manifest.output)):
            scale, zero_point = details["quantization"]
            if not np.isclose(scale, spec.quantization.scale, rtol=1e-4) or zero_point != spec.quantization.zero_point:
                raise ModelError(
                    f"model {bundle.path}: {what} quantization is {scale:.6g}/{zero_point}, its manifest says "
                    f"{spec.quantization.scale:.6g}/{spec.quantization.zero_point}"
                )
        self._input_index = inputs[0]["index"]
        self._output_index = outputs[0]["index"]
