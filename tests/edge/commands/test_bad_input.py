"""Bad input on the command line: one clear line that names the file or the key, the right exit code, no data lost.

Exit codes after sysexits.h: 1 some of it failed, 65 bad data, 66 missing input, 69 unavailable, 74 input/output, 78
configuration.
"""

import json
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from edge.cli import main
from edge.inference.bundle import MANIFEST_NAME, read_bundle, write_bundle
from edge.inference.manifest import Manifest
from edge.records.event_log import EventLog
from hardware.pictures.folder import suffix_names
from tests.builders.configuration import config_tree, write_config
from tests.builders.models import NO_MODEL, make_manifest
from tests.builders.pictures import CMYK_JPEG, Pixels, item_picture, png_claiming, save, tray_picture
from tests.builders.sprites import make_sprites
from tests.builders.values import make_event
from tests.paths import ROOT
from tests.processes import run_sorter

Capture = pytest.CaptureFixture[str]


def error_of(capsys: Capture, code: int, *arguments: str | Path) -> str:
    """Run a command that must fail with ``code``: its one line, without the prefix."""
    assert main([str(argument) for argument in arguments]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("sorter: error: ")
    return line.removeprefix("sorter: error: ")


def errors_of(capsys: Capture, code: int, *arguments: str | Path) -> list[str]:
    """As ``error_of``, of a command that finds several things wrong: a line each."""
    assert main([str(argument) for argument in arguments]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    return [line.removeprefix("sorter: error: ") for line in captured.err.splitlines()]


# --- models -----------------------------------------------------------------------------------------------------------


def text_model(path: Path, model: Path) -> None:
    path.write_text("this is no model\n")


def empty_model(path: Path, model: Path) -> None:
    path.touch()


def truncated_model(path: Path, model: Path) -> None:
    path.write_bytes(model.read_bytes()[:100_000])


def foreign_model(path: Path, model: Path) -> None:
    path.write_bytes(read_bundle(model).flatbuffer)


def damaged_model(path: Path, model: Path) -> None:
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def rubbish_model(path: Path, model: Path) -> None:
    write_bundle(path, NO_MODEL, make_manifest())


def half_model(path: Path, model: Path) -> None:
    bundle = read_bundle(model)
    write_bundle(path, bundle.flatbuffer[: len(bundle.flatbuffer) // 2], bundle.manifest)


def model_with_other_labels(path: Path, model: Path) -> None:
    bundle = read_bundle(model)
    write_bundle(path, bundle.flatbuffer, _relabelled(bundle.manifest))


def _relabelled(manifest: Manifest) -> Manifest:
    return manifest.model_copy(update={"labels": ("a", "b"), "bins": {}, "bin_confidence": {}})


BAD_MODELS = [
    (text_model, "not a TFLite file"),
    (empty_model, "not a TFLite file"),
    (truncated_model, f"it contains no {MANIFEST_NAME}"),
    (foreign_model, f"it contains no {MANIFEST_NAME}"),
    (damaged_model, "SHA-256"),
    (rubbish_model, "refuses it"),
    (half_model, "refuses it"),
    (model_with_other_labels, "output shape"),
]


@pytest.mark.parametrize(("make", "text"), BAD_MODELS)
@pytest.mark.parametrize("command", ["model info", "classify", "run"])
def test_a_model_that_is_none_is_reported(
    model_file: Path,
    config_file: Path,
    tmp_path: Path,
    capsys: Capture,
    make: Callable[[Path, Path], None],
    text: str,
    command: str,
) -> None:
    path = tmp_path / "mine.tflite"
    make(path, model_file)
    picture = save(tmp_path / "p.png", item_picture())
    arguments: dict[str, list[str | Path]] = {
        "model info": ["model", "info", path],
        "classify": ["classify", picture, "--model", path, "--config", config_file],
        "run": ["run", "--config", config_file, "--set", f"model.file={path}"],
    }
    line = error_of(capsys, 65, *arguments[command])
    assert line.startswith(f"model {path}: ")
    assert text in line


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_names_with_escape_codes_do_not_reach_the_terminal(
    config_file: Path, tmp_path: Path, capsys: Capture, more: list[str]
) -> None:
    name = "a\x1b]0;owned\x07\x1b[2J\x9b[/]"
    save(tmp_path / f"{name}.png", item_picture())
    (tmp_path / f"{name}2.jpg").write_text("no picture")
    assert main(["classify", str(tmp_path), "--config", str(config_file), *more]) == 1
    captured = capsys.readouterr()
    for code in ("\x1b", "\x07", "\x9b"):
        assert code not in captured.out + captured.err
    assert "owned" in captured.out
    assert more or r"\x1b]0;owned\x07" in captured.err


def test_a_missing_model_is_reported(config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "none.tflite"
    for arguments in (["model", "info", path], ["run", "--config", config_file, "--set", f"model.file={path}"]):
        assert error_of(capsys, 66, *arguments).startswith(f"model {path}: no such file")


@pytest.mark.parametrize(
    ("instead", "hint"),
    [({}, "add it to decision.labels"), ({"metall": "packaging"}, "did you misspell it as metall?")],
)
def test_a_label_of_the_model_without_a_bin_is_reported(
    model_file: Path, tmp_path: Path, capsys: Capture, instead: dict[str, str], hint: str
) -> None:
    tree = config_tree()
    del tree["decision"]["labels"]["metal"]
    tree["decision"]["labels"] |= instead
    tree["simulation"]["photos"] = str(make_sprites(tmp_path / "sprites"))
    config = tmp_path / "c.yaml"
    config.write_text(yaml.safe_dump(tree, sort_keys=False))
    line = error_of(capsys, 78, "run", "--config", config)
    assert line == f"decision.labels: the model knows metal, which has no bin; {hint}"


# --- configuration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "expected sections"),
        (b"- camera\n", "got list"),
        (b"\xff\xfea", "looks like UTF-16 and is damaged"),
        ("# Gehäuse\n".encode("latin-1"), "line 1 is not UTF-8: byte 0xe4"),
        (b"camera: {kind: sim\n", "not valid YAML"),
        (b"tray: {}\ntray: {}\n", "duplicate key 'tray'"),
        (b"? [a]\n: b\n", "not valid YAML"),
        (b"a: 2026-13-45\n", "not valid YAML"),
        (b'"two\\nlines": 1\n', "two lines: unknown key"),
    ],
)
@pytest.mark.parametrize("command", ["run", "events"])
def test_a_file_that_is_no_configuration_is_reported(
    tmp_path: Path, capsys: Capture, content: bytes, text: str, command: str
) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(content)
    lines = errors_of(capsys, 78, command, "--config", path)
    assert all(line.startswith(f"configuration {path}:") for line in lines)
    assert sum(text in line for line in lines) == 1


def test_unknown_keys_are_reported(tmp_path: Path, capsys: Capture) -> None:
    path = write_config(tmp_path / "c.yaml", {"camera": {"fsp": 30}, "kamera": {"fps": 30}})
    camera, kamera = errors_of(capsys, 78, "run", "--config", path)
    assert "camera.fsp: unknown key; did you mean fps?" in camera
    assert "kamera: unknown key; did you mean camera?" in kamera
    assert "--set camera.fsp=3: camera.fsp: unknown key" in error_of(
        capsys, 78, "run", "--config", ROOT / "config.yaml", "--set", "camera.fsp=3"
    )


def test_a_missing_configuration_is_reported(tmp_path: Path, capsys: Capture) -> None:
    assert "none.yaml: no such file" in error_of(capsys, 66, "run", "--config", tmp_path / "none.yaml")


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_nothing_to_classify_is_reported(model_file: Path, config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "notes.txt").write_text("no picture")
    assert f"{folder}: no images in this folder" in error_of(capsys, 66, "classify", folder, "--config", config_file)
    missing = tmp_path / "none.jpg"
    assert f"{missing}: no such file" in error_of(capsys, 66, "classify", missing, "--config", config_file)


def odd_pictures(folder: Path) -> list[str]:
    """Pictures that are unusual and must be read."""
    pixels = item_picture()
    odd: dict[str, Pixels | np.ndarray] = {
        "1x1.png": np.full((1, 1, 3), 200, np.uint8),
        "1x1.jpg": np.full((1, 1, 3), 200, np.uint8),
        "10000x200.png": np.resize(pixels, (200, 10_000, 3)),
        "200x10000.png": np.resize(pixels, (10_000, 200, 3)),
        "grey.png": pixels[..., 0],
        "grey.jpg": pixels[..., 0],
        "grey16.png": pixels[..., 0].astype(np.uint16) * 257,
        "rgb16.png": pixels.astype(np.uint16) * 257,
        "rgba16.png": np.dstack([pixels, pixels[..., 0]]).astype(np.uint16) * 257,
    }
    for name, content in odd.items():
        save(folder / name, content)
    (folder / "cmyk.jpg").write_bytes(CMYK_JPEG)
    return sorted([*odd, "cmyk.jpg"])


def bad_pictures(folder: Path) -> list[str]:
    """Files that look like pictures and cannot be read."""
    whole = save(folder / "cut.jpg", item_picture()).read_bytes()
    exif = b"Exif\x00\x00" + save(folder / "cut exif.jpg", item_picture(width=60, height=40)).read_bytes()
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    png = save(folder / "cut.png", item_picture()).read_bytes()
    contents = {
        "cut.jpg": whole[: len(whole) // 2],
        "cut exif.jpg": (whole[:2] + segment + whole[2:])[: -len(whole) // 2],
        "cut.png": png[: len(png) // 2],
        "empty.jpg": b"",
        "text.jpg": b"dear diary",
        "huge.png": png_claiming(30_000, 30_000),
        "html.webp": b"<!doctype html>" * 20,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return sorted(contents)


def test_unusual_pictures_are_all_classified(
    model_file: Path, config_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "odd"
    names = odd_pictures(folder)
    for options in ([], ["--view", "full"]):
        assert main(["classify", str(folder), "--json", "--config", str(config_file), *options]) == 0
        captured = capsys.readouterr()
        rows = [json.loads(line) for line in captured.out.splitlines()]
        assert sorted(Path(row["path"]).name for row in rows) == names
        assert not [row for row in rows if "error" in row]
        assert captured.err == ""


def test_unreadable_pictures_are_reported_and_the_others_are_done(
    model_file: Path, config_file: Path, tmp_path: Path
) -> None:
    """In a process: which pictures are refused by their header depends on how the program starts."""
    folder = tmp_path / "mixed"
    bad = bad_pictures(folder)
    save(folder / "a good one.jpg", item_picture())
    save(folder / "z good one.jpg", item_picture())
    ran = run_sorter("classify", folder, "--json", "--config", config_file)
    assert ran.code == 1
    assert "Traceback" not in ran.err
    rows = {Path(row["path"]).name: row for row in map(json.loads, ran.out.splitlines())}
    assert sorted(rows) == sorted([*bad, "a good one.jpg", "z good one.jpg"])
    for name, row in rows.items():
        if "good" in name:
            assert row["bin"]
        else:
            assert set(row) == {"path", "error"}
            assert row["error"].startswith(f"{folder / name}: ")
            assert "\n" not in row["error"]
    assert "too large" in rows["huge.png"]["error"]
    assert "truncated" in rows["cut exif.jpg"]["error"]


def test_unreadable_pictures_stand_in_the_table_and_on_standard_error(
    model_file: Path, config_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    bad = bad_pictures(folder)
    save(folder / "a good one.jpg", item_picture())
    ran = run_sorter("classify", folder, "--config", config_file)
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert [line.split(": ")[2] for line in ran.errors] == [str(folder / name) for name in bad]
    for name in (*bad, "a good one.jpg"):
        assert name in ran.out
    assert ran.out.count(" error ") == len(bad)


def test_one_missing_path_among_several_is_reported_and_the_others_are_done(
    model_file: Path, config_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    good, missing = save(tmp_path / "good.png", item_picture()), tmp_path / "none.png"
    assert main(["classify", str(missing), str(good), "--json", "--config", str(config_file)]) == 1
    captured = capsys.readouterr()
    assert str(good) in captured.out
    assert str(missing) in captured.out + captured.err


def test_an_empty_tray_of_another_shape_is_reported(model_file: Path, tmp_path: Path, capsys: Capture) -> None:
    tray = save(tmp_path / "tray.png", tray_picture(300, 100))
    photos = make_sprites(tmp_path / "sprites")
    config = write_config(
        tmp_path / "c.yaml", {"tray": {"empty_tray": str(tray)}, "simulation": {"photos": str(photos)}}
    )
    line = error_of(capsys, 78, "run", "--config", config)
    assert f"tray.empty_tray: {tray} has 300x100 pixels, the camera 320x240" in line
    picture = save(tmp_path / "p.png", item_picture())
    assert main(["classify", str(picture), "--json", "--empty-tray", str(tray), "--config", str(config)]) == 1
    assert json.loads(capsys.readouterr().out)["error"].startswith(f"{picture}: the image is 160x120")
    tray.write_text("no picture")
    assert f"{tray}: not an image" in error_of(
        capsys, 65, "classify", picture, "--empty-tray", tray, "--config", config
    )


# --- camera and pins --------------------------------------------------------------------------------------------------


def test_no_camera_at_the_index_is_reported(model_file: Path, tmp_path: Path, capfd: Capture) -> None:
    """Uses capfd, because OpenCV writes its own messages past Python."""
    config = write_config(tmp_path / "c.yaml", {"camera": {"kind": "opencv", "opencv": {"source": 63}}})
    assert main(["run", "--config", str(config)]) == 69
    errors = [line for line in capfd.readouterr().err.splitlines() if not line.startswith("INFO: ")]
    assert len(errors) == 1, "OpenCV says nothing of its own"
    assert errors[0].startswith("sorter: error: camera.kind opencv: opencv /dev/video63")


@pytest.mark.parametrize(
    ("kind", "section"), [("opencv", {"source": "no/such/film.mp4"}), ("folder", {"path": "no/such/folder"})]
)
def test_a_camera_source_that_is_missing_is_reported(
    model_file: Path, tmp_path: Path, capsys: Capture, kind: str, section: dict[str, str]
) -> None:
    config = write_config(tmp_path / "c.yaml", {"camera": {"kind": kind, kind: section}})
    assert "no/such/" in error_of(capsys, 69, "run", "--config", config)


def test_a_camera_folder_without_pictures_is_reported(model_file: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "photos").mkdir()
    config = write_config(tmp_path / "c.yaml", {"camera": {"kind": "folder", "folder": {"path": "photos"}}})
    assert f"no pictures ({suffix_names()}) in {tmp_path / 'photos'}" in error_of(capsys, 69, "run", "--config", config)


def test_a_simulation_without_pictures_is_reported(model_file: Path, tmp_path: Path, capsys: Capture) -> None:
    config = write_config(tmp_path / "c.yaml", {"simulation": {"photos": "nowhere"}})
    assert str(tmp_path / "nowhere") in error_of(capsys, 78, "run", "--config", config)


# --- event log --------------------------------------------------------------------------------------------------------


def bad_log(kind: str, folder: Path) -> Path:
    """Create something other than an event log at the path where one is expected."""
    path = folder / "log.sqlite"
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("what I sorted today\n" * 100)
    elif kind == "foreign":
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE cake (slice)")
        db.commit()
        db.close()
    elif kind == "newer":
        with EventLog(path) as log:
            log._db.execute("PRAGMA user_version = 99")
    elif kind == "under a file":
        (folder / "file").write_text("")
        path = folder / "file" / "log.sqlite"
    return path


@pytest.mark.parametrize("kind", ["folder", "text", "foreign", "newer", "under a file"])
def test_what_is_no_event_log_is_reported_by_a_reader_and_left_as_it_is(
    model_file: Path, config_file: Path, tmp_path: Path, capsys: Capture, kind: str
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    path = bad_log(kind, folder)
    before = path.read_bytes() if path.is_file() else None
    line = error_of(capsys, 74, "events", "--config", config_file, "--set", f"event_log.file={path}")
    assert line.startswith(f"event log {path}: ")
    assert (path.read_bytes() if path.is_file() else None) == before


def test_an_event_log_in_a_place_that_is_no_folder_is_reported(
    model_file: Path, config_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    path = bad_log("under a file", tmp_path)
    line = error_of(capsys, 74, "run", "--config", config_file, "--set", f"event_log.file={path}")
    assert line.startswith(f"event log {path}: cannot be opened: ")


def test_a_missing_event_log_is_reported_and_not_made(config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    line = error_of(capsys, 74, "events", "--config", config_file)
    assert "events.sqlite: no such file" in line
    assert not (tmp_path / "state").exists()


def test_an_event_log_that_may_not_be_written_is_reported(
    model_file: Path, config_file: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write any file, so it is opened read-only instead; SQLite reports the same error."""
    path = tmp_path / "state" / "events.sqlite"
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
        log.end_session(wall_s=2.0)
    connect = sqlite3.connect

    def connect_read_only(_: object, **options: object) -> sqlite3.Connection:
        return connect(f"{path.as_uri()}?mode=ro", **(options | {"uri": True}))  # type: ignore[call-overload,no-any-return]

    with monkeypatch.context() as patched:
        patched.setattr("edge.records.event_database.sqlite3.connect", connect_read_only)
        assert f"event log {path}: " in error_of(capsys, 74, "run", "--config", config_file)
    with EventLog(path, read_only=True) as log:
        assert [event["number"] for event in log.events()] == [1]
