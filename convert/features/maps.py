"""Chooses the maps whose means are a network's features: late enough to know things, early enough to have forgotten little."""

from dataclasses import dataclass
from typing import Any, Literal

from ai_edge_litert import schema_py_generated as schema

MapKind = Literal["expansion", "depthwise", "output"]
"""Maps of an inverted residual block: what widens it, its depthwise convolution, and what it hands on (a sum, if it has one)."""

LAYERS: tuple[tuple[MapKind, int], ...] = (("depthwise", 1), ("expansion", 4), ("depthwise", 4), ("depthwise", 9))
"""Kind of map, and the block that has it, counted from the last one (1). In a MobileNetV2 these are blocks 16, 13, 13 and 8;
others are compared in docs/teaching.md."""

SUMS = (1, 4)
"""In a network without depthwise convolutions, a ResNet: the sums, counted from the last one. What they are worth was not
measured."""


@dataclass(frozen=True, slots=True)
class FeatureMap:
    """A map of a graph that becomes a feature layer.

    Attributes:
        name: of the layer, such as ``depthwise_16``. Blocks are numbered as in MobileNetV2, from 0.
        tensor: index of the int8 tensor (1, height, width, channels).
        operator: index of the operator that makes it.
        channels: number of channels, the size of the layer.
    """

    name: str
    tensor: int
    operator: int
    channels: int


def find_feature_maps(model: Any) -> tuple[FeatureMap, ...]:
    """Find the maps of ``LAYERS`` by the structure of the graph: every depthwise convolution is a block. Names differ.

    Returns:
        The maps in the order of ``LAYERS``, else those of ``SUMS``, without those that the network lacks; empty for a network
        of another kind.
    """
    graph = model.subgraphs[0]
    kinds = [_kind(model, operator) for operator in graph.operators]
    depthwise = [index for index, kind in enumerate(kinds) if kind == schema.BuiltinOperator.DEPTHWISE_CONV_2D]
    maps = []
    if not depthwise:
        sums = [index for index, kind in enumerate(kinds) if kind == schema.BuiltinOperator.ADD]
        return tuple(_feature_map(graph, "output", len(sums) - back, sums[-back]) for back in SUMS if back <= len(sums))
    for kind, back in LAYERS:
        if back > len(depthwise):
            continue
        block = len(depthwise) - back
        place: int | None = depthwise[block]
        if kind == "expansion":
            place = _maker(graph, kinds, depthwise[block])
        elif kind == "output":
            place = _block_output(graph, kinds, depthwise[block])
        if place is not None:
            maps.append(_feature_map(graph, kind, block, place))
    return tuple(maps)


def _feature_map(graph: Any, kind: MapKind, block: int, place: int) -> FeatureMap:
    tensor = int(graph.operators[place].outputs[0])
    return FeatureMap(f"{kind}_{block}", tensor, place, int(graph.tensors[tensor].shape[3]))


def _maker(graph: Any, kinds: list[int], depthwise: int) -> int | None:
    """The operator that makes the input of a depthwise convolution, before any padding; None: the graph's input."""
    wanted = int(graph.operators[depthwise].inputs[0])
    for index in range(depthwise - 1, -1, -1):
        if wanted in graph.operators[index].outputs:
            if kinds[index] != schema.BuiltinOperator.PAD:
                return index
            wanted = int(graph.operators[index].inputs[0])
    return None


def _block_output(graph: Any, kinds: list[int], depthwise: int) -> int | None:
    """The projection that reads a depthwise convolution, or the sum that reads the projection; None: there is neither."""
    found, wanted = None, int(graph.operators[depthwise].outputs[0])
    for index in range(depthwise + 1, len(kinds)):
        if wanted not in graph.operators[index].inputs:
            continue
        if kinds[index] == (schema.BuiltinOperator.CONV_2D if found is None else schema.BuiltinOperator.ADD):
            found, wanted = index, int(graph.operators[index].outputs[0])
            if kinds[index] == schema.BuiltinOperator.ADD:
                break
        elif found is not None:
            break
    return found


def _kind(model: Any, operator: Any) -> int:
    code = model.operatorCodes[operator.opcodeIndex]
    # Up to 127 the number stands in the older field only, in files of an older converter.
    return int(max(code.builtinCode, code.deprecatedBuiltinCode))
