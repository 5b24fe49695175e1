"""Examples for fitting, of the pictures of a taught set; and features made anew for a model that has none of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from edge.errors import PictureError
from edge.teaching.pictures.examples import Examples
from edge.teaching.pictures.looks import LookTaker
from edge.teaching.pictures.stored_picture import StoredPicture
from edge.teaching.taught_set.corrections import correction_weights
from edge.teaching.taught_set.taught_picture import Source, TaughtEntry

LookFeatures = NDArray[np.int8]


def make_examples(entries: Sequence[TaughtEntry], looks: Mapping[int, LookFeatures]) -> Examples:
    """The examples of some pictures.

    Args:
        entries: the pictures, at least one.
        looks: number -> int8 (views, n); each gets as many looks as most have.
    """
    views, width = Counter(looks[entry.number].shape for entry in entries).most_common(1)[0][0]
    # Damage can leave features of another length.
    entries = [entry for entry in entries if looks[entry.number].shape[1] == width]
    labels = tuple(sorted({entry.label for entry in entries}))
    return Examples(
        labels,
        np.stack([_with_views(looks[entry.number], views) for entry in entries]),
        np.array([labels.index(entry.label) for entry in entries], np.int64),
        correction_weights([entry.label for entry in entries], [entry.source == Source.EVENT for entry in entries]),
        tuple(f"{entry.origin} (picture {entry.number})" for entry in entries),
    )


def looks_made_anew(
    pictures: Iterable[tuple[int, StoredPicture | None]], taker: LookTaker
) -> Iterator[tuple[int, LookFeatures]]:
    """Features taken from pictures of the set: number, and int8 (views, n). One that is not there or is damaged is left out.

    Args:
        pictures: number and picture; None: only its features are known.
        taker: takes the looks.
    """
    for number, stored in pictures:
        if stored is not None:
            with suppress(PictureError):
                yield number, taker.take(*stored.decode()).features


def _with_views(features: LookFeatures, views: int) -> LookFeatures:
    """The features with so many looks: the first ones, or all of them and again from the first."""
    return features[np.arange(views) % len(features)]
