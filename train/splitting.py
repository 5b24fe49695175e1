"""A split drawn anew: the data set's own where it came split, else by groups of like pictures."""

import logging
from collections import Counter

from edge.view import ViewSpec
from train import grouping
from train.cache import load_views
from train.errors import DataError
from train.model import embedder
from train.pictures import Picture, label_names
from train.settings import Settings
from train.split import Split, draw, given

log = logging.getLogger("train")


def split_anew(pictures: list[Picture], settings: Settings) -> Split:
    """Split pictures as the settings say (seed, shares, twin_distance).

    Raises:
        DataError: a label has no readable picture, or too few groups of them.
    """
    if any(picture.part for picture in pictures):
        return given(pictures, val_share=settings.val_share, seed=settings.seed)
    views, _, unreadable = load_views(pictures, label_names(pictures), ViewSpec(size=settings.size, toning=0.0), "full")
    for picture in unreadable:
        log.warning("left out, cannot be read: %s", picture.path)
    readable = sorted(set(pictures) - set(unreadable))
    missing = sorted({picture.label for picture in pictures} - {picture.label for picture in readable})
    if missing:
        raise DataError(f"data: no readable picture of {missing}")
    rows = grouping.descriptors(views, embedder(settings))
    numbers = grouping.group(
        rows, [picture.label for picture in readable], grouping.byte_prints(readable), settings.twin_distance
    )
    sizes = Counter(numbers.tolist())
    log.info(
        "%d pictures in %d groups of like pictures; %d pictures have a twin, the largest group has %d",
        len(readable),
        len(sizes),
        sum(size for size in sizes.values() if size > 1),
        max(sizes.values()),
    )
    return draw(
        readable, numbers.tolist(), val_share=settings.val_share, test_share=settings.test_share, seed=settings.seed
    )


def extended(kept: Split, pictures: list[Picture], settings: Settings) -> Split:
    """``kept`` as it is, and the pictures that it does not name split anew among themselves.

    Raises:
        DataError: as ``split_anew``; or nothing is left to split.
    """
    rest = [picture for picture in pictures if picture.key not in kept.keys]
    if not rest:
        raise DataError("split: every picture is in the split that is kept; there is nothing to add")
    return kept.joined(split_anew(rest, settings))
