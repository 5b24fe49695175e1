"""What the operator sees of a run on a terminal: a live page. A service shows none, and does not load this."""

import logging
from collections import deque
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.logging import RichHandler
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edge.service.assembly import Assembly
from edge.service.item_picture import CAPTION_ROWS, item_picture, picture_rows
from edge.service.judgement import Judgement, judge, true_label
from edge.service.loop import RunStats
from edge.service.simulated_parts import still_bins
from edge.service.status import describe_simulation
from edge.sight.presence import PresenceState
from edge.terminal.picture import picture_protocol
from edge.values import SortEvent

REASON_STYLE = {
    "confident": "green",
    "unsure": "yellow",
    "hazard": "red",
    "unknown": "magenta",
    "several": "blue",
    "full": "cyan",
}

WORDS = "what these words mean: docs/terms.md#on-the-screen"
"""The last line of the live page."""

HEADS = ("item", "label", "conf.", "bin", "why", "took")
TRUTH_HEADS = ("in truth", "")
"""Columns of the live page; the others only where the truth is known."""

PAGE_ROWS = 15
"""Least height of the live page in rows: frame, state, counts, heads, five items, and the lines below them."""

LEAST_ITEMS = 5
"""Fewest rows of items on the live page."""

JUDGEMENT_STYLE = {Judgement.RIGHT: "green", Judgement.RESIDUAL: "yellow", Judgement.WRONG: "bold red"}


class LivePage:
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
        if sorter.flaps.mode.is_paused:
            head.append("   paused by hand", style="bold yellow")
        if (wait := sorter.wait) is not None:
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
        below = [
            line for line in (describe_simulation(assembly.config) if simulated else "", self._note, WORDS) if line
        ]
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
