"""Makes log records printable."""

import logging

from hardware.printable import printable


class PrintableFilter(logging.Filter):
    """Makes every record that a handler gets printable: its message, its arguments, and its trace."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = printable(record.getMessage()).replace("\n", "\\n"), ()
        if record.exc_info:
            # Handlers use a text that is there already.
            record.exc_text = printable(logging.Formatter().formatException(record.exc_info))
        return True
