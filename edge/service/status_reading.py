"""Reads a status file, and says in one line how the bin is."""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from edge.alarms import Alarm
from edge.files.bounded import read_bounded
from edge.service.status_report import FORMAT, Condition, StatusReport, boot_id
from edge.sight.presence import PresenceState
from hardware.clock import Clock

STALE_S = 30.0
"""Age from which a report says nothing any more, in seconds: six writes. The watchdog of the service is quicker."""

MOST_BYTES = 100_000
"""Largest status file that is read, in bytes: a hundred times a usual one."""

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0


class NoStatusError(Exception):
    """It is not known how the bin is; the text says why, as one line."""


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """A report that is fresh.

    Attributes:
        report: what was read.
        condition: how the bin is.
        age_s: age of the report, in seconds.
        now_wall_s: wall clock now, in seconds since 1970 UTC.
    """

    report: StatusReport
    condition: Condition
    age_s: float
    now_wall_s: float

    @property
    def sentence(self) -> str:
        """How the bin is, as one line: what is simulated, then the alarms, the most urgent before the others.

        What an alarm says already is not said again.
        """
        report = self.report
        alarms = {one["alarm"]: one["message"] for one in report["alarms"]}
        parts = list(alarms.values())
        if not report["ready"]:
            parts.append("starting")
        elif report.get("paused"):
            parts.append("paused by hand")
        elif not parts:
            parts.append("ready")
        if report["wait"]:
            parts.append(report["wait"])
        is_learning_told = Alarm.LEARNING in alarms and report["tray"] == PresenceState.LEARNING
        if not is_learning_told and not any(message.startswith(report["tray"]) for message in alarms.values()):
            parts.append(f"tray {report['tray'].replace('_', ' ')}")
        last_s = report["last_item_wall_s"]
        last = "" if last_s is None else f", the last {span(self.now_wall_s - last_s)} ago"
        items = f"{report['items']} {'item' if report['items'] == 1 else 'items'}"
        parts.append(f"{items} in {span(self.now_wall_s - report['started_wall_s'])}{last}")
        named = set(re.findall(r"[\w-]+", alarms.get(Alarm.FULL, "").partition(" full")[0]))
        parts += [f"{name} {level:.0%} full" for name, level in report["fill_levels"].items() if name not in named]
        if report["simulated"]:
            parts.insert(0, "SIMULATED")
        elif report.get("simulated_flaps"):
            parts.insert(0, "FLAPS SIMULATED")
        return "; ".join(parts)


def read_status(path: Path, *, clock: Clock, event_log: Path | None = None) -> StatusAnswer:
    """Read a status file.

    Args:
        path: the file.
        clock: real time of this machine.
        event_log: the event log of the bin that is asked for, with all links resolved; None: whichever writes there.

    Raises:
        NoStatusError: there is none, it is damaged, of another bin, or too old.
    """
    try:
        content = read_bounded(path, MOST_BYTES)
    except FileNotFoundError:
        raise NoStatusError(f"not running: there is no {path}") from None
    except (OSError, ValueError) as error:
        raise NoStatusError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    report = _checked(path, content)
    if event_log is not None and Path(report["event_log"]) != event_log:
        raise NoStatusError(f"not running: {path} is of another bin, whose event log is {report['event_log']}")
    # Monotonic times of another boot, or of another machine, say nothing.
    age_s = clock.now_s() - report["written_s"] if report["boot_id"] == boot_id() else math.inf
    if not -STALE_S <= age_s <= STALE_S:
        age = "from before this machine was started" if math.isinf(age_s) or age_s < 0 else f"{span(age_s)} old"
        raise NoStatusError(f"not running, or it hangs: the last status in {path} is {age}")
    return StatusAnswer(report, Condition(report["condition"]), max(age_s, 0.0), clock.wall_s())


def span(seconds: float) -> str:
    """A time of so many seconds in one unit, as ``5 min``."""
    for unit_s, name in ((DAY_S, "days"), (HOUR_S, "h"), (MINUTE_S, "min")):
        if seconds >= 2 * unit_s:
            return f"{seconds / unit_s:.0f} {name}"
    return f"{max(seconds, 0.0):.0f} s"


def _checked(path: Path, content: bytes) -> StatusReport:
    """The report in a file, with every field that a sentence is made of.

    Raises:
        NoStatusError: it is none.
    """
    try:
        found = json.loads(content)
        if not isinstance(found, dict) or not isinstance(found.get("format"), int):
            raise ValueError("expected an object with a format")
        if found["format"] > FORMAT:
            raise NoStatusError(
                f"{path}: has format {found['format']}, expected {FORMAT}: the sorter that runs is newer than this command"
            )
        for name, kinds in _FIELDS.items():
            if name not in found or not isinstance(found[name], kinds):
                raise ValueError(f"{name}: missing, or of the wrong type")
        Condition(found["condition"])
        for one in found["alarms"]:
            if not isinstance(one, dict) or not all(isinstance(one.get(key), str) for key in ("alarm", "message")):
                raise ValueError("alarms: expected objects with a message")
        if not all(isinstance(level, int | float) for level in found["fill_levels"].values()):
            raise ValueError("fill_levels: expected numbers")
    except (ValueError, RecursionError) as error:
        raise NoStatusError(f"{path}: is no status file: {error}") from error
    return cast(StatusReport, found)


_FIELDS: dict[str, tuple[type, ...]] = {
    "condition": (str,),
    "alarms": (list,),
    "ready": (bool,),
    "tray": (str,),
    "wait": (str, type(None)),
    "items": (int,),
    "last_item_wall_s": (int, float, type(None)),
    "fill_levels": (dict,),
    "simulated": (bool,),
    "event_log": (str,),
    "started_wall_s": (int, float),
    "written_s": (int, float),
    "boot_id": (str,),
}
"""What is needed of a report -> its types in JSON."""
