"""The drawing of an arm with a hand. Its numbers are coordinates in that drawing, in pixels, and shares of its light."""

from itertools import pairwise

import cv2
import numpy as np

from hardware.sim.items import Rgba

COLOURS = {
    "light": (224, 182, 158),
    "tan": (190, 140, 105),
    "dark": (112, 76, 56),
    "glove": (58, 110, 190),
}
"""RGB of the skin, or of a rubber glove."""

_SLEEVES = {"light": (70, 84, 110), "tan": (150, 60, 55), "dark": (205, 200, 188), "glove": (235, 235, 230)}

_HEIGHT, _WIDTH = 960, 420
"""Size of the drawing, in pixels; the finger-tips are at its top, the sleeve runs out at its bottom."""

_KNUCKLES = 300
"""Row of the knuckles in the drawing."""

_FINGERS = ((-74, -120, 24), (-31, -188, 26), (15, -198, 26), (60, -166, 24))
"""Per finger, from the little one: its tip's column and row from the knuckles' middle, and its half-width. Pixels."""

TIPS_SHARE = (_KNUCKLES - 198 - 26) / _HEIGHT
"""Where the longest finger ends in the drawing, as a share of its height."""


def draw_arm(colour: str) -> Rgba:
    """An arm from below with a hand on it, RGBA uint8 (960, 420, 4).

    Raises:
        KeyError: no such colour in ``COLOURS``.
    """
    base = np.array(COLOURS[colour], np.float32)
    skin, middle = np.zeros((_HEIGHT, _WIDTH), np.uint8), _WIDTH // 2
    knuckles = _KNUCKLES
    arm = np.array(
        [(middle - 62, knuckles + 180), (middle + 66, knuckles + 180), (middle + 105, _HEIGHT), (middle - 105, _HEIGHT)]
    )
    cv2.fillPoly(skin, [arm], 255, cv2.LINE_AA)
    palm = [
        (-92, 0),
        (-40, -22),
        (20, -26),
        (84, -6),
        (98, 80),
        (74, 190),
        (58, 260),
        (-58, 260),
        (-80, 190),
        (-104, 90),
    ]
    cv2.fillPoly(skin, [np.array([(middle + x, knuckles + y) for x, y in palm])], 255, cv2.LINE_AA)
    creases: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for tip_x, tip_y, thick in _FINGERS:
        root = (middle + round(tip_x * 0.86), knuckles + 24)
        tip = (middle + round(tip_x * 1.18), knuckles + tip_y)
        cv2.line(skin, root, tip, 255, 2 * thick - 6, cv2.LINE_AA)
        creases.append((root, tip))
    thumb = [(middle + 74, knuckles + 165), (middle + 128, knuckles + 92), (middle + 142, knuckles + 18)]
    for start, end, thick in zip(thumb, thumb[1:], (62, 48), strict=False):
        cv2.line(skin, start, end, 255, thick, cv2.LINE_AA)
    skin = cv2.GaussianBlur(skin, (0, 0), 1.5)
    # Round like a limb: light where the distance to the outline is large, from the upper left.
    distance = cv2.distanceTransform((skin > 127).astype(np.uint8), cv2.DIST_L2, 5)
    height = cv2.GaussianBlur(np.sqrt(np.minimum(distance, 60.0)), (0, 0), 4)
    slope_x, slope_y = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=5), cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=5)
    light = 0.80 + 0.022 * height + np.clip(0.004 * (slope_x + 0.6 * slope_y), -0.22, 0.18)
    rgb = base * light[..., None]
    marks = np.zeros((_HEIGHT, _WIDTH), np.float32)
    for root, tip in creases:
        for share in (0.42, 0.70):
            x, y = (round(a + share * (b - a)) for a, b in zip(root, tip, strict=True))
            cv2.line(marks, (x - 14, y), (x + 14, y + 2), 1.0, 3, cv2.LINE_AA)
        if colour != "glove":
            nail = (round(root[0] + 0.97 * (tip[0] - root[0])), round(root[1] + 0.97 * (tip[1] - root[1])))
            cv2.ellipse(rgb, nail, (11, 16), 0, 0, 360, (base + np.array([10, 2, 4])).tolist(), -1, cv2.LINE_AA)
    for (one, _), (two, _) in pairwise(creases):
        gap = ((one[0] + two[0]) // 2, knuckles - 24)
        cv2.line(marks, gap, (gap[0], gap[1] + 46), 0.8, 5, cv2.LINE_AA)  # where two fingers meet
    marks = cv2.GaussianBlur(marks, (0, 0), 2.5)
    rgb *= 1 - 0.2 * np.minimum(marks, 1.0)[..., None]
    cuff = 650
    sleeve = np.zeros_like(skin)
    outer = [(middle - 108, cuff), (middle + 112, cuff - 8), (middle + 138, _HEIGHT), (middle - 138, _HEIGHT)]
    cv2.fillPoly(sleeve, [np.array(outer)], 255, cv2.LINE_AA)
    across = (np.arange(_WIDTH) - middle) / 140
    folds = 1 - 0.35 * across**2 + 0.05 * np.sin(np.arange(_HEIGHT)[:, None] / 17 + 3 * across)
    folds[cuff - 10 : cuff + 26] *= 0.86  # the hem
    cloth = np.array(_SLEEVES[colour], np.float32) * folds[..., None]
    cover = sleeve[..., None].astype(np.float32) / 255
    rgb = np.clip(rgb * (1 - cover) + cloth * cover, 0, 255).astype(np.uint8)
    out: Rgba = np.dstack([rgb, np.maximum(skin, sleeve)])
    return out
