"""Makes log records printable."""

import logging
import sys

from hardware.printable import printable


def log_to_stderr(level: int) -> None:
    """Configure logging: messages alone, from ``level`` on, printable, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(PrintableFilter())
    logging.basicConfig(level=level, format="%(message)s", handlers=[handler], force=True)


class PrintableFilter(logging.Filter):
    """Makes every record that a handler gets printable: its message, its arguments, and its trace."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = printable(record.getMessage()).replace("\n", "\\n"), ()
        if record.exc_info:
            # Handlers use a text that is there already.
            record.exc_text = printable(logging.Formatter().formatException(record.exc_info))
        return True
