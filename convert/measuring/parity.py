"""Parity of float32 and int8, picture by picture."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from edge.inference.manifest import Accuracy
from train.errors import DataError
from train.measuring.share_text import share_cell


@dataclass(frozen=True, slots=True)
class Parity:
    """Accuracy of float32 and int8 on one set of pictures.

    Attributes:
        float32, int8: accuracy, 0..1.
        agreement: share of pictures with the same answer, 0..1.
        pictures: number of pictures, >= 1.
    """

    float32: float
    int8: float
    agreement: float
    pictures: int

    @classmethod
    def of(
        cls, float_logits: NDArray[np.float32], int8_logits: NDArray[np.float32], targets: NDArray[np.int64]
    ) -> "Parity":
        """From logits (n, labels) each and targets (n,).

        Raises:
            DataError: there is no picture.
        """
        if not len(targets):
            raise DataError("convert: no readable picture to compare float32 and int8 on")
        float_answer, int8_answer = float_logits.argmax(axis=1), int8_logits.argmax(axis=1)
        return cls(
            float((float_answer == targets).mean()),
            float((int8_answer == targets).mean()),
            float((float_answer == int8_answer).mean()),
            len(targets),
        )

    @property
    def lost_points(self) -> float:
        """Accuracy lost, in points of 100; negative where int8 is better."""
        return 100 * (self.float32 - self.int8)

    def as_accuracy(self) -> Accuracy:
        """For the manifest."""
        return Accuracy(
            float32=round(self.float32, 4),
            int8=round(self.int8, 4),
            agreement=round(self.agreement, 4),
            pictures=self.pictures,
        )


def pool_parity(parts: Mapping[str, Parity]) -> Parity:
    """All sets as one. The loss is judged on all pictures together, since that of one set scatters by about a point."""
    total = sum(part.pictures for part in parts.values())

    def mean(values: list[float]) -> float:
        return sum(value * part.pictures for value, part in zip(values, parts.values(), strict=True)) / total

    return Parity(
        mean([part.float32 for part in parts.values()]),
        mean([part.int8 for part in parts.values()]),
        mean([part.agreement for part in parts.values()]),
        total,
    )


def print_parity(parts: Mapping[str, Parity], size_bytes: int, console: Console) -> None:
    """Print a table."""
    table = Table(
        title=f"float32 against int8, one look; in %, counts where pictures are few; model of {size_bytes / 1e6:.2f} MB"
    )
    for column in ("set", "pictures", "float32", "int8", "lost points", "agreement"):
        table.add_column(column, justify="left" if column == "set" else "right")
    for name, part in {**parts, "together": pool_parity(parts)}.items():
        table.add_row(
            name,
            str(part.pictures),
            *(share_cell(round(one * part.pictures), part.pictures) for one in (part.float32, part.int8)),
            f"{part.lost_points:+.1f}",
            share_cell(round(part.agreement * part.pictures), part.pictures),
        )
    console.print(table)
