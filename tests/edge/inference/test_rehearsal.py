"""Rehearsal: travels in the model file, is read only when asked for, and nothing damaged is taken for it."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge.errors import InputMissingError, ModelError
from edge.inference.bundle import MANIFEST_NAME, REHEARSAL_NAME, Bundle, read_bundle, write_bundle
from edge.inference.rehearsal import TYPICAL_PICTURES, Rehearsal
from tests.paths import FORMATS

TINY = FORMATS / "2.tflite"


@pytest.fixture
def rehearsal() -> Rehearsal:
    features = np.random.default_rng(0).integers(-128, 128, (5, 26)).astype(np.int8)
    return Rehearsal(features, np.array([0, 1, 1, 0, 1], np.int64))


@pytest.fixture
def bundle(tmp_path: Path, rehearsal: Rehearsal) -> Bundle:
    tiny = read_bundle(TINY)
    write_bundle(tmp_path / "m.tflite", tiny.flatbuffer, tiny.manifest, rehearsal)
    return read_bundle(tmp_path / "m.tflite")


def with_entries(bundle: Bundle, content: bytes) -> None:
    """The bundle's file with another rehearsal beside the same manifest."""
    with zipfile.ZipFile(bundle.path) as archive:
        manifest = archive.read(MANIFEST_NAME)
    bundle.path.write_bytes(bundle.flatbuffer)
    with zipfile.ZipFile(bundle.path, "a") as archive:
        archive.writestr(MANIFEST_NAME, manifest)
        archive.writestr(REHEARSAL_NAME, content)


def test_the_first_pictures_of_each_label_are_the_typical_ones() -> None:
    labels = np.array([0] * (TYPICAL_PICTURES + 3) + [1, 0, 1], np.int64)
    features = np.arange(len(labels), dtype=np.int8)[:, np.newaxis]
    typical = Rehearsal(features, labels).typical()
    assert typical.features[:, 0].tolist() == [*range(TYPICAL_PICTURES), TYPICAL_PICTURES + 3, TYPICAL_PICTURES + 5]
    assert typical.labels.tolist() == [0] * TYPICAL_PICTURES + [1, 1]


def test_it_is_read_back_as_it_was_written(bundle: Bundle, rehearsal: Rehearsal) -> None:
    read = bundle.rehearsal()
    assert read is not None
    np.testing.assert_array_equal(read.features, rehearsal.features)
    np.testing.assert_array_equal(read.labels, rehearsal.labels)


def test_a_bundle_written_without_one_has_none(bundle: Bundle) -> None:
    write_bundle(bundle.path, bundle.flatbuffer, bundle.manifest)
    without = read_bundle(bundle.path)
    assert without.manifest.rehearsal is None
    assert without.rehearsal() is None
    with zipfile.ZipFile(bundle.path) as archive:
        assert REHEARSAL_NAME not in archive.namelist()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda content: content[:-1], "has 139 bytes, expected 140"),
        (lambda content: content[:-1] + bytes([content[-1] ^ 1]), "damaged: its SHA-256"),
        (lambda content: content + b"x", "unpacks to 141 bytes, expected at most 140"),
        (lambda content: content + bytes(10_000_000), "unpacks to 10000140 bytes"),
    ],
    ids=["cut", "a bit", "longer", "much longer"],
)
def test_a_damaged_one_is_refused(
    bundle: Bundle, rehearsal: Rehearsal, change: Callable[[bytes], bytes], text: str
) -> None:
    with_entries(bundle, change(rehearsal.to_bytes()))
    assert read_bundle(bundle.path).manifest == bundle.manifest, "who does not need it is not stopped by it"
    with pytest.raises(ModelError, match=text):
        bundle.rehearsal()


def test_a_label_that_the_manifest_lacks_is_refused(tmp_path: Path, rehearsal: Rehearsal) -> None:
    tiny = read_bundle(TINY)
    write_bundle(
        tmp_path / "m.tflite", tiny.flatbuffer, tiny.manifest, Rehearsal(rehearsal.features, rehearsal.labels + 1)
    )
    with pytest.raises(ModelError, match="its rehearsal has label 2, the manifest has 2"):
        read_bundle(tmp_path / "m.tflite").rehearsal()


def test_a_file_that_is_gone_is_told(bundle: Bundle) -> None:
    bundle.path.unlink()
    with pytest.raises(InputMissingError, match=r"m\.tflite: no such file"):
        bundle.rehearsal()


def test_shapes_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="rehearsal"):
        Rehearsal(np.zeros((2, 3), np.int8), np.zeros(3, np.int64))
