"""A public key, as OpenSSH writes it, is checked before a bin is made that only it opens."""

import base64
import binascii
import struct
from collections.abc import Iterator

KEY_BYTES = {"ssh-ed25519": 32}
"""Kind of a public key -> bytes of its number, where all have the same."""

KEY_KINDS = (*KEY_BYTES, "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")

RSA_BYTES = 256
"""Bytes of the modulus from which OpenSSH still takes an RSA key: 2048 bits."""


def check_key(key: str) -> Iterator[str]:
    """What is wrong with a public key: kind, number in base64, comment."""
    if "PRIVATE KEY" in key:
        yield "key: this is the private key, which stays on your computer; expected the line of the file that ends in .pub"
        return
    kind, _, rest = key.partition(" ")
    expected = "expected the line of a .pub file ('ssh-ed25519 AAAA... you@office'), or the file's name"
    if kind not in KEY_KINDS or not key.isprintable():
        yield f"key {key[:30]!r}: {expected}"
        return
    try:
        parts = list(_parts(base64.b64decode(rest.split(" ")[0], validate=True)))
    except (binascii.Error, struct.error, ValueError):
        yield f"key {kind}: is cut or changed; {expected}"
        return
    number = parts[-1] if len(parts) > 1 else b""
    if not number or parts[0] != kind.encode() or len(number) != KEY_BYTES.get(kind, len(number)):
        yield f"key {kind}: is cut or changed; {expected}"
    elif kind == "ssh-rsa" and len(number.lstrip(b"\0")) < RSA_BYTES:
        bits = len(number.lstrip(b"\0")) * 8
        yield f"key ssh-rsa: has {bits} bits, expected 2048 or more; make one with ssh-keygen -t ed25519"


def _parts(blob: bytes) -> Iterator[bytes]:
    """The fields of a public key, each after its length (RFC 4253)."""
    at = 0
    while at < len(blob):
        (length,) = struct.unpack_from(">I", blob, at)
        part = blob[at + 4 : at + 4 + length]
        if len(part) < length:
            raise ValueError("is cut")
        yield part
        at += 4 + length
