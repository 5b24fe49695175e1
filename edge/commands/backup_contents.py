"""What ``backup`` and ``restore`` say of a backup's contents."""

import logging
from collections.abc import Iterable
from pathlib import Path

from edge.backup.contents import is_picture, is_set_aside, log_name_of
from edge.records.repair_command import repair_command

log = logging.getLogger(__name__)


def warn_of_set_aside(names: Iterable[str], event_log: Path | None = None) -> None:
    """Warn of event logs that nobody has repaired: their events are in the backup, and not in its event log.

    Args:
        names: names of the files in the backup.
        event_log: the bin's event log; None: not known before the backup is restored.
    """
    logs = list(dict.fromkeys(log_name_of(name) for name in names if is_set_aside(name)))
    if logs:
        log.warning(
            "%s: set aside and not repaired, in the backup as it is: %s saves its events; stop the sorter first",
            ", ".join(map(str, logs)),
            "'sorter doctor' says after the restore what" if event_log is None else f"'{repair_command(event_log)}'",
        )


def describe(names: Iterable[str]) -> str:
    """The files of a backup in words, the pictures counted."""
    everything = list(names)
    single = [name for name in everything if not is_picture(name)]
    pictures = len(everything) - len(single)
    return ", ".join([*single, *([f"{pictures} pictures"] if pictures else [])])
