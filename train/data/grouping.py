"""Groups of pictures that probably show the same item, which must not be split between training and test.

By likeness: features of a network, a thumbnail, colours. What files say is in ``item_clues``.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from hardware.frame import Pixels
from train.data.pictures import Picture

Embed = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""uint8 (n, size, size, 3) -> float32 (n, features): pooled features of a network."""

FEATURE_WEIGHT, THUMBNAIL_WEIGHT, COLOUR_WEIGHT = 0.70, 0.15, 0.15
"""Weights in the squared distance. Without features the other two are scaled to sum to 1."""
THUMBNAIL = 8
"""Side of the thumbnail in pixels."""


def thumbnail_descriptor(view: Pixels) -> NDArray[np.float32]:
    """Thumbnail and colours of a view, each of unit length and weighted. uint8 (s, s, 3) -> float32 (192 + 64,)."""
    lab = cv2.cvtColor(view.astype(np.float32) / 255.0, cv2.COLOR_RGB2Lab)
    thumbnail = cv2.resize(lab, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    thumbnail = (thumbnail - thumbnail.mean(axis=0)).ravel()
    small = np.ascontiguousarray(cv2.resize(view, (64, 64), interpolation=cv2.INTER_AREA))
    colours = cv2.calcHist([small], [0, 1, 2], None, [4, 4, 4], [0, 256] * 3).ravel()
    return np.concatenate(
        [_unit(thumbnail) * THUMBNAIL_WEIGHT**0.5, _unit(np.sqrt(colours)) * COLOUR_WEIGHT**0.5]
    ).astype(np.float32)


def descriptors(views: NDArray[np.uint8], embed: Embed | None) -> NDArray[np.float32]:
    """Rows whose Euclidean distance measures dissimilarity: 0 the same picture, about 1.4 nothing in common.

    Args:
        views: uint8 (n, size, size, 3).
        embed: computes a network's pooled features; None: thumbnail and colours only.
    """
    simple = np.stack([thumbnail_descriptor(view) for view in views])
    if embed is None:
        return simple / np.float32((THUMBNAIL_WEIGHT + COLOUR_WEIGHT) ** 0.5)
    # The square root reduces the weight of the few features that are large on every picture.
    features = np.sqrt(np.maximum(embed(views), 0))
    features = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-6)
    return np.hstack([features * np.float32(FEATURE_WEIGHT**0.5), simple]).astype(np.float32)


def group_similar(
    rows: NDArray[np.float32], labels: Sequence[str], hashes: Sequence[str], distance: float
) -> NDArray[np.int64]:
    """A group number for each picture: int64 (n,), 0 upwards.

    Args:
        rows: descriptors, float32 (n, features).
        labels: the label of each; groups join pictures of one label.
        hashes: of each file's bytes; equal bytes are one group even with different labels.
        distance: threshold of average linkage clustering; 0 joins equal bytes only.
    """
    numbers = np.arange(len(rows))
    if distance > 0:
        names = np.asarray(labels)
        for label in sorted(set(labels)):
            members = np.flatnonzero(names == label)
            if len(members) > 1:
                clusters = AgglomerativeClustering(
                    n_clusters=None, distance_threshold=distance, linkage="average"
                ).fit_predict(rows[members])
                for cluster in range(int(clusters.max()) + 1):
                    numbers[members[clusters == cluster]] = members[clusters == cluster][0]
    same: dict[str, list[int]] = defaultdict(list)
    for position, text in enumerate(hashes):
        same[text].append(position)
    for positions in same.values():
        for other in positions[1:]:
            numbers[numbers == numbers[other]] = numbers[positions[0]]
    dense: NDArray[np.int64] = np.unique(numbers, return_inverse=True)[1].astype(np.int64)
    return dense


def file_hashes(pictures: Sequence[Picture]) -> list[str]:
    """SHA-256 of each picture's bytes (hexadecimal)."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda picture: hashlib.sha256(picture.path.read_bytes()).hexdigest(), pictures))


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values / max(float(np.linalg.norm(values)), 1e-6)
