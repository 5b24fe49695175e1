"""Views of training pictures, drawn label by label."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from edge.decision.vote import DEFAULT_VIEWS
from edge.inference.manifest import Manifest
from edge.sight.mask import find_mask
from edge.sight.pyramid import Pyramid
from edge.sight.view import make_view
from hardware.frame import Pixels
from train.data.pictures import Picture, pixels_or_none


def draw_views(
    manifest: Manifest, pictures: Sequence[Picture], per_label: int, *, seed: int = 0
) -> tuple[tuple[Pixels, ...], ...]:
    """One view of each of some pictures, of every label as many. The looks of the bin's vote take turns.

    Args:
        manifest: gives labels and view.
        pictures: to draw from; those that cannot be read are passed over.
        per_label: number of pictures of each label, >= 1; a label with fewer gives all that it has.
        seed: of the draw.

    Returns:
        For each label of the manifest its views, RGB uint8 (size, size, 3).
    """
    found = []
    for index, label in enumerate(manifest.labels):
        own = [picture for picture in pictures if picture.label == label]
        np.random.default_rng((seed, index)).shuffle(own)
        found.append(tuple(_views(manifest, own, per_label)))
    return tuple(found)


def _views(manifest: Manifest, pictures: Sequence[Picture], count: int) -> Iterator[Pixels]:
    made = 0
    with ThreadPoolExecutor(2) as pool:
        # A few at a time: what is not needed is not read.
        for start in range(0, len(pictures), count):
            for pixels in pool.map(pixels_or_none, pictures[start : start + count]):
                if made == count:
                    return
                if pixels is not None:
                    mask = find_mask(pixels) if manifest.view_kind == "object" else None
                    yield make_view(Pyramid(pixels), mask, manifest.view, made % DEFAULT_VIEWS)
                    made += 1
