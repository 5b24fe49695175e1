"""Chooses the maps whose means are a network's features: late enough to know things, early enough to have forgotten little."""

from dataclasses import dataclass
from typing import Any

from ai_edge_litert import schema_py_generated as schema


@dataclass(frozen=True, slots=True)
class FeatureMap:
    """A map of a graph that becomes a feature layer.

    Attributes:
        name: of the layer, the same for every network of this kind.
        tensor: index of the int8 tensor (1, height, width, channels).
        operator: index of the operator that makes it.
        channels: number of channels, the size of the layer.
    """

    name: str
    tensor: int
    operator: int
    channels: int


def find_feature_maps(model: Any) -> tuple[FeatureMap, ...]:
    """Find the maps by the structure of the graph, which inverted residual networks share; names differ.

    Stages are told by their resolution: ``late`` is the last one, ``middle`` the one before it. In a MobileNetV2 these are
    the maps of block 16 (depthwise), block 13 (expansion), block 15 (sum) and block 12 (sum).

    Returns:
        The maps in the order of the layers; empty for a network that has none of them.
    """
    graph = model.subgraphs[0]
    makers = {int(one): index for index, operator in enumerate(graph.operators) for one in operator.outputs}
    kinds = [_kind(model, operator) for operator in graph.operators]
    depthwise = [index for index, kind in enumerate(kinds) if kind == schema.BuiltinOperator.DEPTHWISE_CONV_2D]
    sums = [index for index, kind in enumerate(kinds) if kind == schema.BuiltinOperator.ADD]
    strided = [index for index in depthwise if graph.operators[index].builtinOptions.strideH > 1]

    def height(index: int) -> int:
        return int(graph.tensors[graph.operators[index].outputs[0]].shape[1])

    found: dict[str, int] = {}
    if depthwise:
        found["late_depthwise"] = depthwise[-1]
    if strided:
        before = makers[int(graph.operators[strided[-1]].inputs[0])]
        if kinds[before] == schema.BuiltinOperator.PAD:
            before = makers[int(graph.operators[before].inputs[0])]
        found["middle_expansion"] = before
    if sums:
        late = min(map(height, sums))
        found["late_sum"] = next(index for index in reversed(sums) if height(index) == late)
        middle = [index for index in sums if height(index) > late]
        if middle:
            found["middle_sum"] = middle[-1]
    maps = []
    for name, index in found.items():
        tensor = int(graph.operators[index].outputs[0])
        maps.append(FeatureMap(name, tensor, index, int(graph.tensors[tensor].shape[3])))
    return tuple(maps)


def _kind(model: Any, operator: Any) -> int:
    code = model.operatorCodes[operator.opcodeIndex]
    # Up to 127 the number stands in the older field only, in files of an older converter.
    return int(max(code.builtinCode, code.deprecatedBuiltinCode))
