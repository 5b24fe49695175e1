"""Patches that are suppressed, and when they are seen again."""

import numpy as np
import pytest

from edge.sight.mask import NEAR
from edge.sight.tray_patches import GONE_S, LATEST_LOOK_S, LOOK_AGAIN_S, TrayPatches
from edge.values import Mask

NOISE = 1.0
BROWN = (-20.0, 8.0, 12.0)
"""Lab difference of a stain from the tray."""


def stain() -> tuple[Mask, np.ndarray]:
    cover = np.zeros((120, 160), np.uint8)
    cover[50:70, 60:90] = 255
    difference = np.zeros((120, 160, 3), np.float32)
    difference[cover > 0] = BROWN
    return Mask(cover, (0.375, 0.42, 0.56, 0.58), 600 / 19200), difference


def seen(patches: TrayPatches, difference: np.ndarray) -> bool:
    distance = np.linalg.norm(difference, axis=2).astype(np.float32) / NOISE
    patches.reduce(distance, difference, NOISE)
    return bool((distance[52:68, 62:88] > NEAR).any())


def test_a_patch_is_tray_until_it_is_due() -> None:
    patches = TrayPatches()
    mask, difference = stain()
    assert seen(patches, difference)
    patches.add(mask, difference, 0.0)
    assert not seen(patches, difference)
    assert patches.look_again(LOOK_AGAIN_S - 1.0) == 0
    assert not seen(patches, difference)
    assert patches.look_again(LOOK_AGAIN_S) == 1
    assert seen(patches, difference)
    assert patches.look_again(LOOK_AGAIN_S + 1.0) == 0, "it is seen already"


def test_each_look_in_vain_doubles_the_wait_up_to_a_day() -> None:
    patches = TrayPatches()
    mask, difference = stain()
    now_s, waits_s = 0.0, []
    for _ in range(8):
        patches.add(mask, difference, now_s)
        wait_s = next(wait for wait in range(600, 100_000, 600) if patches.look_again(now_s + wait))
        waits_s.append(wait_s)
        now_s += wait_s
    assert waits_s[:3] == [LOOK_AGAIN_S, 2 * LOOK_AGAIN_S, 4 * LOOK_AGAIN_S]
    assert waits_s[-1] == LATEST_LOOK_S


def test_a_patch_is_due_when_it_does_not_look_like_the_surface_in_a_new_light() -> None:
    patches = TrayPatches()
    mask, difference = stain()
    patches.add(mask, difference, 0.0)
    patches.review(lambda found: found is mask)
    assert patches.look_again(1.0) == 0
    patches.review(lambda found: found is not mask)
    assert patches.look_again(1.0) == 1


@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_a_patch_follows_the_light(ratio: float) -> None:
    """``L + 16`` of the tray goes by a ratio, and so does what a stain takes from it."""
    patches = TrayPatches()
    mask, difference = stain()
    patches.add(mask, difference, 0.0)
    before, now = (np.full((120, 160, 3), light - 16.0, np.float32) for light in (60.0, 60.0 * ratio))
    patches.relight(before, now)
    assert not seen(patches, difference * np.float32(ratio))


def test_an_item_on_a_patch_is_seen() -> None:
    patches = TrayPatches()
    mask, difference = stain()
    patches.add(mask, difference, 0.0)
    difference[55:65, 65:80] = (10.0, 40.0, -20.0)
    assert seen(patches, difference)


def test_a_patch_that_was_wiped_off_is_forgotten() -> None:
    patches = TrayPatches()
    mask, difference = stain()
    patches.add(mask, difference, 0.0)
    bare = np.zeros((120, 160), np.float32)
    assert patches.forget_gone(bare, NOISE, 0.0) == 0
    assert patches.forget_gone(bare, NOISE, GONE_S) == 1
    assert len(patches) == 0
