"""What the operator sees of a run: a live page on a terminal, log lines elsewhere, a summary at the end."""

import logging
from collections import deque
from enum import StrEnum
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.logging import RichHandler
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edge.config.schema import Config, DecisionConfig
from edge.service.assembly import Assembly
from edge.service.item_picture import CAPTION_ROWS, item_picture, picture_rows
from edge.service.loop import RunStats
from edge.service.simulated_parts import still_bins
from edge.sight.presence import PresenceState
from edge.terminal.picture import picture_protocol
from edge.values import SortEvent
from hardware.world.score import SimulationScore

log = logging.getLogger(__name__)

REASON_STYLE = {
    "confident": "green",
    "unsure": "yellow",
    "hazard": "red",
    "unknown": "magenta",
    "several": "blue",
    "full": "cyan",
}


SIMULATED = "rendered items on a drawn tray; real flap drivers on mock pins; truth known"
"""What a newcomer is looking at, on one line of 80 columns."""

WORDS = "what these words mean: docs/terms.md#on-the-screen"
"""The last line of the live page."""

HEADS = ("item", "label", "conf.", "bin", "why", "took")
TRUTH_HEADS = ("in truth", "")
"""Columns of the live page; the others only where the truth is known."""

PAGE_ROWS = 15
"""Least height of the live page in rows: frame, state, counts, heads, five items, and the lines below them."""

LEAST_ITEMS = 5
"""Fewest rows of items on the live page."""

TITLED = 52
"""Least width of a summary table, in columns, so that its title stays on one line."""


class Judgement(StrEnum):
    """How a decision compares with the truth, where that is known."""

    RIGHT = "right"
    RESIDUAL = "residual instead"
    WRONG = "wrong bin"


JUDGEMENT_STYLE = {Judgement.RIGHT: "green", Judgement.RESIDUAL: "yellow", Judgement.WRONG: "bold red"}


