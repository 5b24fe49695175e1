"""The page's certificate: one that the bin makes itself with the system's openssl, or one that its owner gives."""

import hashlib
import os
import ssl
import subprocess
from pathlib import Path

from edge.errors import UnavailableError
from edge.files.owner import make_folder
from edge.files.state_files import write_whole

DAYS = 3650
"""Time for which a self-made certificate is good, in days: nobody renews it, and nobody but its owner trusts it."""

MAKE_S = 60.0
"""Longest time to make one, in seconds: a Pi that was just started has little randomness."""


BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
"""What stands around a certificate in a file."""


def self_made(folder: Path, names: tuple[str, ...]) -> tuple[Path, Path]:
    """Certificate and key that the bin has made for itself; they are made where there are none.

    Args:
        folder: where they are.
        names: host names of the bin; the first is the one that the certificate shows.

    Raises:
        UnavailableError: there is no openssl, or it fails.
        OSError: they cannot be written.
    """
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not (certificate.is_file() and key.is_file()):
        make_folder(folder)
        made = _openssl(names)
        private, begin, public = made.partition(BEGIN.encode())
        write_whole(key, private, durable=True, check=lambda part: os.chmod(part, 0o600))
        write_whole(certificate, begin + public, durable=True)
    return certificate, key


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server needs for TLS 1.2 and later.

    Raises:
        UnavailableError: they cannot be read, or do not belong together.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:
        raise UnavailableError(
            f"page: certificate {certificate} with key {key}: {error}; expected two files in PEM that belong together"
        ) from error
    context.set_alpn_protocols(["http/1.1"])
    return context


def fingerprint(certificate: Path) -> str:
    """SHA-256 of a certificate, as browsers show it.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    # The first one: others of its file are those of who has signed it.
    first = certificate.read_text(encoding="ascii", errors="replace").partition(END)[0] + END
    der = ssl.PEM_cert_to_DER_cert(first[first.index(BEGIN) :])
    return hashlib.sha256(der).digest().hex(":").upper()


def _openssl(names: tuple[str, ...]) -> bytes:
    """A new key and its certificate, in PEM.

    Raises:
        UnavailableError: there is no openssl, or it fails.
    """
    alternatives = ",".join(f"DNS:{name}" for name in names)
    command = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-sha256"),
        *("-days", str(DAYS), "-subj", f"/CN={names[0]}", "-addext", f"subjectAltName={alternatives}"),
        *("-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth"),
        *("-keyout", "-", "-out", "-"),
    ]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=MAKE_S, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", None) or str(error).encode()
        raise UnavailableError(
            f"page: openssl cannot make a certificate: {detail.decode(errors='replace').strip().splitlines()[-1]}; "
            "give one with --certificate and --key, or leave out --tls"
        ) from error
    return done.stdout
