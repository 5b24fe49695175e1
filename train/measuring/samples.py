"""Pictures to evaluate on: photographs, and items on synthetic trays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from edge.errors import PictureError
from hardware.frame import Pixels
from train.data.cache import CachedPicture, load_pictures
from train.data.pictures import Picture, read_pixels
from train.data.selection import split_sprites
from train.runs.run_folder import RunFolder
from train.views.synthetic_trays import SEED, synthetic_tray


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationSample:
    """A picture to evaluate on: its name, its label, and a function that reads its pixels, or raises PictureError."""

    name: str
    label: str
    read_pixels: Callable[[], Pixels]

    def pixels_or_none(self) -> Pixels | None:
        """The pixels; None if they cannot be read."""
        try:
            return self.read_pixels()
        except PictureError:
            return None


def photograph_samples(pictures: Sequence[Picture]) -> list[EvaluationSample]:
    """Samples of files on disk."""
    return [EvaluationSample(str(one.path), one.label, partial(read_pixels, one)) for one in pictures]


def sprite_samples(folder: RunFolder, labels: tuple[str, ...]) -> list[EvaluationSample]:
    """A run's held-out sprites on synthetic trays; empty without sprites."""
    settings = folder.load_settings()
    _, held_out = split_sprites(settings, labels)
    cached, pictures, _ = load_pictures(held_out, labels, settings.cache_side, sprites=True)
    return tray_samples(cached, pictures)


def _laid_on_tray(picture: CachedPicture, row: int) -> Pixels:
    pixels = synthetic_tray(picture, np.random.default_rng((SEED, row)))
    if pixels is None:
        raise PictureError("its item cannot be cut out")
    return pixels


def tray_samples(cached: Sequence[CachedPicture], pictures: Sequence[Picture]) -> list[EvaluationSample]:
    """Each item with a reliable mask on a synthetic tray, the same tray in every call (see ``synthetic_trays``)."""
    return [
        EvaluationSample(str(one.path), one.label, partial(_laid_on_tray, a, row))
        for row, (a, one) in enumerate(zip(cached, pictures, strict=True))
        if a.mask_is_reliable
    ]


def photograph_tray_samples(
    pictures: Sequence[Picture], labels: Sequence[str], cache_side: int
) -> list[EvaluationSample]:
    """The items of photographs on synthetic trays.

    Args:
        pictures: of labels that are among ``labels``.
        labels: in the order of the model's outputs.
        cache_side: longer side of a picture in memory, in pixels.
    """
    cached, readable, _ = load_pictures(pictures, labels, cache_side)
    return tray_samples(cached, readable)
