"""Kinds of picture files, and their limits."""

SUFFIXES = frozenset(
    {
        ".avif",
        ".bmp",
        ".gif",
        ".heic",
        ".heif",
        ".jfif",
        ".jp2",
        ".jpeg",
        ".jpg",
        ".png",
        ".tif",
        ".tiff",
        ".webp",
    }
)
"""Suffixes of the files in a folder that are taken for pictures, in lower case. The content decides how a file is read. HEIC is
among them although it needs a package of its own: a phone's pictures are reported instead of passed over."""

MAX_PIXELS = 100_000_000
"""Largest picture that is read: larger ones do not fit into the memory of a Raspberry Pi. ``hardware/__init__.py`` sets the same
limit for OpenCV's decoders."""

MAX_BYTES = 4 * MAX_PIXELS
"""Largest file that is read: one uncompressed byte for each channel of the largest picture."""
