"""The interface of a TFLite interpreter, as far as it is used here. The runtimes have no type annotations."""

from typing import Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray


class QuantizationParameters(TypedDict):
    """Quantization of a tensor, with one scale and zero point, or one per channel.

    Attributes:
        scales: float32 (channels,).
        zero_points: int32 (channels,).
        quantized_dimension: axis of the channels.
    """

    scales: NDArray[np.float32]
    zero_points: NDArray[np.int32]
    quantized_dimension: int


class TensorDetails(TypedDict):
    """Description of a tensor.

    Attributes:
        name: name in the graph.
        index: argument of ``get_tensor`` and ``set_tensor``.
        shape: int32 (dimensions,).
        dtype: NumPy scalar type.
        quantization: scale and zero point of a tensor that is quantized as a whole.
        quantization_parameters: the same, also for a tensor that is quantized per channel.
    """

    name: str
    index: int
    shape: NDArray[np.int32]
    dtype: type[np.generic]
    quantization: tuple[float, int]
    quantization_parameters: QuantizationParameters


class Interpreter(Protocol):
    """Runs an int8 model, in this process (``LocalInterpreter``) or in another one (``DelegateProcess``)."""

    def get_input_details(self) -> list[TensorDetails]:
        """Describe the inputs."""

    def get_output_details(self) -> list[TensorDetails]:
        """Describe the outputs."""

    def set_tensor(self, index: int, value: NDArray[np.int8], /) -> None:
        """Copy ``value`` into an input tensor."""

    def invoke(self) -> None:
        """Run the graph.

        Raises:
            RuntimeError, ValueError: it fails.
        """

    def get_tensor(self, index: int, /) -> NDArray[np.int8]:
        """Copy of an output tensor."""


class LocalInterpreter(Interpreter, Protocol):
    """The interpreter of a TFLite runtime, in this process."""

    def allocate_tensors(self) -> None:
        """Allocate the memory of all tensors; needed before any other call."""

    def get_tensor_details(self) -> list[TensorDetails]:
        """Describe all tensors, weights included."""

    def _get_ops_details(self) -> list[dict[str, object]]:
        """Describe the operations. Not public, and not in every runtime: expect AttributeError."""


class RuntimeModule(Protocol):
    """The Python module of a TFLite runtime."""

    def Interpreter(  # noqa: N802  # the name of the runtime's class
        self, *, model_content: bytes, num_threads: int, experimental_delegates: list[object] | None
    ) -> LocalInterpreter:
        """Make an interpreter. Raises ValueError or RuntimeError if it refuses the model."""

    def load_delegate(self, library: str, /) -> object:
        """Load a delegate. Raises OSError, ValueError or AttributeError if it cannot be loaded."""
