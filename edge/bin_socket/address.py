"""Where the socket of a bin is."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

NAME = "bin.sock"

SERVICE_SOCKET = Path("/run/sorter") / NAME
"""The service's: in RuntimeDirectory= of systemd/sorter.service, gone when the service has stopped."""


def socket_path(event_log: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where a running sorter makes its socket: in the folder that systemd makes for a service, else beside its event log.

    Args:
        event_log: the event log.
        environment: of the process; systemd sets RUNTIME_DIRECTORY.
    """
    folder = environment.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return Path(folder) / NAME if folder else event_log.with_name(f"{event_log.name}.{NAME}")


def find_socket(event_log: Path, *, service: Path = SERVICE_SOCKET) -> Path:
    """Where a neighbour looks for the sorter that writes an event log: beside it, or in the service's folder.

    Args:
        event_log: the event log.
        service: the service's socket.
    """
    beside = socket_path(event_log, {})
    return beside if beside.exists() or not service.exists() else service


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A path of a socket as the kernel takes it, which knows no more than 107 bytes: by way of its open folder.

    Raises:
        OSError: the folder cannot be opened.
    """
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
