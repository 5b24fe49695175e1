"""Adds outputs to a converted model: the maps themselves, or their means as feature layers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from convert.features.flatbuffer import pack, unpack
from convert.features.maps import FeatureMap
from edge.inference.quantization import Quantization

PREFIX = "features/"
"""What the names of the feature outputs begin with."""

SPATIAL_AXES = (1, 2)
"""Height and width in (1, height, width, channels)."""


def output_name(layer: str) -> str:
    """Name of the output tensor of a feature layer."""
    return PREFIX + layer


def with_map_outputs(flatbuffer: bytes, maps: Sequence[FeatureMap]) -> bytes:
    """The same model with the maps as its only outputs, to look at them; in the order of ``maps``."""
    model = unpack(flatbuffer)
    model.subgraphs[0].outputs = [one.tensor for one in maps]
    model.signatureDefs = None
    return pack(model)


def with_feature_outputs(
    flatbuffer: bytes, maps: Sequence[FeatureMap], quantizations: Mapping[str, Quantization]
) -> bytes:
    """The same model with the means of the maps as further outputs, behind the outputs that it has.

    What computes the other outputs stays as it is. Each mean stands right behind the operator that makes its map, so that
    the memory of the map can be used again.

    Args:
        flatbuffer: the int8 model.
        maps: see ``find_feature_maps``.
        quantizations: name of each layer -> quantization of its output.
    """
    model = unpack(flatbuffer)
    graph = model.subgraphs[0]
    axes, code = _axes_tensor(model), _mean_code(model)
    operators = {}
    for one in maps:
        quantization = quantizations[one.name]
        mean = schema.TensorT()
        mean.name, mean.type = output_name(one.name).encode(), schema.TensorType.INT8
        mean.shape = np.array([1, 1, 1, one.channels], np.int32)
        mean.quantization = schema.QuantizationParametersT()
        mean.quantization.scale = np.array([quantization.scale], np.float32)
        mean.quantization.zeroPoint = np.array([quantization.zero_point], np.int64)
        # Buffer 0 is empty by convention: the tensor is computed.
        mean.buffer = 0
        graph.tensors.append(mean)
        index = len(graph.tensors) - 1
        operator = schema.OperatorT()
        operator.opcodeIndex = code
        operator.inputs = np.array([one.tensor, axes], np.int32)
        operator.outputs = np.array([index], np.int32)
        operator.builtinOptionsType = schema.BuiltinOptions.ReducerOptions
        operator.builtinOptions = schema.ReducerOptionsT()
        operator.builtinOptions.keepDims = True
        operators[one.operator] = operator
        graph.outputs = np.array([*graph.outputs, index], np.int32)
        for signature in model.signatureDefs or []:
            output = schema.TensorMapT()
            output.name, output.tensorIndex = one.name.encode(), index
            signature.outputs.append(output)
    for place in sorted(operators, reverse=True):
        graph.operators.insert(place + 1, operators[place])
    return pack(model)


def _axes_tensor(model: Any) -> int:
    """Index of a constant tensor with the spatial axes."""
    graph = model.subgraphs[0]
    data = np.array(SPATIAL_AXES, np.int32)
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(data.tobytes(), np.uint8)
    model.buffers.append(buffer)
    tensor = schema.TensorT()
    tensor.name, tensor.type, tensor.shape = (
        (PREFIX + "axes").encode(),
        schema.TensorType.INT32,
        np.array([2], np.int32),
    )
    tensor.buffer = len(model.buffers) - 1
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _mean_code(model: Any) -> int:
    """Index of the operator code of an int8 mean; the one that exists, else a new one."""
    for index, code in enumerate(model.operatorCodes):
        if max(code.builtinCode, code.deprecatedBuiltinCode) == schema.BuiltinOperator.MEAN:
            return index
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.MEAN
    code.version = 2  # the first one with int8
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1
