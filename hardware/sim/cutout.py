"""Cut an item out of a photograph: what differs from the ground that the picture's border shows."""

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels

Alpha = NDArray[np.uint8]

WORK = 224
"""Longest side, in pixels, at which the cut is found: edges are soft anyway, and it is quick."""

SMALLEST, LARGEST = 0.01, 0.85
"""Share of the picture that a believable cut-out covers. Beyond, the item runs out of the picture or the cut failed."""

_SHADE, _SHADE_WEIGHT = 30.0, 0.15
"""Darkening, in Lab units, that a shadow may cause, and what it counts for: shadows darken but hardly colour."""

_EDGE, _EDGE_WEIGHT = 1.2, 2.2
"""Slope of the lightness, in Lab units per pixel, above which there is an edge, and what it counts for: shadows and
vignettes are soft, while a glass or a sheet of paper differs from a table by little but its edges."""

_SOLIDITY = 0.5
"""Share of its convex hull that a mask fills; below, it is taken for an outline."""

_GROUND_CHROMA = 19.0
"""Colour of a ground, in Lab units, from which on it is taken for an item that fills the picture (cardboard)."""

_NOISE_FLOOR = 2.2
"""Smallest spread of the ground, in Lab units: JPEG blocks and the grain of a table."""


def cut_out(rgb: Pixels) -> Alpha:
    """Alpha of the item in a photograph: uint8 (height, width), 0 ground, 255 item, soft at the edge.

    Where no item stands out, or it fills the picture, all is 255: the photograph is used as it is.
    """
    height, width = rgb.shape[:2]
    factor = min(1.0, WORK / max(height, width))
    size = (max(round(width * factor), 8), max(round(height * factor), 8))
    small: Pixels = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    mask = _find(small)
    if mask is None:
        return np.full((height, width), 255, np.uint8)
    # Blurred before it grows, the staircase of the small mask becomes a smooth edge; drawn in a little, because the
    # outermost pixels are mixed with the old ground.
    soft = cv2.GaussianBlur(cv2.erode(mask, np.ones((3, 3), np.uint8)) * 255, (0, 0), 1.0)
    soft = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    alpha: Alpha = cv2.convertScaleAbs(cv2.subtract(soft, 70), alpha=255 / 115)
    return alpha


def _find(rgb: Pixels) -> NDArray[np.uint8] | None:
    """The item's mask, uint8 0 or 1; None where there is nothing believable."""
    distance = _distance_from_ground(rgb)
    if distance is None:
        return None
    likely = _solid(distance > 3.0, distance > 6.0)
    if likely is None:
        return None
    refined = _refine(rgb, likely, distance)
    # grabCut may lose the pale parts of an item; then the plain threshold is the better one.
    mask = likely if refined is None or refined.mean() < 0.75 * likely.mean() else refined
    mask = _filled(mask)
    return mask if SMALLEST <= mask.mean() <= LARGEST else None


def _filled(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of a sheet or a clear tray often only the outline is seen: take what it spans."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = cv2.convexHull(np.concatenate(contours))
    if mask.sum() >= _SOLIDITY * cv2.contourArea(hull):
        return mask
    filled: NDArray[np.uint8] = cv2.fillConvexPoly(mask.copy(), hull, 1)
    return filled


def _distance_from_ground(rgb: Pixels) -> NDArray[np.float32] | None:
    """How many spreads each pixel is away from the ground; None where the border shows no even ground."""
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    height, width = lab.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1).astype(np.float32)
    band = max(2, round(0.05 * min(height, width)))
    border = np.ones((height, width), bool)
    border[band:-band, band:-band] = False
    design, seen = terms[border], lab[border]
    # Items run out of the picture: start from the lightest pale part of the border, tables being lighter than most
    # of what lies on them, then take in whatever fits an evenly lit ground.
    rank = seen[:, 0] - np.hypot(seen[:, 1], seen[:, 2])
    keep = rank >= np.quantile(rank, 0.65)
    fit = np.zeros((terms.shape[-1], 3), np.float32)
    spread = _NOISE_FLOOR
    for round_ in range(6):
        # A plane first: a parabola through a part of the border runs off elsewhere.
        columns = 3 if round_ < 2 else terms.shape[-1]
        fit[:] = 0
        fit[:columns] = np.linalg.lstsq(design[keep][:, :columns], seen[keep], rcond=None)[0]
        error = np.linalg.norm(seen - design @ fit, axis=1)
        spread = max(_NOISE_FLOOR, 1.4 * float(np.median(error[keep])))
        keep = error < min(3.0 * spread, 12.0)
        if keep.mean() < 0.15:
            return None
    ground = terms @ fit
    if spread > 7.0 or float(np.hypot(ground[..., 1], ground[..., 2]).mean()) > _GROUND_CHROMA:
        return None
    off = lab - ground
    dark = -off[..., 0]
    shaded = _SHADE_WEIGHT * np.minimum(dark, _SHADE) + np.maximum(dark - _SHADE, 0.0)
    lightness = np.where(dark > 0, shaded, dark)
    colour = np.hypot(off[..., 1], off[..., 2])
    soft = cv2.GaussianBlur(lab[..., 0], (0, 0), 1.0)
    slope = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8))
    edges = _EDGE_WEIGHT * np.maximum(slope - _EDGE, 0.0)
    distance = np.hypot(lightness, colour) / spread + edges
    smooth: NDArray[np.float32] = cv2.GaussianBlur(distance.astype(np.float32), (0, 0), 0.8)
    return smooth


def _solid(near: NDArray[np.bool_], far: NDArray[np.bool_]) -> NDArray[np.uint8] | None:
    """The large connected pieces of ``near`` that touch ``far``, without holes; uint8 0 or 1."""
    mask = cv2.morphologyEx(near.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    strong = np.zeros(count, bool)
    strong[np.unique(labels[far])] = True
    strong[0] = False
    areas = np.where(strong, stats[:, cv2.CC_STAT_AREA], 0)
    if areas.max(initial=0) < SMALLEST * mask.size:
        return None
    solid: NDArray[np.uint8] = (areas >= 0.3 * areas.max())[labels].astype(np.uint8)
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(solid, contours, -1, 1, thickness=cv2.FILLED)
    return solid


def _refine(rgb: Pixels, likely: NDArray[np.uint8], distance: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """Let grabCut move the edge to where the colours change."""
    core = cv2.erode(likely, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)), borderValue=1)
    rim = cv2.dilate(likely, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    marks = np.where(likely, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[(core > 0) & (distance > 6.0)] = cv2.GC_FGD
    marks[rim == 0] = cv2.GC_BGD
    if not (marks == cv2.GC_BGD).any() or not (marks == cv2.GC_FGD).any():
        return likely
    cv2.setRNGSeed(0)  # grabCut starts its mixtures at random; the same photograph must give the same item
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), marks, None, *models, 2, cv2.GC_INIT_WITH_MASK)
    found = (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)
    return _solid(found, found)
