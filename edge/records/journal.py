"""Logging: to the systemd journal, with fields, if the program runs as a service; else to standard error.

The ``extra`` of a log call becomes journal fields: ``journalctl -u sorter EXTRA_BIN=glass`` finds the items of a bin.
"""

import logging
import os
import socket
import sys

from edge.terminal.log_filter import PrintableFilter
from edge.terminal.patient_stream import PatientStream
from hardware.printable import printable


def set_up_logging(*, debug: bool = False) -> None:
    """Configure logging from level INFO on, or from DEBUG on if ``debug``."""
    handler, formatter = _journal_handler(), logging.Formatter("%(message)s")
    if handler is None:
        handler = logging.StreamHandler(sys.stderr if sys.stderr is None else PatientStream(sys.stderr))
        # Who watches a terminal knows what day it is.
        day = "%H:%M:%S" if sys.stderr is not None and sys.stderr.isatty() else None
        formatter = logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", day)
    handler.setFormatter(formatter)
    handler.addFilter(PrintableFilter())
    logging.basicConfig(level=logging.DEBUG if debug else logging.INFO, handlers=[handler])


def _journal_handler() -> logging.Handler | None:
    """A handler for the journal if standard error is connected to it (``JOURNAL_STREAM``, systemd.exec(5)), else None."""
    if not os.environ.get("JOURNAL_STREAM"):
        return None
    from logging_journald import Facility, JournaldLogHandler, JournaldTransport, check_journal_stream

    class Transport(JournaldTransport):  # type: ignore[misc]
        """A non-blocking socket: a journal that does not read must not stop the bin."""

        def _open(self) -> socket.socket:
            out: socket.socket = super()._open()
            out.setblocking(False)
            return out

    class Handler(JournaldLogHandler):  # type: ignore[misc]
        """Drops records that the journal does not accept, instead of writing them to standard error, which is the journal."""

        transport: JournaldTransport

        def __init__(self) -> None:
            super().__init__("sorter", Facility.DAEMON, use_message_id=False)
            self.transport.socket.close()
            self.transport = Transport(self.transport.socket_path)

        def _format_record(self, record: logging.LogRecord) -> list[tuple[str, object]]:
            # It takes the trace and the fields from the record itself.
            return [(name, _printable_field(value)) for name, value in super()._format_record(record)]

        def _fallback(self, record: logging.LogRecord) -> None:
            pass

    try:
        return Handler() if check_journal_stream() else None
    except (OSError, ValueError):
        # There is no journal socket in this namespace; standard error still reaches the journal, without fields.
        return None


def _printable_field(value: object) -> object:
    if isinstance(value, dict):
        return {name: _printable_field(one) for name, one in value.items()}
    return printable(str(value)) if isinstance(value, str | BaseException) else value
