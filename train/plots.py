"""Pictures of a run for a person to look at."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from train.metrics import Score


def save_sheet(path: Path, views: Sequence[NDArray[np.uint8]], columns: int = 16) -> None:
    """A contact sheet of views, RGB uint8 (size, size, 3) each, as PNG."""
    blank = np.zeros_like(views[0])
    padded = [*views, *[blank] * (-len(views) % columns)]
    rows = [np.hstack(padded[at : at + columns]) for at in range(0, len(padded), columns)]
    cv2.imwrite(str(path), np.vstack(rows)[..., ::-1])


def save_curve(path: Path, history: Sequence[dict[str, Any]]) -> None:
    """Loss and accuracy over the epochs, as PNG."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    FigureCanvasAgg(figure)
    epochs = [row["epoch"] for row in history]
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        axes.plot(epochs, [row[name] for row in history], label="training (augmented)")
        axes.plot(epochs, [row[f"val_{name}"] for row in history], label="validation")
        axes.set(xlabel="epoch", title=name)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(str(path), dpi=110)


def save_confusion(path: Path, score: Score, title: str) -> None:
    """The confusion matrix with counts, coloured by the share of the true label, as PNG."""
    side = 2.5 + 0.7 * len(score.labels)
    figure = Figure(figsize=(side + 0.6, side), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    share = score.confusion / np.maximum(score.confusion.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row in range(len(score.labels)):
        for column in range(len(score.labels)):
            axes.text(
                column,
                row,
                str(score.confusion[row, column]),
                ha="center",
                va="center",
                color="white" if share[row, column] > 0.55 else "black",
            )
    axes.set_xticks(range(len(score.labels)), score.labels, rotation=40, ha="right")
    axes.set_yticks(range(len(score.labels)), score.labels)
    axes.set(
        xlabel="predicted",
        ylabel="true",
        title=f"{title}: {100 * score.accuracy:.1f} % ± {100 * score.standard_error:.1f}, {score.pictures} pictures",
    )
    figure.savefig(str(path), dpi=110)
