"""Cuts an item out of a photograph: whatever differs from the ground that the picture's border shows."""

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels

Alpha = NDArray[np.uint8]

WORK = 224
"""Longest side at which the mask is found, in pixels: edges are soft anyway, and it is fast."""

SMALLEST, LARGEST = 0.01, 0.85
"""Share of the picture that a plausible mask covers. Beyond, the item runs out of the picture or the mask failed."""

_SHADE, _SHADE_WEIGHT = 30.0, 0.15
"""Darkening that a shadow may cause, in Lab units, and its weight: shadows darken but hardly colour."""

_EDGE, _EDGE_WEIGHT = 1.2, 2.2
"""Slope of the lightness above which there is an edge, in Lab units per pixel, and its weight: shadows and vignettes are
soft, while a glass or a sheet of paper differs from a table mostly by its edges."""

_SOLIDITY = 0.5
"""Share of its convex hull below which a mask is taken for an outline."""

_GROUND_CHROMA = 19.0
"""Chroma from which on a ground is taken for an item that fills the picture (cardboard), in Lab units."""

_NOISE_FLOOR = 2.2
"""Smallest spread of the ground, in Lab units: JPEG blocks and the grain of a table."""

_NEAR, _FAR = 3.0, 6.0
"""Distance from the ground, in its spreads, from which on a pixel may belong to the item, and surely does."""

_KEPT_BY_GRABCUT = 0.75
"""Share of the thresholded mask that grabCut must keep: it may lose the pale parts of an item."""

_BORDER_SHARE = 0.05
"""Width of the border that shows the ground, as a share of the shorter side."""

_PALEST = 0.65
"""Quantile of the border's lightness less chroma from which on pixels are first taken for ground: most tables are lighter
than what lies on them."""

_FIT_ROUNDS, _PLANE_ROUNDS = 6, 2
"""Rounds of the ground's fit, and how many of them fit a plane only: a parabola through a part of the border diverges
elsewhere."""

_INLIER_SPREADS, _INLIER_MOST = 3.0, 12.0
"""Error up to which a border pixel counts as ground, in spreads, and in Lab units."""

_LEAST_GROUND, _MOST_SPREAD = 0.15, 7.0
"""Share of the border that must fit the ground, and its largest spread, in Lab units; beyond, it is not an even ground."""

_LEAST_PIECE = 0.3
"""Area of a piece of the item, as a share of the largest one, from which on it is kept."""


def cut_out(rgb: Pixels) -> Alpha:
    """Alpha of the item in a photograph: uint8 (height, width), 0 ground, 255 item, soft at the edge.

    All is 255 where no item stands out, or where it fills the picture: then the photograph is used as it is.
    """
    height, width = rgb.shape[:2]
    factor = min(1.0, WORK / max(height, width))
    size = (max(round(width * factor), 8), max(round(height * factor), 8))
    small: Pixels = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    mask = _find(small)
    if mask is None:
        return np.full((height, width), 255, np.uint8)
    # Blurred before it is enlarged, the steps of the small mask become a smooth edge. It is eroded a little, because the
    # outermost pixels are mixed with the old ground.
    soft = cv2.GaussianBlur(cv2.erode(mask, np.ones((3, 3), np.uint8)) * 255, (0, 0), 1.0)
    soft = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    alpha: Alpha = cv2.convertScaleAbs(cv2.subtract(soft, 70), alpha=255 / 115)
    return alpha


def _find(rgb: Pixels) -> NDArray[np.uint8] | None:
    """The item's mask, uint8 0 or 1; None where there is no plausible one."""
    distance = _distance_from_ground(rgb)
    if distance is None:
        return None
    likely = _solid(distance > _NEAR, distance > _FAR)
    if likely is None:
        return None
    refined = _refine(rgb, likely, distance)
    mask = likely if refined is None or refined.mean() < _KEPT_BY_GRABCUT * likely.mean() else refined
    mask = _filled(mask)
    return mask if SMALLEST <= mask.mean() <= LARGEST else None


def _filled(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mask, or its convex hull where it is only the outline of a sheet or of something transparent."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = cv2.convexHull(np.concatenate(contours))
    if mask.sum() >= _SOLIDITY * cv2.contourArea(hull):
        return mask
    filled: NDArray[np.uint8] = cv2.fillConvexPoly(mask.copy(), hull, 1)
    return filled


def _distance_from_ground(rgb: Pixels) -> NDArray[np.float32] | None:
    """Each pixel's distance from the ground, in its spreads; None where the border shows no even ground."""
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    height, width = lab.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1).astype(np.float32)
    band = max(2, round(_BORDER_SHARE * min(height, width)))
    border = np.ones((height, width), bool)
    border[band:-band, band:-band] = False
    design, seen = terms[border], lab[border]
    # Items run out of the picture: start from the palest part of the border, then add whatever fits an evenly lit ground.
    rank = seen[:, 0] - np.hypot(seen[:, 1], seen[:, 2])
    keep = rank >= np.quantile(rank, _PALEST)
    fit = np.zeros((terms.shape[-1], 3), np.float32)
    spread = _NOISE_FLOOR
    for number in range(_FIT_ROUNDS):
        columns = 3 if number < _PLANE_ROUNDS else terms.shape[-1]
        fit[:] = 0
        fit[:columns] = np.linalg.lstsq(design[keep][:, :columns], seen[keep], rcond=None)[0]
        error = np.linalg.norm(seen - design @ fit, axis=1)
        spread = max(_NOISE_FLOOR, 1.4 * float(np.median(error[keep])))
        keep = error < min(_INLIER_SPREADS * spread, _INLIER_MOST)
        if keep.mean() < _LEAST_GROUND:
            return None
    ground = terms @ fit
    if spread > _MOST_SPREAD or float(np.hypot(ground[..., 1], ground[..., 2]).mean()) > _GROUND_CHROMA:
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
    solid: NDArray[np.uint8] = (areas >= _LEAST_PIECE * areas.max())[labels].astype(np.uint8)
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(solid, contours, -1, 1, thickness=cv2.FILLED)
    return solid


def _refine(rgb: Pixels, likely: NDArray[np.uint8], distance: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """The mask with its edge where the colours change, by grabCut."""
    core = cv2.erode(likely, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)), borderValue=1)
    rim = cv2.dilate(likely, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    marks = np.where(likely, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[(core > 0) & (distance > _FAR)] = cv2.GC_FGD
    marks[rim == 0] = cv2.GC_BGD
    if not (marks == cv2.GC_BGD).any() or not (marks == cv2.GC_FGD).any():
        return likely
    cv2.setRNGSeed(0)  # grabCut starts its mixtures at random; the same photograph must give the same item
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), marks, None, *models, 2, cv2.GC_INIT_WITH_MASK)
    found = (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)
    return _solid(found, found)
