"""Checks a head before it is put to use: it fits the model, computes what it did where it was made, and is no step back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.errors import HeadError
from edge.inference.features import FeatureSpec
from edge.inference.head import TaughtHead
from edge.inference.manifest import Manifest
from edge.inference.taught_classifier import features_for
from edge.teaching.heads.answer_looks import answer_looks
from edge.teaching.pictures.examples import Examples
from hardware.pictures.labels import match_labels

LEAST_COMPARED = 5
"""Fewest taught pictures from which two heads are compared: of fewer, one picture decides."""

MOST_COMPARED = 200
"""Most taught pictures that two heads are compared on: a bin that sorts meanwhile does it in the background."""


@dataclass(frozen=True, slots=True)
class HeadComparison:
    """How much of the taught pictures two heads know: also of those that they have learnt from, so that it compares them and
    measures neither.

    Attributes:
        pictures: number of pictures, at most ``MOST_COMPARED``; 0: they were not compared.
        before, after: balanced accuracy of the head in use and of the new one, 0..1.
    """

    pictures: int
    before: float
    after: float

    @property
    def is_worse(self) -> bool:
        """Whether the new head knows less."""
        return self.after < self.before


NOT_COMPARED = HeadComparison(0, 0.0, 0.0)


def check_head(
    head: TaughtHead,
    base: Manifest,
    *,
    before: TaughtHead | None = None,
    taught: Examples | None = None,
    is_wanted: bool = False,
) -> HeadComparison:
    """Check a head.

    Args:
        head: the new head.
        base: manifest of the model.
        before: the head in use; None: the model alone answers, whose labels are other ones.
        taught: the owner's pictures; None: there are none.
        is_wanted: whether its owner wants it even if it knows less than the one before.

    Returns:
        How the two compare.

    Raises:
        ModelError: it was taught on another model, or its numbers do not give the answers that are kept with it.
        HeadError: it knows less of the owner's pictures than the head in use.
    """
    spec = features_for(head, base)
    head.check_golden(spec)
    if before is None or taught is None or len(taught.features) < LEAST_COMPARED:
        return NOT_COMPARED
    chosen = _spread(taught)
    found = HeadComparison(
        len(chosen),
        balanced_accuracy(before, taught, spec, pictures=chosen),
        balanced_accuracy(head, taught, spec, pictures=chosen),
    )
    if found.is_worse and not is_wanted:
        raise HeadError(
            f"the head names {found.after:.1%} of {found.pictures} taught pictures rightly (each label counting alike), the one "
            f"in use {found.before:.1%}: it is not used; 'sorter teach fit' makes one of all of them, 'sorter teach use --force' "
            "uses it nevertheless"
        )
    return found


def balanced_accuracy(
    head: TaughtHead, taught: Examples, spec: FeatureSpec, *, pictures: Sequence[int] | None = None
) -> float:
    """Mean over the labels of the share of their pictures a head names rightly, in any spelling; a label that it lacks counts 0.

    Args:
        head: the head.
        taught: at least one picture.
        spec: the features of the head's model.
        pictures: places of those that count, at least one; None: all.
    """
    known_names = match_labels(taught.labels, head.labels).names
    taught = taught.renamed([known_names.get(label, label) for label in taught.labels])
    right = np.zeros(len(taught.labels))
    total = np.zeros(len(taught.labels))
    for picture in range(len(taught.features)) if pictures is None else pictures:
        index = int(taught.label_index[picture])
        total[index] += 1
        right[index] += answer_looks(head, spec, taught.features[picture]).label == taught.labels[index]
    known = total > 0
    return float((right[known] / total[known]).mean())


def _spread(taught: Examples) -> list[int]:
    """Places of at most ``MOST_COMPARED`` pictures, spread over all labels and over the time in which they were taught."""
    by_label = np.argsort(taught.label_index, kind="stable").tolist()
    step = -(-len(by_label) // MOST_COMPARED)
    return [int(place) for place in by_label[::step]]