class LogStatus:
    """One log line per item, and one when items begin to wait."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._waits = False

    def show(self, tally: RunStats, event: SortEvent | None) -> None:
        """Tell of a new item, and of the duty limit when it is reached."""
        wait = self._assembly.sorter.flaps.wait
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
            log.info(SIMULATED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class RichStatus:
    """A page that redraws itself; log lines scroll above it, and in the simulated bin a picture of the first item.

    Args:
        assembly: what it tells of.
        console: on the terminal.
        note: a line below the items, such as which configuration is used; empty: none.
    """

    def __init__(self, assembly: Assembly, console: Console, note: str = "") -> None:
        self._assembly = assembly
        self._note = note
        # Of a real bin the terminal shows no picture: people may be on it, and encoding takes the loop's time.
        self._picture_rows = 0 if assembly.simulation is None else picture_rows(console, PAGE_ROWS)
        above = self._picture_rows + CAPTION_ROWS if self._picture_rows else 0
        # As many rows as fit below the head, so that a short demonstration can be read from end to end.
        most = max(LEAST_ITEMS, console.height - PAGE_ROWS + LEAST_ITEMS - above)
        self._recent: deque[tuple[SortEvent, str | None]] = deque(maxlen=most)
        self._tally = RunStats()
        self._live = Live(console=console, refresh_per_second=8, get_renderable=self._page)
        self._console = console
        self._handlers: list[logging.Handler] = []

    def show(self, tally: RunStats, event: SortEvent | None) -> None:
        """Take note; the page is drawn by its own thread."""
        self._tally = tally
        if event is not None:
            self._recent.append((event, true_label(self._assembly)))
            self._show_picture(event)

    def _show_picture(self, event: SortEvent) -> None:
        if not self._picture_rows:
            return
        item, protocol = self._assembly.sorter.last_item, picture_protocol(self._console)
        if item is not None and protocol is not None:
            self._console.print(item_picture(item, event, rows=self._picture_rows, protocol=protocol))
        self._picture_rows = 0  # one is enough to see what it is about; more would move the page

    def __enter__(self) -> Self:
        root = logging.getLogger()
        self._handlers = list(root.handlers)
        root.handlers = [RichHandler(console=self._console, show_path=False, log_time_format="%H:%M:%S")]
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
        logging.getLogger().handlers = self._handlers

    def _page(self) -> Panel:
        assembly, tally = self._assembly, self._tally
        diverter, sorter = assembly.diverter, assembly.sorter
        simulated = assembly.simulation is not None
        head = Text()
        head.append(f"tray: {sorter.tray.state.value}", style="bold")
        head.append(f"   flaps: {diverter.state.value}" + (f" ({diverter.active_bin})" if diverter.active_bin else ""))
        # Before the empty tray is known, nothing can be told from a hand.
        if sorter.flaps.interlock.active and sorter.tray.state is not PresenceState.LEARNING:
            head.append(f"   held: {sorter.flaps.interlock.reason}", style="bold yellow")
        if (wait := sorter.flaps.wait) is not None:
            head.append(f"   {wait}", style="bold yellow")
        head.append(f"   {tally.items} {'item' if tally.items == 1 else 'items'}", style="dim")
        recent = Table(*HEADS, *(TRUTH_HEADS if simulated else ()), expand=True, box=None)
        for event, truth in reversed(list(self._recent)):
            cells = (
                str(event.number),
                event.label,
                f"{event.confidence:.2f}",
                event.bin,
                Text(event.reason, style=REASON_STYLE.get(event.reason, "")),
                f"{event.rest_to_decision_s:.2f} s",
            )
            recent.add_row(*cells, *(self._judged(event, truth) if simulated else ()))
        counts = Text("  ".join(map(self._count, assembly.config.bins)), style="cyan")
        called = [Text(f"ATTENTION: {sentence}", style="bold white on red") for sentence in assembly.alarms]
        below = [line for line in (SIMULATED if simulated else "", self._note, WORDS) if line]
        parts: list[Text | Table] = [*called, head, counts, recent, Text("\n".join(["", *below]), style="dim")]
        still = ", FLAPS SIMULATED" if still_bins(assembly.config) else ""
        title = f"smart bin{', SIMULATED' if simulated else still}"
        return Panel(Group(*parts), title=title, subtitle="Ctrl-C stops")

    def _count(self, name: str) -> str:
        filling = self._assembly.sorter.flaps.levels.fill_levels.get(name)
        return f"{name}: {self._tally.per_bin[name]}" + ("" if filling is None else f" ({filling:.0%} full)")

    def _judged(self, event: SortEvent, truth: str | None) -> tuple[Text, Text]:
        if truth is None:
            return Text(), Text()
        judgement = judge(event.bin, truth, self._assembly.config.decision)
        # Its first word: a row fits the 80 columns of an SSH terminal.
        return Text(truth), Text(judgement.split()[0], style=JUDGEMENT_STYLE[judgement])


def judge(chosen: str, truth: str, decision: DecisionConfig) -> Judgement:
    """Is the bin that was chosen the one for this label?"""
    if chosen == decision.labels.get(truth, decision.residual_bin):
        return Judgement.RIGHT
    return Judgement.RESIDUAL if chosen == decision.residual_bin else Judgement.WRONG


def true_label(assembly: Assembly) -> str | None:
    """What lies on the simulated tray in truth; None on real hardware, where nobody knows."""
    item = assembly.simulation.on_tray if assembly.simulation is not None else None
    return item.label if item is not None else None


def summary_tables(tally: RunStats, config: Config, score: SimulationScore | None) -> list[Table]:
    """What a run did; with the score of a simulation also how that compares with the truth."""
    done = Table(
        title=f"{tally.items} items in {tally.elapsed_s:.0f} s of the bin's clock, {tally.frames} frames",
        title_justify="left",
        min_width=TITLED,
    )
    done.add_column("bin")
    done.add_column("items", justify="right")
    for name in config.bins:
        done.add_row(name, str(tally.per_bin[name]))
    for reason, count in sorted(tally.per_reason.items()):
        done.add_row(f"({reason})", str(count), style="dim")
    for alarm, count in sorted(tally.alarms.items()):
        done.add_row(f"(attention: {alarm})", str(count), style="red")
    tables = [done]
    if score is not None:
        tables += _truth_tables(config, score)
    return tables


def _truth_tables(config: Config, score: SimulationScore) -> list[Table]:
    truth = Table(title="truth: where each label fell", title_justify="left", min_width=TITLED)
    truth.add_column("label")
    for name in config.bins:
        truth.add_column(name, justify="right")
    truth.add_column("missed", justify="right")
    for label, row in score.table.items():
        cells = []
        for name in config.bins:
            count = row.get(name, 0)
            own = config.decision.labels.get(label) == name
            style = "green" if own else "yellow" if name == config.decision.residual_bin else "red"
            cells.append(Text(str(count) if count else "·", style=style if count else "dim"))
        missed = row.get("missed", 0)
        truth.add_row(label, *cells, str(missed) if missed else "·")
    total = max(score.items, 1)
    score_table = Table(title="score against the truth", title_justify="left", show_header=False, min_width=TITLED)
    for name, value in (
        ("items shown", score.items),
        ("handled exactly once", score.handled_once),
        ("missed", score.missed),
        ("handled twice", score.double),
        ("flap opened on an empty tray", score.empty_openings),
        ("in their label's bin", score.right),
        ("in the residual bin instead", score.residual),
        ("in a wrong bin", score.wrong),
    ):
        score_table.add_row(name, str(value), f"{value / total:.1%}" if name != "flap opened on an empty tray" else "")
    return [truth, score_table]
