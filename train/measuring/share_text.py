"""Counts and shares in words, with the range that few pictures leave."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from train.measuring.share_interval import ShareInterval

WIDE = 0.1
"""Length of a range, 0..1, from which on the range is shown in place of the counted share: some 140 pictures with nine in ten
right are needed for a shorter one."""

NOTHING = "–"
"""In a cell: nothing counted, or a figure that so few pictures do not tell."""


def share_text(one: ShareInterval) -> str:
    """The share in words: its range where that is wide, else the counted one and the range."""
    return one.text if one.width > WIDE else f"{100 * one.share:.1f} % ({one.text})"


def share_cell(hits: int, count: int) -> str:
    """A share for a cell of a table in %: the count where the range is wide, such as "8/9", else the share; "–" of none."""
    one = ShareInterval.of(hits, count)
    return NOTHING if not count else f"{hits}/{count}" if one.width > WIDE else f"{100 * one.share:.1f}"


def count_text(count: int, noun: str) -> str:
    """A number and its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def weakest_label(labels: Sequence[str], confusion: NDArray[np.int64]) -> str:
    """A sentence about the label that is recognised least often.

    Args:
        labels: n labels, of which at least one occurs.
        confusion: pictures by true (rows) and predicted label, (n, n).
    """
    counts = confusion.sum(axis=1)
    present = np.flatnonzero(counts)
    worst = int(present[np.argmin(np.diag(confusion)[present] / counts[present])])
    found = ShareInterval.of(int(confusion[worst, worst]), int(counts[worst]))
    if found.hits == found.count:
        fewest = int(present[np.argmin(counts[present])])
        few = ShareInterval.of(int(counts[fewest]), int(counts[fewest]))
        return (
            f"No label is mistaken; the fewest pictures are of {labels[fewest]}, {few.count}, of which all were named rightly: "
            f"{share_text(few)} of all such."
        )
    others = confusion[worst].copy()
    others[worst] = 0
    return (
        f"It is weakest at {labels[worst]}: {found.hits} of {found.count} are recognised ({share_text(found)} of all such); "
        f"the others are taken mostly for {labels[int(others.argmax())]}."
    )
