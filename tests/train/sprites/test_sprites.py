"""The shipped sprites, and the matting that makes them. Nothing here needs Mitsuba."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from train.sprites import LABELS, items, matting, mitsuba_loader, png
from train.sprites.__main__ import main
from train.sprites.render_job import RenderJob, make_jobs

SHIPPED = Path(__file__).parents[3] / "hardware" / "sim" / "sprites"
FILES = sorted(SHIPPED.glob("*/*.png"))


@pytest.mark.parametrize("label", LABELS)
def test_every_label_has_sprites_of_several_kinds(label: str) -> None:
    files = sorted((SHIPPED / label).glob("*.png"))
    assert len(files) >= 4
    assert len({path.stem.removeprefix(f"{label}-").rsplit("-", 2)[0] for path in files}) >= 4


def test_the_shipped_set_is_small_and_has_only_known_labels() -> None:
    assert {path.parent.name for path in FILES} == set(LABELS)
    assert sum(path.stat().st_size for path in FILES) < 4_000_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_sprite_is_a_cut_out_item(path: Path) -> None:
    sprite = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert sprite is not None
    assert sprite.dtype == np.uint8
    assert sprite.shape[2] == 4
    assert max(sprite.shape[:2]) == 320
    alpha = sprite[..., 3]
    border = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    assert not border.any()
    assert (alpha > 100).mean() > 0.02, "no item to be seen"
    assert (alpha == 0).mean() > 0.03, "no room around the item"
    size_mm = png.longest_side_mm(path)
    assert size_mm is not None
    assert 20 < size_mm < 700


def _disc(height: int = 96, width: int = 128, radius: float = 30.0) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.clip(radius - np.hypot(x - width / 2, y - height / 2) + 0.5, 0, 1).astype(np.float32)


def test_two_grounds_give_back_colour_and_opacity() -> None:
    dark, light = np.array([0.3, 0.32, 0.3], np.float32), np.array([0.66, 0.64, 0.65], np.float32)
    alpha = 0.6 * _disc()
    colour = np.array([0.2, 0.7, 0.4], np.float32)
    over = [alpha[..., None] * colour + (1 - alpha[..., None]) * ground for ground in (dark, light)]
    sprite = matting.matte_from_two_grounds(over[0], over[1], dark, light)
    np.testing.assert_allclose(sprite[..., 3], alpha, atol=1e-4)
    np.testing.assert_allclose(
        sprite[alpha > 0.3][:, :3], np.broadcast_to(colour, (int((alpha > 0.3).sum()), 3)), atol=1e-3
    )


def test_a_sprite_pasted_on_its_own_ground_looks_like_the_render() -> None:
    rng = np.random.default_rng(4)
    dark, light = np.full(3, 0.3, np.float32), np.full(3, 0.64, np.float32)
    item = rng.uniform(0, 1, (40, 50, 3)).astype(np.float32)
    alpha = rng.uniform(0, 1, (40, 50, 1)).astype(np.float32)
    over = [alpha * item + (1 - alpha) * ground for ground in (dark, light)]
    sprite = matting.matte_from_two_grounds(over[0], over[1], dark, light)
    middle = (dark + light) / 2
    pasted = sprite[..., 3:] * sprite[..., :3] + (1 - sprite[..., 3:]) * middle
    np.testing.assert_allclose(pasted, (over[0] + over[1]) / 2, atol=2e-3)


def test_light_that_an_opaque_item_takes_from_the_ground_does_not_make_it_transparent() -> None:
    dark, light = np.full(3, 0.3, np.float32), np.full(3, 0.64, np.float32)
    solid = _disc()
    over = [solid[..., None] * (0.5 + bounce) + (1 - solid[..., None]) * g for g, bounce in ((dark, 0.0), (light, 0.1))]
    assert matting.matte_from_two_grounds(over[0], over[1], dark, light)[48, 64, 3] == pytest.approx(0.706, abs=0.01)
    assert matting.matte_from_two_grounds(over[0], over[1], dark, light, solid)[48, 64, 3] == 1.0


def test_grounds_that_look_alike_are_refused() -> None:
    same = np.full(3, 0.5, np.float32)
    picture = np.full((8, 8, 3), 0.5, np.float32)
    with pytest.raises(ValueError, match="grounds: expected a difference"):
        matting.matte_from_two_grounds(picture, picture, same, same)


def test_one_ground_gives_an_opaque_item_and_its_shadow() -> None:
    ground, colour, solid = np.full(3, 0.5, np.float32), np.array([0.9, 0.2, 0.1], np.float32), _disc(radius=20)
    shade = 0.2 * _disc(radius=34)[..., None]
    over = solid[..., None] * colour + (1 - solid[..., None]) * (1 - shade) * ground
    sprite = matting.matte_opaque_item(over.astype(np.float32), ground, solid)
    np.testing.assert_allclose(sprite[48, 64], [0.9, 0.2, 0.1, 1.0], atol=1e-4)
    assert sprite[48, 64 + 27, 3] == pytest.approx(0.2, abs=0.01)
    assert sprite[48, 64 + 27, :3].max() == 0.0
    edge = (solid > 0.1) & (solid < 0.9)
    pasted = sprite[..., 3:] * sprite[..., :3] + (1 - sprite[..., 3:]) * ground
    assert np.abs(pasted - over)[edge].max() < 0.02


def test_cleaning_leaves_exactly_nothing_on_empty_ground() -> None:
    rng = np.random.default_rng(1)
    alpha = np.clip(_disc() + rng.normal(0, 0.008, (96, 128)), 0, 1).astype(np.float32)
    alpha[30:32, 20:22] = 0.5
    sprite = np.dstack([np.full((96, 128, 3), 0.5, np.float32), alpha])
    clean = matting.remove_faint(sprite)[..., 3]
    assert not clean[_disc(radius=32) == 0].any()
    assert clean[48, 64] > 0.95


def test_cropping_gives_the_size_asked_for_and_a_clear_border() -> None:
    sprite = np.dstack([np.full((96, 128, 3), 0.5, np.float32), _disc(radius=30)])
    made = matting.crop_to_item(sprite, 200)
    assert made.shape == (200, 200, 4)
    assert made[100, 100].tolist() == [128, 128, 128, 255]
    assert not made[0].any()
    assert not made[:, -1].any()


def test_an_empty_picture_is_no_sprite() -> None:
    with pytest.raises(ValueError, match="expected an item"):
        matting.crop_to_item(np.zeros((20, 20, 4), np.float32), 64)


def test_encoding_is_srgb_and_highlights_never_clip_hard() -> None:
    grey = np.array([[[0.0, 0.2140, 0.0031]]], np.float32)
    np.testing.assert_allclose(matting.encode_srgb(grey)[0, 0], [0.0, 0.5, 0.0400], atol=2e-3)
    bright = matting.compress_highlights(np.array([[[0.5, 1.0, 5.0]]], np.float32))[0, 0]
    assert bright[0] == pytest.approx(0.5)
    assert 0.8 < bright[1] < bright[2] <= 1.0


def test_a_png_says_how_large_the_item_is_and_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "glass" / "glass-jar-1-00.png"
    pixels = np.zeros((8, 9, 4), np.uint8)
    pixels[3, 4] = (10, 20, 30, 255)
    png.save_png(path, png.encoded_png(pixels, 123.4))
    assert png.longest_side_mm(path) == 123
    read = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert read is not None
    assert cv2.cvtColor(read, cv2.COLOR_BGRA2RGBA)[3, 4].tolist() == [10, 20, 30, 255]
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("label", LABELS)
def test_every_kind_rests_on_the_tray_and_is_the_same_for_the_same_seed(label: str) -> None:
    for make in items.kinds_of(label).values():
        first, second = (make(np.random.default_rng(3)) for _ in range(2))
        low = min(float(part.mesh.vertices[:, 2].min()) for part in first)
        assert low == pytest.approx(0.03, abs=1e-6)
        for a, b in zip(first, second, strict=True):
            assert np.isfinite(a.mesh.vertices).all()
            np.testing.assert_array_equal(a.mesh.vertices, b.mesh.vertices)


def test_names_say_label_kind_seed_and_number() -> None:
    made = make_jobs(("glass", "trash"), 2, 7)
    assert [str(job.path(Path("x"))) for job in made[:2]] == [
        "x/glass/glass-green-bottle-7-00.png",
        "x/trash/trash-wrapper-7-00.png",
    ]
    assert len(made) == 4


def test_an_unknown_label_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="got 'wood'"):
        RenderJob("wood", 1, 0)
    assert main(["--out", str(tmp_path), "--labels", "wood"]) == 2
    assert "wood" in capsys.readouterr().err


def test_a_missing_mitsuba_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mitsuba", None)
    with pytest.raises(mitsuba_loader.RendererMissingError, match=r"smart-bin-sorter\[render\]"):
        mitsuba_loader.load_mitsuba()
