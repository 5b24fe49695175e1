"""Event files of a run for TensorBoard."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tensorboardX import SummaryWriter


class TensorBoardWriter:
    """Writes event files. A context manager. Needs no TensorFlow, so that it works on every back end.

    Args:
        path: folder of the event files; to be given to ``tensorboard --logdir``, or the folder of all runs.
    """

    def __init__(self, path: Path) -> None:
        self._writer = SummaryWriter(str(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def write_epoch(self, row: dict[str, Any]) -> None:
        """Write one row of the history: every number in it becomes a point at its epoch."""
        for name, value in row.items():
            if name != "epoch" and isinstance(value, (int, float)):
                self._writer.add_scalar(name, value, row["epoch"])
        self._writer.flush()
