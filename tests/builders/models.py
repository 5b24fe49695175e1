"""Model files and manifests made for tests."""

import hashlib
from typing import Any

from edge.inference.manifest import InputSpec, Manifest, OutputSpec
from edge.inference.quantization import Quantization
from edge.sight.view import ViewSpec
from tests.builders.values import LABELS

NO_MODEL = b"\x1c\x00\x00\x00TFL3" + bytes(range(256)) * 4


"""Bytes that carry TFLite's identifier and mean nothing."""


def make_manifest(flatbuffer: bytes = NO_MODEL, **changes: Any) -> Manifest:
    values: dict[str, Any] = {
        "name": "test",
        "created": "2026-01-01T00:00:00Z",
        "labels": LABELS,
        "input": InputSpec(quantization=Quantization(scale=2 / 255, zero_point=0)),
        "output": OutputSpec(quantization=Quantization(scale=0.1, zero_point=-3)),
        "view": ViewSpec(size=128),
        "sha256": hashlib.sha256(flatbuffer).hexdigest(),
    }
    return Manifest(**(values | changes))


def logits_only(flatbuffer: bytes) -> bytes:
    """The same model without its features: one output, as every model had before format 2. Needs TFLite's schema."""
    from convert.features.flatbuffer import pack, unpack
    from convert.features.outputs import PREFIX

    model = unpack(flatbuffer)
    graph = model.subgraphs[0]

    def is_feature(tensor: int) -> bool:
        return bool(graph.tensors[tensor].name.startswith(PREFIX.encode()))

    graph.operators = [operator for operator in graph.operators if not is_feature(operator.outputs[0])]
    graph.outputs = [tensor for tensor in graph.outputs if not is_feature(tensor)]
    model.signatureDefs = None
    return pack(model)
