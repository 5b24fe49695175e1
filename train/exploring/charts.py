"""Figures about a data set, for the page."""

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from train.exploring.file_record import FileRecord
from train.exploring.shortcuts import Probe
from train.page import COLOURS, INK, figure_svg

MOST_DOTS = 800
"""Largest number of sizes in the scatter plot, the most frequent ones: each dot is about 100 bytes of SVG."""


def counts_chart(counts: Mapping[str, Mapping[str, int]], data_sets: Sequence[str]) -> Markup:
    """A bar for each label, stacked by data set. ``counts``: label -> data set -> number of pictures."""
    figure = Figure(figsize=(9, 0.7 + 0.32 * len(counts)), layout="constrained")
    axes = figure.subplots()
    labels = list(counts)
    left = np.zeros(len(labels))
    for number, name in enumerate(data_sets):
        widths = np.asarray([counts[label].get(name, 0) for label in labels])
        axes.barh(labels, widths, left=left, height=0.7, label=name, color=COLOURS[number % len(COLOURS)])
        left += widths
    for row, total in enumerate(left):
        axes.text(total, row, f"\u00a0{total:.0f}", va="center", color=INK)
    axes.invert_yaxis()
    axes.set_xlim(0, left.max() * 1.08)
    _plain(axes)
    axes.set_xlabel("pictures")
    if len(data_sets) > 1:
        axes.legend(loc="lower right", frameon=False)
    return figure_svg(figure, "pictures of each label")


def sizes_chart(records: Sequence[FileRecord], data_sets: Sequence[str]) -> Markup:
    """Scatter plot of widths and heights, and histogram of the aspect ratios."""
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    sizes, shapes = figure.subplots(1, 2)
    bins = np.geomspace(0.4, 2.5, 41)
    for number, name in enumerate(data_sets):
        mine = [record for record in records if record.data_set == name]
        if not mine:
            continue
        colour = COLOURS[number % len(COLOURS)]
        # One dot for each size, larger where it is frequent: a dot for every picture would make the page too large.
        places, counts = np.unique([(record.width, record.height) for record in mine], axis=0, return_counts=True)
        if len(places) > MOST_DOTS:
            chosen = np.argsort(-counts, kind="stable")[:MOST_DOTS]
            places, counts = places[chosen], counts[chosen]
        sizes.scatter(places[:, 0], places[:, 1], s=8 + 6 * np.sqrt(counts), color=colour, alpha=0.45, linewidth=0)
        aspects = np.clip([record.aspect for record in mine], bins[0], bins[-1])
        shapes.hist(aspects, bins=bins, color=colour, alpha=0.6, label=name)
    sizes.set(xlabel="width, pixels", ylabel="height, pixels", xscale="log", yscale="log")
    for axis in (sizes.xaxis, sizes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
        axis.set_major_formatter("{x:.0f}")
        axis.set_minor_formatter("")
    shapes.set(xlabel="width : height", ylabel="pictures", xscale="log")
    shapes.set_xticks([0.5, 0.75, 1, 4 / 3, 2], ["1:2", "3:4", "1:1", "4:3", "2:1"])
    shapes.set_xticks([], minor=True)
    for axes in (sizes, shapes):
        _plain(axes)
    if len(data_sets) > 1:
        shapes.legend(frameon=False)
    return figure_svg(figure, "sizes and shapes of the pictures")


def probes_chart(probes: Sequence[Probe]) -> Markup:
    """Accuracy of each clue alone, and of always predicting the most frequent label."""
    figure = Figure(figsize=(9, 0.9 + 0.36 * len(probes)), layout="constrained")
    axes = figure.subplots()
    names = [f"{probe.clue}, {'all sets' if probe.scope == 'all' else probe.scope}" for probe in probes]
    rows = np.arange(len(probes))
    best = [100 * probe.best for probe in probes]
    axes.barh(rows, best, height=0.62, color=COLOURS[0], label="this clue alone")
    guess = [100 * probe.majority for probe in probes]
    axes.barh(rows, guess, height=0.62, color="none", edgecolor=INK, linewidth=1.2, label="majority")
    for row, share in enumerate(best):
        axes.text(max(share, guess[row]), row, f"\u00a0{share:.0f} %", va="center", color=INK)
    axes.set_yticks(rows, names)
    axes.invert_yaxis()
    axes.set(xlim=(0, 105), xlabel="accuracy, %")
    _plain(axes)
    axes.legend(frameon=False, loc="lower right")
    return figure_svg(figure, "accuracy of each clue alone")


def _plain(axes: Axes) -> None:
    """Hide the frame but for the two axes with numbers."""
    axes.spines[["top", "right"]].set_visible(False)
