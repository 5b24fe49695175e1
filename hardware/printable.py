"""Text that is fit to be shown: passwords are masked, and what would steer a terminal is written out."""

import re

from hardware.passwords import mask_passwords

# C0 and C1 controls but newline and tab, marks that turn the direction of writing, lone surrogates (bytes of a file name
# that are no UTF-8).
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""The text as it may reach a terminal or a log: passwords masked, control characters as ``\x1b``.

    Newline and tab stay; a byte of a file name that is not UTF-8 is written as ``\xff``.
    """
    return _UNPRINTABLE.sub(_written_out, mask_passwords(text))


def one_line(text: str) -> str:
    """As ``printable``, with white space in place of newlines: what is told of one thing is one line, whatever it quotes."""
    return printable(" ".join(text.splitlines()))


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape, PEP 383
        code -= 0xDC00
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
