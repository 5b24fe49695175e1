"""Copies a model for MediaPipe Tasks: uint8 input and output, and labels and normalization as TFLite metadata.

Runs in an environment with MediaPipe and without this project: ``python metadata.py MODEL OUT LABEL...``.
MediaPipe refuses int8 inputs and outputs. A QUANTIZE operation at the start converts uint8 pixels to the model's int8, and one
at the end converts its answer to uint8, as TensorFlow's converter does for ``inference_input_type=uint8``. The graph between
them is unchanged. The metadata is built from its schema, because MediaPipe's writer needs a module that its wheel lacks
(seen with 1.2.2).
"""

import argparse
import io
import zipfile
from pathlib import Path

import flatbuffers
from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata
from mediapipe.tasks.metadata import schema_py_generated as schema

LABELS = "labels.txt"


def main() -> None:
    """Write the copy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="int8 .tflite file")
    parser.add_argument("out", type=Path, help="where the copy goes")
    parser.add_argument("labels", nargs="+", help="the model's labels, in order")
    arguments = parser.parse_args()
    model = schema.ModelT.InitFromPackedBuf(arguments.model.read_bytes(), 0)
    take_uint8(model)
    describe(model)
    content = io.BytesIO(packed(model, b"TFL3"))
    with zipfile.ZipFile(content, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr(LABELS, "\n".join(arguments.labels))
    arguments.out.write_bytes(content.getvalue())


def take_uint8(model: schema.ModelT) -> None:
    """Put a uint8 input before the graph, and a uint8 output after it."""
    graph = model.subgraphs[0]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.QUANTIZE
    code.version = 1
    model.operatorCodes.append(code)
    pixels, scores = (_as_uint8(model, index) for index in (graph.inputs[0], graph.outputs[0]))
    graph.operators.insert(0, _quantize(model, pixels, graph.inputs[0]))
    graph.operators.append(_quantize(model, graph.outputs[0], scores))
    graph.inputs, graph.outputs = [pixels], [scores]
    # Signatures name tensors of the old interface, and MediaPipe needs none.
    model.signatureDefs = None


def describe(model: schema.ModelT) -> None:
    """Add the metadata that MediaPipe needs: an RGB picture whose 0..255 mean -1..1, and the file of the labels."""
    picture = metadata.ImagePropertiesT()
    picture.colorSpace = metadata.ColorSpaceType.RGB
    content = metadata.ContentT()
    content.contentPropertiesType, content.contentProperties = metadata.ContentProperties.ImageProperties, picture
    options = metadata.NormalizationOptionsT()
    options.mean, options.std = [127.5], [127.5]
    normalization = metadata.ProcessUnitT()
    normalization.optionsType, normalization.options = metadata.ProcessUnitOptions.NormalizationOptions, options
    image, scores, labels = metadata.TensorMetadataT(), metadata.TensorMetadataT(), metadata.AssociatedFileT()
    image.name, image.content, image.processUnits = "image", content, [normalization]
    labels.name, labels.type = LABELS, metadata.AssociatedFileType.TENSOR_AXIS_LABELS
    scores.name, scores.associatedFiles = "scores", [labels]
    graph, whole = metadata.SubGraphMetadataT(), metadata.ModelMetadataT()
    graph.inputTensorMetadata, graph.outputTensorMetadata = [image], [scores]
    whole.name, whole.subgraphMetadata, whole.minParserVersion = "bench", [graph], "1.0.0"
    entry = schema.MetadataT()
    entry.name, entry.buffer = b"TFLITE_METADATA", _add_buffer(model, packed(whole, b"M001"))
    model.metadata = [*(model.metadata or []), entry]


def packed(tree: schema.ModelT | metadata.ModelMetadataT, identifier: bytes) -> bytes:
    """Serialize an object tree as a flatbuffer."""
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(tree.Pack(builder), file_identifier=identifier)
    return bytes(builder.Output())


def _as_uint8(model: schema.ModelT, index: int) -> int:
    """Add a uint8 tensor with the same real values as an int8 one; its index."""
    tensors = model.subgraphs[0].tensors
    inner, outer = tensors[index], schema.TensorT()
    outer.name, outer.type, outer.shape = inner.name + b"_uint8", schema.TensorType.UINT8, inner.shape
    outer.shapeSignature, outer.buffer = inner.shapeSignature, _add_buffer(model, None)
    outer.quantization = schema.QuantizationParametersT()
    outer.quantization.scale = inner.quantization.scale
    outer.quantization.zeroPoint = [int(zero_point) + 128 for zero_point in inner.quantization.zeroPoint]
    tensors.append(outer)
    return len(tensors) - 1


def _quantize(model: schema.ModelT, source: int, target: int) -> schema.OperatorT:
    """A QUANTIZE operation (the model's last operator code) from one tensor to another."""
    operator = schema.OperatorT()
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs, operator.outputs = [source], [target]
    return operator


def _add_buffer(model: schema.ModelT, data: bytes | None) -> int:
    buffer = schema.BufferT()
    buffer.data = None if data is None else list(data)
    model.buffers.append(buffer)
    return len(model.buffers) - 1


if __name__ == "__main__":
    main()
