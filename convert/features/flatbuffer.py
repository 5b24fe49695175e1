"""TFLite flatbuffers as objects of the schema, and back to bytes."""

from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

BUFFER_ALIGNMENT = 16
"""Alignment of constants in bytes, ``force_align`` of a buffer's data in TFLite's schema, which the generated Python ignores.
Kernels read 32-bit biases straight from the file; some processors fault where they are not aligned."""


class _AligningBuilder(flatbuffers.Builder):  # type: ignore[misc]  # it has no type annotations
    """Aligns the data of buffers, which are the only vectors of bytes in a model."""

    def CreateNumpyVector(self, x: NDArray[Any]) -> int:  # noqa: N802  # the name that the generated code calls
        if x.dtype == np.uint8:
            self.Prep(BUFFER_ALIGNMENT, x.size)
        offset: int = super().CreateNumpyVector(x)
        return offset


def unpack(flatbuffer: bytes) -> Any:
    """The model as an object of the schema (``ModelT``)."""
    return schema.ModelT.InitFromPackedBuf(flatbuffer, 0)


def pack(model: Any) -> bytes:
    """The flatbuffer of a model, with aligned constants."""
    builder = _AligningBuilder(4_000_000)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
