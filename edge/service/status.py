"""What the log says of a run: a line for each item."""

import logging
from types import TracebackType
from typing import Self

from edge.config.schema import Config
from edge.service.assembly import Assembly
from edge.service.judgement import judge, true_label
from edge.service.loop import RunStats
from edge.values import SortEvent

log = logging.getLogger(__name__)


def describe_simulation(config: Config) -> str:
    """What a newcomer to the simulated bin is looking at, on one line of 80 columns."""
    items = "rendered items" if config.simulation.photos is None else "photographs"
    return f"{items} on a drawn tray; real flap drivers on mock pins; truth known"


class LogStatus:
    """One log line per item, and one when items begin to wait."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._waits = False

    def show(self, tally: RunStats, event: SortEvent | None) -> None:
        """Tell of a new item, and of the duty limit when it is reached."""
        wait = self._assembly.sorter.wait
        if wait is not None and not self._waits:
            log.warning("%s (flaps.max_openings_per_min)", wait)
        self._waits = wait is not None
        if event is not None:
            truth = true_label(self._assembly)
            judgement = "" if truth is None else judge(event.bin, truth, self._assembly.config.decision)
            log.info(
                "item %d: %s %.2f -> %s (%s), %.2f s after rest%s",
                event.number,
                event.label,
                event.confidence,
                event.bin,
                event.reason,
                event.rest_to_decision_s,
                f"; in truth {truth}: {judgement}" if truth else "",
                extra={
                    "item": event.number,
                    "label": event.label,
                    "confidence": round(event.confidence, 4),
                    "bin": event.bin,
                    "reason": str(event.reason),
                },
            )

    def __enter__(self) -> Self:
        if self._assembly.simulation is not None:
            log.info(describe_simulation(self._assembly.config))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass
