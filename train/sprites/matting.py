"""Matting: colour and opacity of an item from renders over one or two grounds.

Over a ground B an item with colour F and opacity alpha looks like C = alpha F + (1 - alpha) B. Two grounds give alpha,
and then F. All computations use sRGB-encoded values, since sprites are composited in this space later.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

# Opacity below this is noise or far shadow: it is set to 0, and the rest is rescaled to stay continuous.
FAINT = 0.035
# Empty room around a cropped sprite, as a share of its longest side.
MARGIN = 0.03


def compress_highlights(linear: Image) -> Image:
    """Linear light >= 0 to 0..1, highlights compressed smoothly above 0.75."""
    knee = 0.75
    high = 1.0 - (1.0 - knee) * np.exp(-(np.maximum(linear, knee) - knee) / (1.0 - knee))
    return np.clip(np.where(linear > knee, high, linear), 0.0, 1.0).astype(np.float32)


def encode_srgb(linear: Image) -> Image:
    """Linear light 0..1 to sRGB-encoded 0..1."""
    x = np.clip(linear, 0.0, 1.0)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.power(np.maximum(x, 1e-9), 1 / 2.4) - 0.055).astype(
        np.float32
    )


def matte_from_two_grounds(
    over_dark: Image, over_light: Image, dark: Image, light: Image, solid: Image | None = None
) -> Image:
    """Compute colour and opacity from renders over two grounds.

    Args:
        over_dark, over_light: the item over the two grounds, sRGB-encoded 0..1, shape (height, width, 3).
        dark, light: the empty grounds, same encoding, shape (height, width, 3) or (3,).
        solid: coverage by opaque parts, 0..1, shape (height, width); opacity is at least this. Light that the ground
            reflects onto an opaque item would otherwise count as transparency.

    Returns:
        Straight (not premultiplied) RGBA, 0..1, shape (height, width, 4).

    Raises:
        ValueError: the two grounds are too similar.
    """
    gap = np.broadcast_to(light - dark, over_dark.shape)
    strength = (gap * gap).sum(axis=-1)
    if float(strength.min()) < 1e-3:
        raise ValueError(
            f"grounds: expected a difference of at least 0.02 per channel, got {np.sqrt(strength.min() / 3):.4f}"
        )
    through = ((over_light - over_dark) * gap).sum(axis=-1) / strength
    alpha = np.clip(1.0 - through, 0.0, 1.0)
    if solid is not None:
        alpha = np.maximum(alpha, solid)
    over_middle, middle = (over_dark + over_light) / 2, np.broadcast_to((dark + light) / 2, over_dark.shape)
    premultiplied = over_middle - (1.0 - alpha[..., None]) * middle
    # A bright reflection or caustic over clear glass needs more light than alpha * 1.0 can give: raise alpha there.
    alpha = np.clip(np.maximum(alpha, premultiplied.max(axis=-1)), 0.0, 1.0)
    premultiplied = over_middle - (1.0 - alpha[..., None]) * middle
    colour = np.clip(premultiplied / np.maximum(alpha[..., None], 1e-4), 0.0, 1.0)
    return np.concatenate([colour, alpha[..., None]], axis=-1).astype(np.float32)


def matte_opaque_item(over: Image, ground: Image, solid: Image) -> Image:
    """Compute colour and opacity of an item that is opaque everywhere, from one ground: beside it there is only shadow.

    Args:
        over: the item over the ground, sRGB-encoded 0..1, shape (height, width, 3).
        ground: the empty ground, same encoding, shape (height, width, 3) or (3,).
        solid: coverage by the item, 0..1, shape (height, width); between 0 and 1 along its edge.

    Returns:
        Straight RGBA, 0..1, shape (height, width, 4); shadow is black with low opacity.
    """
    base = np.broadcast_to(ground, over.shape)
    dark = np.clip(1.0 - over.mean(axis=-1) / np.maximum(base.mean(axis=-1), 1e-3), 0.0, 1.0)
    # An edge pixel shows item and shadow mixed: its shadow is taken from its neighbours beyond the edge.
    beside = (solid < 0.02).astype(np.float32)
    near = cv2.GaussianBlur((dark * beside).astype(np.float32), (0, 0), 2.0) / np.maximum(
        cv2.GaussianBlur(beside, (0, 0), 2.0), 1e-4
    )
    shadow = np.where(beside > 0, dark, np.clip(near, 0.0, 1.0))
    alpha = solid + (1.0 - solid) * shadow
    colour = np.clip((over - (1.0 - alpha[..., None]) * base) / np.maximum(alpha[..., None], 1e-4), 0.0, 1.0)
    colour = colour * (1.0 - beside[..., None])
    return np.concatenate([colour, alpha[..., None]], axis=-1).astype(np.float32)


def remove_faint(sprite: Image, faint: float = FAINT) -> Image:
    """Remove noise and far shadow: opacity is exactly 0 outside of the item's connected components.

    The outer tenth of the picture must contain shadow at most; it fades to 0 towards the border.
    """
    alpha = sprite[..., 3] * _window(*sprite.shape[:2])
    stretched = np.clip((alpha - faint) / (1.0 - faint), 0.0, 1.0)
    _, parts, stats, _ = cv2.connectedComponentsWithStats((stretched > 0).astype(np.uint8), connectivity=8)
    is_item = np.zeros(len(stats), dtype=bool)
    if len(stats) > 1:
        is_item[1:] = stats[1:, cv2.CC_STAT_AREA] >= 0.02 * stats[1:, cv2.CC_STAT_AREA].max()
    stretched = np.where(is_item[parts], stretched, 0.0)
    return np.concatenate([sprite[..., :3], stretched[..., None]], axis=-1).astype(np.float32)


def _window(height: int, width: int) -> Image:
    """1 inside, falling smoothly to 0 over the outer tenth of the longest side."""
    reach = 0.1 * max(height, width)
    y, x = (np.minimum(np.arange(n) + 0.5, n - np.arange(n) - 0.5) for n in (height, width))
    t = np.clip(np.minimum(y[:, None], x[None, :]) / reach, 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def crop_to_item(sprite: Image, size: int, margin: float = MARGIN) -> NDArray[np.uint8]:
    """Crop to the item, add a margin (share of the longest side), and scale the longest side to `size` pixels.

    Returns:
        uint8 RGBA, shape (height, width, 4), with opacity 0 along its border.

    Raises:
        ValueError: the sprite is empty.
    """
    rows, columns = np.nonzero(sprite[..., 3] > 0)
    if not len(rows):
        raise ValueError("sprite: expected an item, got an empty picture")
    cut = sprite[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    pad = max(2, round(margin * max(cut.shape[:2])))
    cut = np.pad(cut, ((pad, pad), (pad, pad), (0, 0)))
    scale = size / max(cut.shape[:2])
    width, height = (max(1, min(size, round(scale * n))) for n in (cut.shape[1], cut.shape[0]))
    # Premultiplied while scaling: otherwise the colour of invisible pixels would affect the edge.
    cut[..., :3] *= cut[..., 3:]
    cut = cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    alpha = np.clip(cut[..., 3:], 0.0, 1.0)
    colour = np.where(alpha > 1e-3, cut[..., :3] / np.maximum(alpha, 1e-3), 0.0)
    done = np.round(np.clip(np.concatenate([colour, alpha], axis=-1), 0.0, 1.0) * 255).astype(np.uint8)
    done[[0, -1], :, 3] = 0
    done[:, [0, -1], 3] = 0
    done[done[..., 3] == 0] = 0
    return np.asarray(done, dtype=np.uint8)
