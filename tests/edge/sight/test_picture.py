"""Image files: every kind is read as 8-bit RGB, and errors name the file."""

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import InputMissingError, PictureError
from edge.sight.picture import find_pictures, read_picture
from edge.sight.view import NEUTRAL
from tests.builders.pictures import CMYK_JPEG, item_picture, save, tray_picture


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tif", ".avif", ".jp2"])
def test_every_format_comes_back_as_rgb(tmp_path: Path, suffix: str) -> None:
    pixels = item_picture()
    found = read_picture(save(tmp_path / f"x{suffix}", pixels))
    assert found.shape == pixels.shape
    assert found.dtype == np.uint8
    assert found[120, 160].tolist() == pytest.approx([190, 40, 40], abs=12)


@settings(max_examples=25)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 999))
def test_png_is_exact_at_any_size(tmp_path_factory: pytest.TempPathFactory, width: int, height: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    path = save(tmp_path_factory.mktemp("p") / "x.png", pixels)
    assert np.array_equal(read_picture(path), pixels)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (10_000, 200), (200, 10_000)])
def test_extreme_sizes_are_read(tmp_path: Path, width: int, height: int) -> None:
    path = save(tmp_path / "x.png", np.full((height, width, 3), 9, np.uint8))
    assert read_picture(path).shape == (height, width, 3)


def test_grey_becomes_rgb(tmp_path: Path) -> None:
    grey = tray_picture()[..., 0]
    for name in ("x.png", "x.jpg"):
        found = read_picture(save(tmp_path / name, grey))
        assert found.shape == (240, 320, 3)
        assert np.array_equal(found[..., 0], found[..., 2])
        assert np.abs(found[..., 0].astype(int) - grey).mean() < 2


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bits_become_8(tmp_path: Path, channels: int) -> None:
    pixels = item_picture()
    deep = pixels.astype(np.uint16) * 257
    if channels == 1:
        deep = deep[..., 0]
    if channels == 4:
        deep = np.dstack([deep, np.full(deep.shape[:2], 65535, np.uint16)])
    found = read_picture(save(tmp_path / "x.png", deep))
    assert found.dtype == np.uint8
    assert found.shape == pixels.shape
    expected = np.repeat(pixels[..., :1], 3, axis=2) if channels == 1 else pixels
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_cmyk_becomes_rgb_and_is_not_inverted(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(CMYK_JPEG)
    found = read_picture(tmp_path / "x.jpg")
    assert found.shape == (16, 16, 3)
    red, blue = found[8, 3].astype(int), found[8, 12].astype(int)
    assert red[0] > 150 > 100 > max(red[1:])
    assert blue[2] > 150 > 100 > max(blue[:2])


@pytest.mark.parametrize("name", ["x.png", "x.webp"])
def test_what_is_transparent_becomes_neutral(tmp_path: Path, name: str) -> None:
    rgba = np.zeros((32, 32, 4), np.uint8)
    rgba[..., :3] = (10, 200, 30)
    rgba[:, 16:, 3] = 255
    found = read_picture(
        save(tmp_path / name, rgba, *([cv2.IMWRITE_WEBP_QUALITY, 101] if name.endswith("webp") else []))
    )
    assert found[16, 4].tolist() == pytest.approx([NEUTRAL] * 3, abs=1)
    assert found[16, 28].tolist() == pytest.approx([10, 200, 30], abs=1)


def jpeg(pixels: np.ndarray | None = None) -> bytes:
    ok, encoded = cv2.imencode(".jpg", item_picture() if pixels is None else pixels)
    assert ok
    return encoded.tobytes()


def with_preview(content: bytes) -> bytes:
    """A JPEG as cameras write it: with a small one inside its EXIF header."""
    preview = b"Exif\x00\x00" + jpeg(item_picture(width=80, height=60))
    return content[:2] + b"\xff\xe1" + struct.pack(">H", len(preview) + 2) + preview + content[2:]


def test_exif_turns_are_applied(tmp_path: Path) -> None:
    turned = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
    content = jpeg()
    segment = b"\xff\xe1" + struct.pack(">H", len(turned) + 2) + turned
    (tmp_path / "x.jpg").write_bytes(content[:2] + segment + content[2:])
    assert read_picture(tmp_path / "x.jpg").shape == (320, 240, 3)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.999])
@pytest.mark.parametrize("preview", [False, True])
def test_a_jpeg_cut_short_is_refused(tmp_path: Path, share: float, preview: bool) -> None:
    """The decoder would fill the rest with grey; and the preview's end marker is not the picture's."""
    content = with_preview(jpeg()) if preview else jpeg()
    (tmp_path / "x.jpg").write_bytes(content[: int(share * len(content))])
    with pytest.raises(PictureError, match=r"x\.jpg: the JPEG is truncated"):
        read_picture(tmp_path / "x.jpg")


@pytest.mark.parametrize("tail", [b"", b"\n", bytes(300_000)])
def test_notes_behind_a_jpeg_are_no_damage(tmp_path: Path, tail: bytes) -> None:
    """Phones append a film."""
    (tmp_path / "x.jpg").write_bytes(with_preview(jpeg()) + tail)
    assert read_picture(tmp_path / "x.jpg").shape == (240, 320, 3)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".bmp", ".tif"])
@pytest.mark.parametrize("share", [0.1, 0.7])
def test_other_formats_cut_short_are_refused(tmp_path: Path, suffix: str, share: float) -> None:
    path = save(tmp_path / f"x{suffix}", item_picture())
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(PictureError, match=r"/x\."):
        read_picture(path)


@settings(max_examples=60)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\xff\xd8", b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x00\x00\x00WEBP", b"BM"]),
)
def test_any_bytes_are_refused_by_name(tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes) -> None:
    path = tmp_path_factory.mktemp("p") / "x.jpg"
    path.write_bytes(start + content)
    with pytest.raises(PictureError) as caught:
        read_picture(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_picture_too_large_for_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That it is refused before it is decoded is tested with the whole program, in test_bad_input.py."""
    monkeypatch.setattr("hardware.pictures.reader.MAX_PIXELS", 320 * 240 - 1)
    with pytest.raises(PictureError, match=r"x\.png: too large: 320x240 pixels; expected at most 76799"):
        read_picture(save(tmp_path / "x.png", item_picture()))


def test_a_missing_file_and_a_folder_are_reported(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(PictureError, match=f"{path}: cannot be read"):
            read_picture(path)


def test_pictures_are_found_recursively_sorted_and_by_suffix(tmp_path: Path) -> None:
    for name in ("b.JPG", "a/c.png", "a/.hidden.png", "notes.txt", "d.webp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "folder.jpg").mkdir()
    assert find_pictures(tmp_path) == [tmp_path / "a" / "c.png", tmp_path / "b.JPG", tmp_path / "d.webp"]
    assert find_pictures(tmp_path / "notes.txt") == [tmp_path / "notes.txt"], (
        "a file that is named is taken at its word"
    )


def test_a_folder_without_pictures_and_no_folder_are_missing_inputs(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match=r"no images in this folder.*\.jpg"):
        find_pictures(tmp_path)
    with pytest.raises(InputMissingError, match="none: no such file or folder"):
        find_pictures(tmp_path / "none")
