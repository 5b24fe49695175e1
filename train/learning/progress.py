"""Progress of a run: a bar with the time left on a terminal, and a line for each epoch."""

import time
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


class ProgressReporter:
    """Shows the progress of a run. A context manager.

    Args:
        console: prints the lines; shows a bar only if it is a terminal.
        epochs: number of epochs of the whole run.
    """

    def __init__(self, console: Console, epochs: int) -> None:
        self._console, self._epochs = console, epochs
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("epoch", total=None, note="")
        self._started_s = time.monotonic()
        self._first: int | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def report_batch(self, epoch: int, done: int, total: int) -> None:
        """Update the bar after a batch.

        Args:
            epoch: counted from 0.
            done: number of batches done in this epoch, >= 1.
            total: number of batches in an epoch.
        """
        if self._first is None:
            self._first, self._started_s = epoch, time.monotonic()
        passed = epoch - self._first + done / total
        left_s = (time.monotonic() - self._started_s) / passed * (self._epochs - epoch - done / total)
        self._bar.update(
            self._task,
            description=f"epoch {epoch + 1}/{self._epochs}",
            completed=done,
            total=total,
            note=f"{left_s / 60:.0f} min left",
        )

    def report_epoch(self, row: dict[str, Any], best: float) -> None:
        """Print a line after an epoch.

        Args:
            row: the epoch's row of the history.
            best: best validation accuracy so far, 0..1.
        """
        left = ""
        if self._first is not None:
            done = row["epoch"] - self._first
            left = f"  {(time.monotonic() - self._started_s) / done * (self._epochs - row['epoch']) / 60:.0f} min left"
        self._console.print(
            f"epoch {row['epoch']:3d}/{self._epochs} {row['stage']:4s}  loss {row['loss']:.3f}  acc {row['accuracy']:.3f}  "
            f"val loss {row['val_loss']:.3f}  val acc {row['val_accuracy']:.3f} (best {best:.3f})  {row['seconds']:.0f} s{left}",
            highlight=False,
            soft_wrap=True,
        )
