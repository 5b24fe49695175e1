"""Progress of a run: a bar with the time left on a terminal, and a line for each epoch."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

WHOLE_MINUTES_S = 120.0
"""Seconds from which on a time is told in minutes: below, a rounded minute would be wrong by a quarter and more."""
SECONDS_STEP = 10
"""Shorter times are told in tens of seconds, rounded up, so that nothing is left in "0"."""


class ProgressReporter:
    """Shows the progress of a run. A context manager.

    The time left is told as soon as the speed of the stage is known: not after the first batch, which only starts the
    clock, and while the last layer alone is trained as a lower bound, since all layers take several times as long.

    Args:
        console: prints the lines; shows a bar only if it is a terminal.
        epochs: number of epochs of the whole run.
        head_epochs: the first of them, in which the last layer alone is trained.
        now: seconds of a clock that only goes forward.
    """

    def __init__(
        self, console: Console, epochs: int, *, head_epochs: int = 0, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._console, self._epochs, self._head_epochs, self._now = console, epochs, head_epochs, now
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None, note="")
        self._stage: bool | None = None
        self._started_s, self._started_at = 0.0, 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def report_step(self, name: str) -> None:
        """Name what is done before or after the epochs; how long it takes is not known."""
        self._bar.reset(self._task, total=None, description=name, note="")
        if not self._console.is_terminal:
            self._console.print(f"{name} ...", highlight=False, soft_wrap=True)

    def report_batch(self, epoch: int, done: int, total: int) -> None:
        """Update the bar after a batch.

        Args:
            epoch: counted from 0.
            done: number of batches done in this epoch, >= 1.
            total: number of batches in an epoch.
        """
        stage = epoch < self._head_epochs
        if stage != self._stage:
            self._stage, self._started_s, self._started_at = stage, self._now(), epoch + done / total
        self._bar.update(
            self._task,
            description=f"epoch {epoch + 1}/{self._epochs}",
            completed=done,
            total=total,
            note=self._left(epoch + done / total),
        )

    def report_epoch(self, row: dict[str, Any], best: float) -> None:
        """Print a line after an epoch.

        Args:
            row: the epoch's row of the history.
            best: best validation accuracy so far, 0..1.
        """
        left = self._left(row["epoch"])
        self._console.print(
            f"epoch {row['epoch']:3d}/{self._epochs} {row['stage']:4s}  loss {row['loss']:.3f}  acc {row['accuracy']:.3f}  "
            f"val loss {row['val_loss']:.3f}  val acc {row['val_accuracy']:.3f} (best {best:.3f})  {row['seconds']:.0f} s"
            + (f"  {left}" if left else ""),
            highlight=False,
            soft_wrap=True,
        )

    def _left(self, position: float) -> str:
        """The time left after ``position`` epochs, in words; "" where it is not known, and at the end."""
        passed = position - self._started_at
        if self._stage is None or passed <= 0 or position >= self._epochs:
            return ""
        left_s = (self._now() - self._started_s) / passed * (self._epochs - position)
        # Only where epochs of another stage follow is the speed of this one no guide.
        bound = "more than " if self._stage and self._epochs > self._head_epochs else ""
        return f"{bound}{duration_text(left_s)} left"


def duration_text(seconds: float) -> str:
    """A time in words: "40 s", "3 min"."""
    if seconds >= WHOLE_MINUTES_S:
        return f"{seconds / 60:.0f} min"
    return f"{max(1, -int(-seconds // SECONDS_STEP)) * SECONDS_STEP} s"
