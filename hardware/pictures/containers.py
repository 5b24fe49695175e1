"""Chunks and boxes of picture files: PNG, WebP and AVIF."""

from collections.abc import Iterator

PNG = b"\x89PNG\r\n\x1a\n"

_PATH_TO_PROPERTIES = (b"meta", b"iprp", b"ipco")
_META_VERSION_BYTES = 4


def is_webp(content: bytes) -> bool:
    """Whether this is a WebP file."""
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def brands(content: bytes) -> frozenset[bytes]:
    """Major and compatible brands of an ISO media file (AVIF, HEIC); empty for other files."""
    if content[4:8] != b"ftyp":
        return frozenset()
    size = int.from_bytes(content[:4], "big")
    return frozenset({content[8:12], *(content[at : at + 4] for at in range(16, min(size, 256), 4))})


def png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and data of each chunk of a PNG file."""
    at = len(PNG)
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        at += 12 + size


def png_is_complete(content: bytes) -> bool:
    """Whether every chunk of a PNG file, up to its end chunk, lies within the file. Notes behind that one are allowed."""
    at = len(PNG)
    while at + 12 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        at += 12 + size
        if kind == b"IEND":
            return at <= len(content)
    return False


def png_size(content: bytes) -> tuple[int, int] | None:
    """Height and width in pixels that a PNG's header claims; None for other files."""
    if not content.startswith(PNG) or content[12:16] != b"IHDR" or len(content) < 24:
        return None
    return int.from_bytes(content[20:24], "big"), int.from_bytes(content[16:20], "big")


def webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and data of each chunk of a WebP file."""
    at = 12
    while at + 8 <= len(content):
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        yield content[at : at + 4], content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def media_boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and data of each box of an ISO media file, or of a box of boxes."""
    at = 0
    while at + 8 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if size == 0:  # up to the end of the file
            size = len(content) - at
        if size < 8:  # 1: a 64-bit size, which only the pixels need
            return
        yield kind, content[at + 8 : at + size]
        at += size


def item_properties(content: bytes) -> dict[bytes, bytes]:
    """The first of each kind of item property (``irot``, ``imir``) of an ISO media file."""
    for wanted in _PATH_TO_PROPERTIES:
        content = next((data for kind, data in media_boxes(content) if kind == wanted), b"")
        if wanted == b"meta":
            content = content[_META_VERSION_BYTES:]
    properties: dict[bytes, bytes] = {}
    for kind, data in media_boxes(content):
        properties.setdefault(kind, data)
    return properties
