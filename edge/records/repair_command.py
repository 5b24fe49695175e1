"""How the events of a damaged log are saved, for advice that names the command."""

import shlex
from pathlib import Path


def repair_command(log: Path) -> str:
    """The command line that saves the events of a log that was set aside, or is damaged.

    It names the log itself: typed as it stands it is right in every folder and for every configuration.

    Args:
        log: the event log that is used.
    """
    return shlex.join(["sorter", "events", "--repair", "--set", f"event_log.file={log.absolute()}"])
