"""The event logs that were set aside: which there are, and how one is marked whose events are saved."""

import glob
import os
import re
from pathlib import Path

from edge.records.log_damage import KINDS


def set_aside_logs(path: Path) -> list[Path]:
    """What was set aside of an event log, and not repaired yet, oldest first; folders and the like are left out.

    A write-ahead log counts by itself if the log that it belonged to is not beside it.

    Args:
        path: the event log.
    """
    path = path.parent.resolve() / path.name
    names = re.compile(rf"({re.escape(path.name)}(?:-wal|-journal|\.lock)?\.(?:{'|'.join(KINDS)})-\d+)(-wal)?")
    found = []
    # By its beginning first: the folder may hold ten thousands of pictures, and this is asked at every start.
    for one in path.parent.glob(f"{glob.escape(path.name)}*"):
        name = names.fullmatch(one.name)
        is_part = name is not None and name[2] and os.path.lexists(one.with_name(name[1]))
        if name is not None and not is_part and one.is_file():
            found.append(one)
    return sorted(found, key=lambda one: one.stat().st_mtime)


def mark_repaired(path: Path) -> Path:
    """Rename a log that was set aside, with its write-ahead log, to ``NAME.repaired``; returns its new path.

    Raises:
        OSError: it cannot be renamed.
    """
    target = path.with_name(f"{path.name}.repaired")
    for suffix in ("", "-wal", "-journal"):
        part = path.with_name(f"{path.name}{suffix}")
        if os.path.lexists(part):
            os.rename(part, target.with_name(f"{target.name}{suffix}"))
    return target
