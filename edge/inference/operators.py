"""Lists the custom operators of a TFLite model, which a runtime alone cannot run. Reads the flatbuffer without a runtime."""

import struct

from edge.errors import ModelError

EDGE_TPU = "edgetpu-custom-op"
"""Custom operator that Google's Edge TPU compiler inserts for everything it has compiled for a Coral."""

# Field numbers in TFLite's schema.fbs.
_MODEL_OPERATOR_CODES = 1
_OPERATOR_CODE_CUSTOM_CODE = 1


def custom_operators(flatbuffer: bytes) -> frozenset[str]:
    """List the names of a TFLite model's custom operators.

    Raises:
        ModelError: the flatbuffer is truncated or damaged.
    """
    try:
        codes = _field(flatbuffer, _follow(flatbuffer, 0), _MODEL_OPERATOR_CODES)
        if codes is None:
            return frozenset()
        (count,) = struct.unpack_from("<I", flatbuffer, codes)
        names = set()
        for position in range(codes + 4, codes + 4 + 4 * count, 4):
            name = _field(flatbuffer, _follow(flatbuffer, position), _OPERATOR_CODE_CUSTOM_CODE)
            if name is not None:
                (length,) = struct.unpack_from("<I", flatbuffer, name)
                names.add(flatbuffer[name + 4 : name + 4 + length].decode(errors="replace"))
        return frozenset(names)
    except struct.error as error:
        raise ModelError("its operators cannot be read: the flatbuffer is damaged") from error


def _follow(flatbuffer: bytes, position: int) -> int:
    """Target position of the relative offset at ``position``."""
    (offset,) = struct.unpack_from("<I", flatbuffer, position)
    return position + int(offset)


def _field(flatbuffer: bytes, table: int, number: int) -> int | None:
    """Position of a table's field that is a vector or a string; None if the table does not contain it."""
    (back,) = struct.unpack_from("<i", flatbuffer, table)
    fields = table - back
    (size,) = struct.unpack_from("<H", flatbuffer, fields)
    if 4 + 2 * number >= size:
        return None
    (offset,) = struct.unpack_from("<H", flatbuffer, fields + 4 + 2 * number)
    return _follow(flatbuffer, table + offset) if offset else None
