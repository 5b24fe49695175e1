"""The file of a head: what was written is read, and what is no sound head is refused with the reason."""

import io
import json
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.errors import InputMissingError, ModelError
from edge.inference.head_file import MOST_BYTES, read_head, write_head
from edge.inference.nearness import TaughtPictures
from tests.builders.heads import NUMBERS, SPEC, direction, make_head
from tests.paths import FORMATS


def changed(path: Path, name: str, content: bytes) -> None:
    """Replace one entry of the archive."""
    with zipfile.ZipFile(path) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for entry, old in entries.items():
            archive.writestr(entry, content if entry == name else old)


def npy(array: np.ndarray) -> bytes:
    part = io.BytesIO()
    np.save(part, array)
    return part.getvalue()


FIRST_FORMAT = FORMATS / "1.head"
"""A head as the release before wrote it."""

HEADER = npy(np.zeros((NUMBERS, 3), np.float32))[: -NUMBERS * 3 * 4]
"""What stands before the numbers of weights."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    golden = np.stack([direction(0), direction(1)])
    head = make_head()
    write_head(
        tmp_path / "a.head",
        replace(head, golden_features=golden, golden_probabilities=head.probabilities(SPEC.real(golden))),
    )
    return tmp_path / "a.head"


def test_a_head_that_is_read_answers_as_the_one_that_was_written(path: Path) -> None:
    head, features = read_head(path), SPEC.real(direction(1))
    answer = head.predict(features)
    assert answer.probabilities.tolist() == make_head().predict(features).probabilities.tolist()
    assert answer.nearness == pytest.approx(1.0)
    assert head.manifest == make_head().manifest
    head.check_golden(SPEC)


def test_what_a_head_does_not_use_is_not_written(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert "transferred" not in json.loads(archive.read("head.json"))


def test_a_head_that_answers_otherwise_than_its_golden_looks_say_is_refused(path: Path) -> None:
    head = read_head(path)
    with pytest.raises(ModelError, match="golden looks differ by"):
        replace(head, weights=head.weights[:, ::-1].copy()).check_golden(SPEC)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("weights.npy", npy(np.zeros((NUMBERS, 2), np.float32)), r"weights: expected float32 \(8, 3\)"),
        ("weights.npy", npy(np.full((NUMBERS, 3), np.nan, np.float32)), "weights: expected finite numbers"),
        ("weights.npy", npy(np.zeros((NUMBERS, 3), np.float64)), "weights: expected float32, got <f8"),
        ("weights.npy", npy(np.array([{}], object)), r"weights: expected float32, got \|O"),
        ("weights.npy", HEADER.replace(b"}", b"("), "expected an array of numbers in NumPy's format"),
        ("weights.npy", HEADER.replace(b"(8, 3), }" + b" " * 12, b"(9999999999999, 3), }"), "its shape is"),
        ("weights.npy", HEADER, "has 0 bytes of numbers"),
        ("space_rows.npy", npy(np.zeros((0, NUMBERS), np.float16)), "space"),
        ("golden_features.npy", npy(np.zeros((2, 3), np.int8)), "golden_features"),
        ("head.json", b'{"format": 3}', "format"),
        ("head.json", b"nonsense", "manifest is invalid"),
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(path: Path, name: str, content: bytes, reason: str) -> None:
    changed(path, name, content)
    with pytest.raises(ModelError, match=reason):
        read_head(path)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (["a" * 256, "metal", "cup"], "labels.0: .* at most 255"),
        (["glass", "", "cup"], "labels.1: .* at least 1"),
        (["glass", "metal", "two\nlines"], "labels.2: .* no line breaks or control characters"),
        ([str(number) for number in range(1001)], "labels: .* at most 1000"),
        (["glass", "metal", "glass"], "each one once"),
    ],
)
def test_labels_are_bounded(path: Path, labels: list[str], reason: str) -> None:
    changed(path, "head.json", json.dumps(make_head().manifest.model_dump() | {"labels": labels}).encode())
    with pytest.raises(ModelError, match=reason):
        read_head(path)


def test_a_file_that_is_cut_foreign_or_too_large_is_refused(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    for content in (whole[:-30], b"", b"PK\x05\x06" + b"\0" * 18, b"\0" * (MOST_BYTES + 1)):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="expected"):
            read_head(path)
    with pytest.raises(InputMissingError, match="no such file"):
        read_head(tmp_path / "none.head")
    with pytest.raises(InputMissingError, match="folder"):
        read_head(tmp_path)


def test_an_array_may_be_stored_column_by_column(path: Path) -> None:
    before = read_head(path)
    changed(path, "weights.npy", npy(np.asfortranarray(before.weights)))
    assert read_head(path).weights.tolist() == before.weights.tolist()


def test_a_damaged_header_of_an_array_is_refused_whatever_bit_is_wrong(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        weights = archive.read("weights.npy")
    for bit in range(8 * len(HEADER)):
        damaged = bytearray(weights)
        damaged[bit // 8] ^= 1 << bit % 8
        changed(path, "weights.npy", bytes(damaged))
        with suppress(ModelError):
            assert read_head(path).weights.shape == (NUMBERS, 3)


def test_a_head_is_not_written_over_a_device_and_what_hinders_it_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ModelError, match=r"/dev/null is a device"):
        write_head(Path("/dev/null"), make_head())
    with pytest.raises(ModelError, match=r"folder: cannot be written: Is a directory"):
        write_head(folder, make_head())
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_head_that_would_be_too_large_is_not_written(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).standard_normal((MOST_BYTES // NUMBERS, NUMBERS)).astype(np.float32)
    with pytest.raises(ModelError, match="drop some labels"):
        write_head(tmp_path / "a.head", replace(read_head(FIRST_FORMAT), nearness=TaughtPictures(noise)))
    assert not list(tmp_path.iterdir())


def test_a_head_of_the_first_format_answers_as_it_did_and_is_written_again(tmp_path: Path) -> None:
    head = read_head(FIRST_FORMAT)
    assert head.manifest == make_head().manifest.model_copy(update={"format": 1})
    for features, nearness in ((direction(1), 1.0), (direction(5), 0.0), (direction(1) + direction(5), 0.5**0.5)):
        assert head.predict(SPEC.real(features)).nearness == pytest.approx(nearness, abs=1e-6)
    assert head.predict(SPEC.real(direction(1))).probabilities.argmax() == 1
    with pytest.raises(ValueError, match="expected a space"):
        replace(head, manifest=make_head().manifest)
    write_head(tmp_path / "again.head", head)
    assert read_head(tmp_path / "again.head").nearness.rows.tolist() == head.nearness.rows.tolist()


@pytest.mark.parametrize("name", ["space_offset.npy", "space_directions.npy"])
@pytest.mark.parametrize("shape", [(2,), (3, 2), (0, 3)])
def test_a_space_whose_parts_do_not_fit_is_refused(path: Path, name: str, shape: tuple[int, ...]) -> None:
    changed(path, name, npy(np.zeros(shape, np.float32)))
    with pytest.raises(ModelError, match="space: expected"):
        read_head(path)
    changed(path, name, npy(np.full((3,) if "offset" in name else (3, 3), np.inf, np.float32)))
    with pytest.raises(ModelError, match="space: expected finite"):
        read_head(path)
