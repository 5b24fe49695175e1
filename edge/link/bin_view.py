"""What the link knows of the bin at this moment: the messages and the figures are made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.link.day_counts import DayCounts
from edge.records.event_schema import EventRow

NOT_YET = "nothing has been heard of the bin yet"


@dataclass(slots=True)
class BinView:
    """It is kept up to date by those who hear of the bin.

    Attributes:
        report: ``edge.service.status_report.LiveReport`` as the bin told it last; None: the bin does not answer.
        problem: why there is no report, in words.
        age_s: how old the report was when it came, in seconds: the bin hangs from a second on.
        counts: what was sorted.
        reasons: reason -> number of items that were decided for it since the link began.
        newest: the newest event; None: there is none.
        temperature_c: of the board, in degrees Celsius; None: not known.
        has_undervoltage: whether the power supply is too weak at this moment; None: the board does not tell.
        free_bytes: free on the disk of the event log; None: not known.
        log_problem: why the event log cannot be read; None: it can.
        emptied_wall_s: bin -> when it was emptied last, in seconds since 1970, as far as known.
        connected: whether the broker is connected; None: there is none.
        connections: number of connections to the broker that have come about since start.
        waiting, sent: as of ``EventQueue``.
    """

    report: dict[str, object] | None = None
    problem: str = NOT_YET
    age_s: float = 0.0
    counts: DayCounts = field(default_factory=DayCounts)
    reasons: Mapping[str, int] = field(default_factory=dict)
    newest: EventRow | None = None
    temperature_c: float | None = None
    has_undervoltage: bool | None = None
    free_bytes: int | None = None
    log_problem: str | None = None
    emptied_wall_s: Mapping[str, float] = field(default_factory=dict)
    connected: bool | None = None
    connections: int = 0
    waiting: int = 0
    sent: int = 0

    @property
    def levels(self) -> dict[str, float]:
        """Bin -> 0 empty to 1 full, of bins with a sensor."""
        found = (self.report or {}).get("fill_levels")
        if not isinstance(found, dict):
            return {}
        return {str(name): float(level) for name, level in found.items() if isinstance(level, int | float)}

    @property
    def alarms(self) -> list[dict[str, object]]:
        """The active alarms, the gravest first, see ``edge.service.status_report.AlarmReport``."""
        found = (self.report or {}).get("alarms")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
