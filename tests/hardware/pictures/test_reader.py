"""Picture files of every kind are read alike: size, orientation, transparency, damage."""

import io
import itertools
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hardware.pictures.damage import finds_jpeg_damage
from hardware.pictures.errors import PictureFileError
from hardware.pictures.reader import NEUTRAL, read_rgb, read_rgba
from tests.builders.pictures import damaged_in_the_middle, item_picture, png_claiming, save

Image = pytest.importorskip("PIL.Image", reason="Pillow writes the odd files; it comes with the train extra")
ImageOps = pytest.importorskip("PIL.ImageOps")

GREEN = (10, 200, 30)
ORIENTATION = 0x0112


def half_clear(alpha: int = 0) -> np.ndarray[Any, Any]:
    """Green, its left half of this alpha, RGBA (32, 48, 4)."""
    rgba = np.full((32, 48, 4), (*GREEN, 255), np.uint8)
    rgba[:, :24, 3] = alpha
    return rgba


def written(path: Path, picture: Any, form: str, **options: Any) -> Path:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    path.write_bytes(buffer.getvalue())
    return path


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("GIF", {}),
        ("AVIF", {"quality": 95}),
        ("JPEG2000", {}),
    ],
)
def test_what_is_transparent_is_neutral_in_every_format(tmp_path: Path, form: str, options: dict[str, Any]) -> None:
    path = written(tmp_path / "x.any", Image.fromarray(half_clear()), form, **options)
    found = read_rgb(path)
    assert found[16, 4].tolist() == [NEUTRAL] * 3
    assert found[16, 40].tolist() == pytest.approx(GREEN, abs=3)
    rgba = read_rgba(path)
    assert rgba[16, 4, 3] == 0
    assert rgba[16, 40].tolist() == pytest.approx((*GREEN, 255), abs=3)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_half_transparent_colours_keep_their_hue(tmp_path: Path, form: str) -> None:
    """OpenCV darkens a TIFF's by their alpha channel."""
    path = written(tmp_path / "x.any", Image.fromarray(half_clear(128)), form)
    assert read_rgba(path)[16, 4].tolist() == pytest.approx((*GREEN, 128), abs=2)
    assert read_rgb(path)[16, 4].tolist() == pytest.approx([(colour + NEUTRAL) / 2 for colour in GREEN], abs=2)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_tiff_that_does_not_say_what_its_fourth_channel_is_keeps_its_colours(tmp_path: Path, depth: type) -> None:
    rgba = half_clear(128).astype(depth) * (257 if depth is np.uint16 else 1)
    assert read_rgba(save(tmp_path / "x.tif", rgba))[16, 4].tolist() == pytest.approx((*GREEN, 128), abs=1)


@pytest.mark.parametrize(("bits", "clear", "solid"), [(8, 7, 200), (1, 0, 1)])
def test_the_grey_level_that_a_png_names_transparent_is(tmp_path: Path, bits: int, clear: int, solid: int) -> None:
    grey = np.full((32, 48), solid, np.uint8)
    grey[:, :24] = clear
    picture = Image.fromarray(grey) if bits == 8 else Image.fromarray(grey * 255).convert("1")
    found = read_rgb(written(tmp_path / "x.png", picture, "PNG", transparency=clear))
    assert found[16, 4].tolist() == [NEUTRAL] * 3
    assert found[16, 40].tolist() == [solid if bits == 8 else 255] * 3


def test_grey_with_transparency_is_neutral_or_refused(tmp_path: Path) -> None:
    grey = Image.merge("LA", [Image.new("L", (48, 32), 200), Image.fromarray(half_clear()[..., 3])])
    found = read_rgb(written(tmp_path / "x.png", grey, "PNG"))
    assert found[16, 4].tolist() == [NEUTRAL] * 3
    assert found[16, 40].tolist() == [200] * 3
    for form in ("TIFF", "JPEG2000"):
        with pytest.raises(PictureFileError, match=r"x\.any: "):
            read_rgb(written(tmp_path / "x.any", grey, form))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "RGB"), *itertools.product(("PNG", "WEBP", "TIFF", "AVIF"), ("RGB", "RGBA"))]
)
def test_every_orientation_is_applied_in_every_format(tmp_path: Path, form: str, mode: str, orientation: int) -> None:
    corner = np.full((32, 48, 3), 240, np.uint8)
    corner[:12, :12] = (200, 30, 30)
    corner[20:, :12] = (30, 30, 200)
    picture = Image.fromarray(corner).convert(mode)
    exif = picture.getexif()
    exif[ORIENTATION] = orientation
    expected = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    exif[ORIENTATION] = orientation
    options = {"lossless": True} if form == "WEBP" else {"quality": 95}
    found = read_rgb(written(tmp_path / "x.any", picture, form, exif=exif, **options))
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).mean() < 4


@pytest.mark.parametrize("name", ["x.tif", "x.jpg", "x.png"])
@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_pixels_that_are_no_colours_are_refused_under_any_name(tmp_path: Path, name: str, kind: type) -> None:
    path = written(tmp_path / name, Image.fromarray(half_clear()[..., 1].astype(kind)), "TIFF")
    for read in (read_rgb, read_rgba):
        with pytest.raises(PictureFileError, match=rf"{name}: pixels of type {np.dtype(kind)}"):
            read(path)


