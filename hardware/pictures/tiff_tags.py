"""Tags of a TIFF header, which EXIF data have as well."""

ORIENTATION = 0x0112
EXTRA_SAMPLES = 0x0152

_BYTE_ORDERS = {b"II*\x00": "little", b"MM\x00*": "big"}
_ENTRY_BYTES = 12


def read_tags(header: bytes) -> dict[int, int]:
    """The first 16-bit value of each tag of a TIFF's first directory; empty where there is none.

    Args:
        header: a TIFF file, or EXIF data from the byte order on.
    """
    order = _BYTE_ORDERS.get(header[:4])
    if order is None:
        return {}

    def number(start: int, size: int) -> int:
        return int.from_bytes(header[start : start + size], "little" if order == "little" else "big")

    directory = number(4, 4)
    tags: dict[int, int] = {}
    for index in range(number(directory, 2)):
        entry = directory + 2 + _ENTRY_BYTES * index
        if entry + _ENTRY_BYTES > len(header):
            break
        count = number(entry + 4, 4)
        # Two 16-bit values fit into the entry itself; of more it holds the place.
        value = entry + 8 if count <= 2 else number(entry + 8, 4)
        tags[number(entry, 2)] = number(value, 2)
    return tags
