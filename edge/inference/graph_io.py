"""The input and the outputs of a model's graph: found, and compared with the manifest."""

from dataclasses import dataclass

import numpy as np

from edge.errors import ModelError
from edge.inference.interpreter import Interpreter, TensorDetails
from edge.inference.manifest import Manifest
from edge.inference.quantization import Quantization


@dataclass(frozen=True, slots=True)
class GraphIO:
    """Arguments of an interpreter's ``set_tensor`` and ``get_tensor``.

    Attributes:
        input: of the input.
        logits: of the logits.
        features: of the feature layers, in the order of the manifest; empty for a model without features.
    """

    input: int
    logits: int
    features: tuple[int, ...]


def find_graph_io(interpreter: Interpreter, manifest: Manifest) -> GraphIO:
    """Find input and outputs, the outputs by name: their order is up to the converter or compiler that wrote them.

    Outputs that the manifest does not name are not used.

    Raises:
        ModelError: one is missing, or its shape, type or quantization differs from the manifest.
    """
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    _expect("inputs", len(inputs), 1)
    size = manifest.view.size
    _check("input", inputs[0], (1, size, size, 3), manifest.input.quantization)
    if manifest.output.name is None:
        _expect("outputs", len(outputs), 1)
        logits = outputs[0]
    else:
        logits = _find("output", outputs, manifest.output.name)
    _check("output", logits, (1, len(manifest.labels)), manifest.output.quantization)
    features = []
    for layer in manifest.features.layers if manifest.features is not None else ():
        what = f"features {layer.name}"
        details = _find(what, outputs, layer.output)
        # Means keep their two axes of length 1, which logits never had.
        _check(what, details, (1,) * (len(details["shape"]) - 1) + (layer.size,), layer.quantization)
        features.append(details["index"])
    return GraphIO(inputs[0]["index"], logits["index"], tuple(features))


def _find(what: str, outputs: list[TensorDetails], name: str) -> TensorDetails:
    found = [details for details in outputs if details["name"] == name]
    if len(found) != 1:
        raise ModelError(f"{what} is {name!r} in its manifest, its outputs are {[one['name'] for one in outputs]}")
    return found[0]


def _check(what: str, details: TensorDetails, shape: tuple[int, ...], quantization: Quantization) -> None:
    _expect(f"{what} shape", tuple(int(side) for side in details["shape"]), shape)
    _expect(f"{what} type", np.dtype(details["dtype"]).name, "int8")
    scale, zero_point = details["quantization"]
    if not np.isclose(scale, quantization.scale, rtol=1e-4) or zero_point != quantization.zero_point:
        raise ModelError(
            f"{what} quantization is {scale:.6g}/{zero_point}, its manifest says "
            f"{quantization.scale:.6g}/{quantization.zero_point}"
        )


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise ModelError(f"{what} is {found}, its manifest says {expected}")
