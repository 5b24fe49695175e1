"""Passwords: kept as a salted hash that takes an attacker time and memory to guess against (scrypt)."""

import base64
import hashlib
import hmac
import secrets

from edge.page.texts import PageError, mark

LEAST_CHARACTERS = 10
"""Shortest password."""

MOST_CHARACTERS = 256
"""Longest password: nobody types more, and hashing a longer one takes time."""

N, R, P = 2**14, 8, 5
"""Cost of a hash: 16 MB, and a second of a Pi 4. As OWASP's list of equivalents has it for this memory."""

_SCHEME = "scrypt"


class PasswordRefusedError(PageError):
    """A text cannot be a password."""


def hash_password(password: str) -> str:
    """What is kept of a password: scheme, cost, salt and hash.

    Raises:
        PasswordRefusedError: it is too short or too long.
    """
    if len(password) < LEAST_CHARACTERS:
        raise PasswordRefusedError(mark("A password has at least %(least)s characters."), least=LEAST_CHARACTERS)
    if len(password) > MOST_CHARACTERS:
        raise PasswordRefusedError(mark("A password has at most %(most)s characters."), most=MOST_CHARACTERS)
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, N, R, P)
    return "$".join([_SCHEME, str(N), str(R), str(P), _text(salt), _text(digest)])


def is_password(password: str, kept: str) -> bool:
    """Whether a password is the one of which ``kept`` was kept. Takes as long for a wrong one.

    Raises:
        ValueError: ``kept`` was not made by ``hash_password``.
    """
    scheme, n, r, p, salt, digest = kept.split("$")
    if scheme != _SCHEME:
        raise ValueError(f"password hash: expected {_SCHEME}, got {scheme}")
    given = _scrypt(password[:MOST_CHARACTERS], base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(given, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    memory = 128 * r * (n + p + 2)
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=2 * memory, dklen=32)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
