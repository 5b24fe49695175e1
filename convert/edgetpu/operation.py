"""An operation of a TFLite model, and the reason why an Edge TPU cannot run it.

The list and its limits are those of Google's documentation, runtime version 14:
https://coral.ai/docs/edgetpu/models-intro/#supported-operations. In addition, every tensor must be of 8-bit integers and of a
fixed size, weights must be constant, and only the three innermost dimensions may be above 1.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

_NAMES = {number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}
_ONE_BYTE = (schema.TensorType.INT8, schema.TensorType.UINT8)


class Operation:
    """One operation of a model's first graph.

    Attributes:
        name: of the builtin operator, or of the custom one.
        options: of the schema's type for this operator; None: no options.
        inputs, outputs: tensors of the schema; None for an optional input that is absent.
    """

    def __init__(self, model: Any, operator: Any) -> None:
        code, graph = model.operatorCodes[operator.opcodeIndex], model.subgraphs[0]
        # Up to 127 the number stands in the older field only, in files of an older converter.
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        custom = number == schema.BuiltinOperator.CUSTOM
        self.name = code.customCode.decode(errors="replace") if custom else _NAMES[number]
        self.options = operator.builtinOptions
        self._buffers = model.buffers
        self.inputs: list[Any] = [None if place < 0 else graph.tensors[place] for place in operator.inputs]
        self.outputs: list[Any] = [graph.tensors[place] for place in operator.outputs]

    def obstacle(self) -> str | None:
        """Why it stays on the processor; None: the documentation names no reason."""
        if self.name not in _SUPPORTED:
            return "not among the Edge TPU's operations"
        return next(iter(self._obstacles()), None)

    def _obstacles(self) -> Iterator[str]:
        moving = [
            tensor for tensor in (*self.inputs, *self.outputs) if tensor is not None and not self.is_constant(tensor)
        ]
        for tensor in moving:
            if tensor.type not in _ONE_BYTE:
                kind = next(name for name, value in vars(schema.TensorType).items() if value == tensor.type)
                yield f"a tensor is {kind.lower()}; expected 8-bit integers"
            if tensor.shapeSignature is not None and any(side < 0 for side in tensor.shapeSignature):
                yield "a tensor's size is not fixed"
            if any(side != 1 for side in tensor.shape[:-3]):
                yield "a tensor has more than three dimensions beyond 1"
        if self.name in _WEIGHED and not all(tensor is None or self.is_constant(tensor) for tensor in self.inputs[1:]):
            yield "its weights or bias are not constant"
        yield from _SUPPORTED[self.name](self)

    def is_constant(self, tensor: Any) -> bool:
        """Whether the file holds its values."""
        return self._buffers[tensor.buffer].data is not None

    def constant_integers(self, place: int) -> list[int]:
        """The integers of a constant input; empty for an input that is not constant."""
        tensor = self.inputs[place]
        data = None if tensor is None else self._buffers[tensor.buffer].data
        return [] if data is None else np.frombuffer(bytes(data), np.int32).tolist()

    def axes(self, place: int) -> list[int]:
        """The axes that a constant input names, 0 being the first."""
        rank = len(self.inputs[0].shape)
        return [axis % rank for axis in self.constant_integers(place)]


_Limits = Callable[[Operation], Iterator[str]]


def _none(operation: Operation) -> Iterator[str]:
    yield from ()


def _no_activation(operation: Operation) -> Iterator[str]:
    if operation.options.fusedActivationFunction != schema.ActivationFunctionType.NONE:
        yield "an activation is fused into it"


def _concatenation(operation: Operation) -> Iterator[str]:
    yield from _no_activation(operation)
    constants = [tensor for tensor in operation.inputs if operation.is_constant(tensor)]
    if constants and len(operation.inputs) != 2:
        yield "a constant is among more than two inputs"


def _dilation(operation: Operation) -> Iterator[str]:
    if operation.options.dilationWFactor != operation.options.dilationHFactor:
        yield "its dilation differs in x and y"


def _fully_connected(operation: Operation) -> Iterator[str]:
    if operation.options.weightsFormat != schema.FullyConnectedOptionsWeightsFormat.DEFAULT:
        yield "its weights are not in the default format"
    if any(side != 1 for side in operation.outputs[0].shape[:-1]):
        yield "its output has more than one dimension"


def _mean(operation: Operation) -> Iterator[str]:
    shape, axes = operation.inputs[0].shape, operation.axes(1)
    if len(shape) == 4 and 0 in axes:
        yield "it reduces over the batch"
    if len(shape) - 1 in axes and shape[-1] % 4:
        yield "it reduces over channels whose number is not a multiple of 4"


def _not_over_batch(operation: Operation) -> Iterator[str]:
    if len(operation.inputs[0].shape) == 4 and 0 in operation.axes(1):
        yield "it reduces over the batch"


def _pack(operation: Operation) -> Iterator[str]:
    if operation.options.axis == 0:
        yield "it packs the batch"


def _pad(operation: Operation) -> Iterator[str]:
    if len(operation.inputs[0].shape) == 4 and any(operation.constant_integers(1)[:2]):
        yield "it pads the batch"


def _prelu(operation: Operation) -> Iterator[str]:
    if any(side != 1 for side in operation.inputs[1].shape[:-1]):
        yield "its alpha has more than one dimension"


def _softmax(operation: Operation) -> Iterator[str]:
    shape = operation.inputs[0].shape
    if any(side != 1 for side in shape[:-1]) or shape[-1] > 16_000:
        yield "its input has more than one dimension, or more than 16,000 elements"


def _split(operation: Operation) -> Iterator[str]:
    # Its inputs are the axis and then the tensor.
    if len(operation.inputs[1].shape) == 4 and operation.constant_integers(0)[:1] == [0]:
        yield "it splits the batch"


def _strided_slice(operation: Operation) -> Iterator[str]:
    if (
        any(stride != 1 for stride in operation.constant_integers(3))
        or operation.options.ellipsisMask
        or operation.options.newAxisMask
    ):
        yield "its strides are not 1, or it has an ellipsis or a new axis"


_WEIGHED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")

_SUPPORTED: dict[str, _Limits] = {
    "ADD": _none,
    "AVERAGE_POOL_2D": _no_activation,
    "CONCATENATION": _concatenation,
    "CONV_2D": _dilation,
    "DEPTHWISE_CONV_2D": _dilation,
    "EXPAND_DIMS": _none,
    "FULLY_CONNECTED": _fully_connected,
    "L2_NORMALIZATION": _none,
    "LOGISTIC": _none,
    "MAXIMUM": _none,
    "MAX_POOL_2D": _no_activation,
    "MEAN": _mean,
    "MINIMUM": _none,
    "MUL": _none,
    "PACK": _pack,
    "PAD": _pad,
    "PRELU": _prelu,
    "QUANTIZE": _none,
    "REDUCE_MAX": _not_over_batch,
    "REDUCE_MIN": _not_over_batch,
    "RELU": _none,
    "RELU6": _none,
    "RELU_N1_TO_1": _none,
    "RESHAPE": _none,
    "RESIZE_BILINEAR": _none,
    "RESIZE_NEAREST_NEIGHBOR": _none,
    "RSQRT": _none,
    "SLICE": _none,
    "SOFTMAX": _softmax,
    "SPACE_TO_DEPTH": _none,
    "SPLIT": _split,
    "SQUARED_DIFFERENCE": _none,
    "SQUEEZE": _none,
    "STRIDED_SLICE": _strided_slice,
    "SUB": _none,
    "SUM": _not_over_batch,
    "TANH": _none,
    "TRANSPOSE": _none,
    "TRANSPOSE_CONV": _none,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _none,
}
"""Operation -> limits that the documentation names."""
