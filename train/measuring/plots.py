"""Plots of a run: PNG files in its folder, and figures for a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from train.fonts import drawable, fonts_for
from train.measuring.metrics import Calibration, ClassificationScore, RiskCoverage
from train.page import COLOURS

History = Sequence[Mapping[str, Any]]
"""Rows of figures of a run, one for each epoch."""


def save_sheet(path: Path, views: Sequence[NDArray[np.uint8]], columns: int = 16) -> None:
    """A contact sheet of views, RGB uint8 (size, size, 3) each, as PNG."""
    blank = np.zeros_like(views[0])
    padded = [*views, *[blank] * (-len(views) % columns)]
    rows = [np.hstack(padded[at : at + columns]) for at in range(0, len(padded), columns)]
    cv2.imwrite(str(path), np.vstack(rows)[..., ::-1])


def save_curve(path: Path, history: History) -> None:
    """Loss and accuracy over the epochs, as PNG."""
    learning_curves({"": history}).savefig(str(path), dpi=110)


def learning_curves(histories: Mapping[str, History]) -> Figure:
    """Loss and accuracy over the epochs of each named run: validation solid, training (augmented) dashed."""
    figure = _figure(9, 3.6)
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for colour, (run, history) in zip(_colours(len(histories)), histories.items(), strict=True):
            epochs = [row["epoch"] for row in history]
            prefix = f"{run}, " if run else ""
            dots = {"marker": "o", "markersize": 3.0} if len(epochs) < 3 else {}
            axes.plot(
                epochs, [row[f"val_{name}"] for row in history], color=colour, label=f"{prefix}validation", **dots
            )
            axes.plot(
                epochs,
                [row[name] for row in history],
                color=colour,
                ls="--",
                lw=1.1,
                alpha=0.8,
                label="" if run else "training (augmented)",
                **dots,
            )
        axes.set(xlabel="epoch", title=name)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    return figure


def save_confusion(path: Path, score: ClassificationScore, title: str) -> None:
    """The confusion matrix with counts, coloured by the share of the true label, as PNG."""
    with fonts_for([*score.labels, title]):
        _confusion(score, drawable(score.labels, path.name), title).savefig(str(path), dpi=110)


def _confusion(score: ClassificationScore, names: Sequence[str], title: str) -> Figure:
    side = 2.5 + 0.7 * len(names)
    figure = _figure(side + 0.6, side)
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
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(
        xlabel="predicted",
        ylabel="true",
        title=f"{title}: {100 * score.accuracy:.1f} % ± {100 * score.standard_error:.1f}, {score.pictures} pictures",
    )
    return figure


def reliability(panels: Mapping[str, Mapping[str, Calibration]]) -> Figure:
    """Reliability diagrams: panel title -> (name of a line -> its calibration). The diagonal is perfect calibration."""
    figure = _figure(9, 4.2)
    for axes, (title, lines) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        axes.plot([0, 1], [0, 1], color="#888888", ls=":", lw=1)
        for colour, (name, line) in zip(COLOURS, lines.items(), strict=False):
            some = line.pictures > 0
            share = line.pictures[some] / line.pictures.sum()
            label = f"{name}, ECE {100 * line.error:.1f} %"
            axes.plot(line.confidence[some], line.accuracy[some], color=colour, lw=1.2, label=label)
            # The size of a dot shows the number of pictures.
            axes.scatter(line.confidence[some], line.accuracy[some], 6 + 160 * share, color=colour, zorder=3)
        last = [*lines.values()][-1]
        places = (np.arange(len(last.pictures)) + 0.5) / len(last.pictures)
        axes.bar(places, last.pictures / last.pictures.sum(), 0.9 / len(places), color="#888888", alpha=0.25)
        axes.set(xlabel="confidence", ylabel="accuracy", title=title, xlim=(0, 1), ylim=(0, 1.02))
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2)
    return figure


def risk_coverage(curves: Mapping[str, RiskCoverage], mark: float) -> Figure:
    """Error rate over coverage for each named curve; a vertical line at the coverage ``mark``, 0..1."""
    figure = _figure(9, 3.2)
    axes = figure.subplots()
    for colour, (name, curve) in zip(COLOURS, curves.items(), strict=False):
        coverage = np.arange(1, len(curve.risk) + 1) / len(curve.risk)
        axes.plot(coverage, curve.risk, color=colour, label=f"{name}, AURC {curve.aurc:.3f}")
    axes.axvline(mark, color="#888888", ls=":", lw=1)
    axes.set(xlabel="coverage: share answered, most confident first", ylabel="error rate", xlim=(0, 1))
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return figure


def known_and_unknown(known: NDArray[np.float64], unknown: NDArray[np.float64]) -> Figure:
    """Histograms of confidence, (n,) and (m,), as shares of each."""
    figure = _figure(9, 2.8)
    axes = figure.subplots()
    steps = np.linspace(0, 1, 21).tolist()
    for colour, name, values in ((COLOURS[0], "known labels", known), (COLOURS[1], "unknown labels", unknown)):
        weights = np.full(len(values), 1 / max(len(values), 1))
        axes.hist(values, steps, weights=weights, color=colour, alpha=0.6, label=f"{name}, {len(values)} pictures")
    axes.set(xlabel="confidence of the vote", ylabel="share of the pictures", xlim=(0, 1))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="upper left")
    return figure


def _figure(width: float, height: float) -> Figure:
    """A figure of a size in inches, drawn by Agg, which needs no display."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _colours(number: int) -> list[str]:
    return [COLOURS[at % len(COLOURS)] for at in range(number)]
