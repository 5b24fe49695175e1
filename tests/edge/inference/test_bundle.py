"""The model file: one flatbuffer with its manifest; errors give the reason."""

import io
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.cli import main
from edge.errors import InputMissingError, ModelError
from edge.inference.bundle import LABELS_NAME, MANIFEST_NAME, MOST_BYTES, read_bundle, write_bundle
from tests.builders.models import NO_MODEL, make_manifest
from tests.builders.values import LABELS


@pytest.fixture
def bundle_file(tmp_path: Path) -> Path:
    path = tmp_path / "model.tflite"
    write_bundle(path, NO_MODEL, make_manifest(sha256="0" * 64))
    return path


def append_zip(path: Path, entries: dict[str, str], flatbuffer: bytes = NO_MODEL) -> Path:
    buffer = io.BytesIO(flatbuffer)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    path.write_bytes(buffer.getvalue())
    return path


def with_manifest(path: Path, **changes: Any) -> Path:
    return append_zip(path, {MANIFEST_NAME: json.dumps(make_manifest().model_dump(mode="json") | changes)})


@given(st.binary(min_size=0, max_size=3000))
@settings(max_examples=30)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, tail: bytes) -> None:
    path = tmp_path_factory.mktemp("bundle") / "m.tflite"
    flatbuffer = b"\x1c\x00\x00\x00TFL3" + tail
    manifest = make_manifest(flatbuffer, temperature=1.7)
    write_bundle(path, flatbuffer, manifest)
    bundle = read_bundle(path)
    assert (bundle.path, bundle.flatbuffer, bundle.manifest) == (path, flatbuffer, manifest)


def test_the_checksum_is_set_when_written(bundle_file: Path) -> None:
    assert read_bundle(bundle_file).manifest == make_manifest(NO_MODEL)


def test_any_zip_tool_lists_the_manifest_and_the_labels(bundle_file: Path) -> None:
    with zipfile.ZipFile(bundle_file) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [MANIFEST_NAME, LABELS_NAME]
        assert archive.read(LABELS_NAME).decode().split() == list(LABELS)
    assert bundle_file.read_bytes().startswith(NO_MODEL)


def test_the_same_model_makes_the_same_file(bundle_file: Path, tmp_path: Path) -> None:
    write_bundle(tmp_path / "again.tflite", NO_MODEL, make_manifest())
    assert (tmp_path / "again.tflite").read_bytes() == bundle_file.read_bytes()


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    bundle_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bundle_file.read_bytes()

    def fail(source: str, target: Path) -> None:
        raise OSError("no room")

    monkeypatch.setattr("edge.inference.bundle.os.replace", fail)
    with pytest.raises(OSError, match="no room"):
        write_bundle(bundle_file, NO_MODEL + b"new", make_manifest())
    assert bundle_file.read_bytes() == before
    assert list(bundle_file.parent.iterdir()) == [bundle_file]


def test_a_missing_file_and_a_folder_are_missing_inputs(tmp_path: Path) -> None:
    for path in (tmp_path / "none.tflite", tmp_path):
        with pytest.raises(InputMissingError, match=f"model {path}: (no such file|is a folder)"):
            read_bundle(path)


@pytest.mark.parametrize("content", [b"", b"TFL3", b"just text in a file named .tflite", b"PK\x03\x04" + bytes(100)])
def test_what_is_not_tflite_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.tflite: not a TFLite file"):
        read_bundle(path)


def test_a_foreign_tflite_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.tflite"
    path.write_bytes(NO_MODEL)
    with pytest.raises(ModelError, match=r"foreign\.tflite: it contains no manifest\.json"):
        read_bundle(path)
    append_zip(path, {"labels.txt": "cat\ndog\n"})  # as TensorFlow's metadata writer does
    with pytest.raises(ModelError, match=r"foreign\.tflite: it contains no manifest\.json"):
        read_bundle(path)


def test_a_model_cut_short_anywhere_is_refused(bundle_file: Path, tmp_path: Path) -> None:
    content = bundle_file.read_bytes()
    path = tmp_path / "cut.tflite"
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(ModelError, match=r"cut\.tflite"):
            read_bundle(path)


@settings(max_examples=150)
@given(st.data())
def test_a_changed_byte_is_noticed_or_harmless(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """No damage makes anything but a ModelError, and none makes another model."""
    path = tmp_path_factory.mktemp("bundle") / "m.tflite"
    write_bundle(path, NO_MODEL, make_manifest())
    content = bytearray(path.read_bytes())
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[position] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        bundle = read_bundle(path)
    except ModelError as refused:
        text = str(refused)
    else:
        assert bundle.flatbuffer == NO_MODEL
        return
    assert str(path) in text
    assert "\n" not in text


def test_a_flipped_bit_in_the_model_is_damage(bundle_file: Path) -> None:
    content = bytearray(bundle_file.read_bytes())
    content[100] ^= 1
    bundle_file.write_bytes(content)
    with pytest.raises(ModelError, match=r"damaged.*SHA-256"):
        read_bundle(bundle_file)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"labels": ["one"]}, "labels"),
        ({"labels": ["a", "a"]}, "expected each one once"),
        ({"bins": {"cake": "x"}}, "cake"),
        ({"temperature": 0}, "temperature.*greater than 0"),
        ({"format": 0}, "format"),
        ({"sha256": "x"}, "sha256"),
        ({"view": {"size": 5}}, r"view\.size"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused_with_its_key(
    tmp_path: Path, changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(ModelError, match=rf"m\.tflite: its manifest is invalid: .*{text}") as caught:
        read_bundle(with_manifest(tmp_path / "m.tflite", **changes))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"format": 1'])
def test_a_manifest_that_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ModelError, match="manifest"):
        read_bundle(append_zip(tmp_path / "m.tflite", {MANIFEST_NAME: text}))


COSTLY = {
    "manifest": ({MANIFEST_NAME: " " * 20_000_000}, "unpacks to 20000000 bytes"),
    "labels": ({MANIFEST_NAME: '{"labels": [' + "1," * 60_000 + "1]}"}, "labels"),
    "brackets": ({MANIFEST_NAME: '{"labels": ' + "[" * 200_000}, "recursion"),
    "entries": ({str(number): "" for number in range(5_000)}, "more than 100 entries"),
}
"""Entries of an archive that cost more than they look."""

SOON_S = 15.0
"""Processor time that refusing one may take on a slow and busy machine, in seconds: unpacked and read, it would be minutes."""


@pytest.mark.parametrize(("entries", "reason"), COSTLY.values(), ids=COSTLY.keys())
def test_a_small_model_file_that_unpacks_to_much_ends_with_65_soon(
    entries: dict[str, str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.tflite"
    with path.open("wb") as file:
        file.write(NO_MODEL)
        with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
            for name, text in entries.items():
                archive.writestr(name, text)
    begun_s = time.process_time()
    assert main(["model", "info", str(path)]) == 65
    assert time.process_time() - begun_s < SOON_S
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line


def test_a_model_file_larger_than_any_model_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "m.tflite"
    path.write_bytes(NO_MODEL)
    os.truncate(path, MOST_BYTES + 1)
    with pytest.raises(ModelError, match=f"has {MOST_BYTES + 1} bytes, expected at most {MOST_BYTES}"):
        read_bundle(path)
