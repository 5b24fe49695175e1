"""Checks the event log, and for logs that were set aside."""

import os
from collections.abc import Iterator

from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, failure, not_applicable, ok, warning
from edge.errors import EventLogError
from edge.records.event_log import EventLog
from edge.records.repair_command import repair_command
from edge.records.set_aside_logs import set_aside_logs


def check_event_log(context: CheckContext) -> Iterator[Finding]:
    """Check that the event log can be read, and that none was set aside."""
    if context.config is None:
        yield not_applicable("event log", NO_CONFIG)
        return
    file = context.config.event_log.file
    repair = f"stop the sorter and run '{repair_command(file)}'"
    aside = set_aside_logs(file)
    if aside:
        names = ", ".join(path.name for path in aside)
        yield warning("event log", f"set aside because of damage: {names} in {file.parent}", repair)
        return
    if not file.exists():
        yield ok("event log", "none yet: nothing has been sorted")
        return
    if not os.access(file, os.R_OK):
        yield warning("event log", f"event_log.file {file} cannot be read", "run it with sudo")
        return
    try:
        with EventLog(file, read_only=True) as events:
            found = events.integrity()
            count = events.count()
    except EventLogError as error:
        yield failure("event log", str(error).partition("; ")[0], repair)
        return
    if found != "ok":
        yield failure("event log", f"{file}: {found}", repair)
    else:
        yield ok("event log", f"{count:,} events, sound")