def test_a_header_that_claims_too_much_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(png_claiming(20_000, 20_000))
    with pytest.raises(PictureFileError, match="20000x20000 pixels; expected at most 100000000 in all"):
        read_rgb(tmp_path / "x.png")


@pytest.mark.parametrize("chunk", [b"IDAT", b"IEND"])
def test_a_chunk_that_claims_more_than_the_file_has_is_refused_before_it_is_decoded(
    tmp_path: Path, chunk: bytes
) -> None:
    path = save(tmp_path / "x.png", item_picture())
    content = path.read_bytes()
    at = content.index(chunk) - 4
    path.write_bytes(content[:at] + b"\xf0\x00\x00\x00" + content[at + 4 :])
    with pytest.raises(PictureFileError, match="the PNG is truncated"):
        read_rgb(path)


def test_notes_behind_a_png_are_no_damage(tmp_path: Path) -> None:
    path = save(tmp_path / "x.png", item_picture())
    path.write_bytes(path.read_bytes() + bytes(300_000))
    assert read_rgb(path).shape == (240, 320, 3)


def test_a_file_too_large_to_be_a_picture_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "x.png").open("wb") as file:
        file.truncate(500_000_000)  # takes no room on the disk
    with pytest.raises(PictureFileError, match="too large: 500000000 bytes"):
        read_rgb(tmp_path / "x.png")


def test_a_pipe_under_a_pictures_name_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.jpg")
    with pytest.raises(PictureFileError, match="not a file but a pipe"):
        read_rgb(tmp_path / "x.jpg")


@pytest.mark.skipif(not finds_jpeg_damage(), reason="simplejpeg is not installed")
@pytest.mark.parametrize("options", [[], [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]])
def test_a_jpeg_damaged_in_the_middle_is_refused_unless_it_is_to_be_kept(tmp_path: Path, options: list[int]) -> None:
    noise = cv2.resize(np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8), (320, 240))
    whole = save(tmp_path / "x.jpg", noise, *options)
    assert read_rgb(whole).shape == (240, 320, 3)
    whole.write_bytes(damaged_in_the_middle(whole.read_bytes()))
    with pytest.raises(PictureFileError, match=r"x\.jpg: the JPEG is damaged \(.+\); copy it again"):
        read_rgb(whole)
    assert read_rgb(whole, keep_damaged=True).shape == (240, 320, 3)


@pytest.mark.skipif(not finds_jpeg_damage(), reason="simplejpeg is not installed")
def test_a_jpeg_whose_header_has_lost_its_colours_is_no_picture(tmp_path: Path) -> None:
    path = save(tmp_path / "photo.jpg", item_picture())
    content = path.read_bytes()
    frame = content.index(b"\xff\xc0")
    path.write_bytes(content[:frame] + bytes(4) + content[frame + 4 :])
    with pytest.raises(PictureFileError):
        read_rgb(path)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_whole_jpegs_of_every_colour_space_are_no_damage(tmp_path: Path, mode: str) -> None:
    picture = Image.fromarray(item_picture()).convert(mode)
    assert read_rgb(written(tmp_path / "x.jpg", picture, "JPEG")).shape == (240, 320, 3)


class HeicPackage:
    """A package that reads HEIC."""

    def __init__(self, pixels: np.ndarray[Any, Any] | None, size: tuple[int, int] = (48, 32)) -> None:
        self._pixels, self._size = pixels, size

    def open_heif(self, content: bytes, *, convert_hdr_to_8bit: bool) -> "HeicPackage":
        if self._pixels is None:
            raise IndexError("no image\nin it")
        return self

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    def __array__(self, *_: object, **__: object) -> np.ndarray[Any, Any]:
        assert self._pixels is not None
        return self._pixels


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"


def test_heic_names_the_package_that_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "IMG_1.HEIC").write_bytes(HEIC)
    monkeypatch.setattr("hardware.pictures.heic.PACKAGES", ("no_such_package",))
    with pytest.raises(PictureFileError, match=r"IMG_1\.HEIC: HEIC needs the package pillow-heif"):
        read_rgb(tmp_path / "IMG_1.HEIC")


def test_heic_is_read_where_a_package_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.heic").write_bytes(HEIC)

    def installed(package: HeicPackage) -> None:
        monkeypatch.setattr("hardware.pictures.heic._package", lambda: package)

    installed(HeicPackage(half_clear()))
    assert read_rgb(tmp_path / "x.heic")[16, 4].tolist() == [NEUTRAL] * 3
    installed(HeicPackage(half_clear()[..., 1]))
    assert read_rgb(tmp_path / "x.heic").shape == (32, 48, 3)
    for package, message in (
        (HeicPackage(None), "the HEIC cannot be decoded: no image in it"),
        (HeicPackage(half_clear(), (20_000, 20_000)), "20000x20000 pixels"),
    ):
        installed(package)
        with pytest.raises(PictureFileError, match=message):
            read_rgb(tmp_path / "x.heic")


def test_real_heic_is_read_and_turned(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif", reason="pillow-heif is not installed")
    file = heif.from_pillow(Image.fromarray(np.full((32, 48, 3), GREEN, np.uint8)))
    file.save(tmp_path / "x.heic", quality=95)
    assert read_rgb(tmp_path / "x.heic")[16, 24].tolist() == pytest.approx(GREEN, abs=6)
