"""What corrected decisions weigh beside the owner's pictures."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LEAST_PICTURES = 5
"""Number of pictures that the corrections of a label may weigh as much as, where the owner showed fewer."""


def correction_weights(labels: Sequence[str], is_correction: Sequence[bool]) -> NDArray[np.float32]:
    """How much each taught picture counts.

    A picture that the owner showed counts 1. Corrections are no fair sample of what lies on the tray: they are what the bin got
    wrong, and a thing that it gets wrong every day comes back every day. So all corrections of a label together count at most
    as much as its pictures do, or as ``LEAST_PICTURES``.

    Args:
        labels: label of each.
        is_correction: whether each is a corrected decision.

    Returns:
        float32 (pictures,), > 0, at most 1.
    """
    corrected = [label for label, is_one in zip(labels, is_correction, strict=True) if is_one]
    shown = [label for label, is_one in zip(labels, is_correction, strict=True) if not is_one]
    share = {
        label: min(1.0, max(shown.count(label), LEAST_PICTURES) / corrected.count(label)) for label in set(corrected)
    }
    return np.array(
        [share[label] if is_one else 1.0 for label, is_one in zip(labels, is_correction, strict=True)], np.float32
    )
