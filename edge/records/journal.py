"""Where log lines go: to the journal with their fields when systemd runs the program, else to standard error.

``journalctl -u sorter EXTRA_BIN=glass`` finds the items of a bin: what a log call has in ``extra`` becomes a field.
"""

import logging
import os
import socket
import sys
from typing import Any


def set_up_logging(*, debug: bool = False) -> None:
    """Log from INFO on, or with ``debug`` everything."""
    handler, form = _journal(), "%(message)s"
    if handler is None:
        handler, form = logging.StreamHandler(sys.stderr), "%(asctime)s %(levelname)-7s %(message)s"
    handler.setFormatter(logging.Formatter(form))
    logging.basicConfig(level=logging.DEBUG if debug else logging.INFO, handlers=[handler])


def _journal() -> logging.Handler | None:
    """The journal, if standard error leads there (``JOURNAL_STREAM``, systemd.exec(5))."""
    if not os.environ.get("JOURNAL_STREAM"):
        return None
    from logging_journald import Facility, JournaldLogHandler, JournaldTransport, check_journal_stream

    class Transport(JournaldTransport):  # type: ignore[misc]
        """A journal that does not read must not stop the bin."""

        def _open(self) -> socket.socket:
            out: socket.socket = super()._open()
            out.setblocking(False)
            return out

    class Handler(JournaldLogHandler):  # type: ignore[misc]
        """Drops what the journal does not take: standard error leads to the same journal."""

        transport: Any

        def __init__(self) -> None:
            super().__init__("sorter", Facility.DAEMON, use_message_id=False)
            self.transport.socket.close()
            self.transport = Transport(self.transport.socket_path)

        def _fallback(self, record: logging.LogRecord) -> None:
            pass

    try:
        return Handler() if check_journal_stream() else None
    except (OSError, ValueError):
        # No journal in this namespace: standard error reaches it all the same, without fields.
        return None
