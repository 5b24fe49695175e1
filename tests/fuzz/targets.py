"""The readers, each with a small corpus made by code."""

import io
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import yaml

from edge.config.default import PACKAGED_CONFIG
from edge.config.file import load_config
from edge.errors import ConfigError, EventLogError, InputMissingError, ModelError, PictureError
from edge.inference.bundle import LABELS_NAME, MANIFEST_NAME, read_bundle, write_bundle
from edge.inference.manifest_file import dump_manifest
from edge.inference.operators import custom_operators
from edge.records.event_log import EventLog
from edge.records.retention import purge
from edge.records.salvage import salvage
from edge.records.totals import count_events
from edge.service.status_reading import NoStatusError, read_status
from edge.service.status_report import boot_id
from edge.sight.background import BackgroundModel
from edge.sight.background_store import BackgroundStore
from edge.sight.picture import read_picture
from edge.simulation.scenario_file import load_scenario
from hardware.clock import ManualClock
from hardware.errors import HardwareConfigError, HardwareError
from hardware.sim.items import load_items
from tests.builders.configuration import config_tree
from tests.builders.models import NO_MODEL, make_manifest
from tests.builders.pictures import png_claiming
from tests.builders.values import make_event
from tests.fuzz.harness import FuzzTarget
from tests.paths import FORMATS, MODEL, TESTS
from train.data.pictures import Picture, read_sprite
from train.data.split import Split
from train.errors import DataError, SettingsError
from train.runs.recipe import load_recipe
from train.runs.settings import Settings

SHAPE = (24, 32, 3)
"""Of the tray's working image: small, so that the file is."""

HEAD_BYTES = 4000
"""So much of a real model's beginning is in the corpus: its tables, but not its weights."""


def _put(content: bytes, folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


# --- model file ---------------------------------------------------------------------------------------------------------


def _bundles(folder: Path) -> list[bytes]:
    write_bundle(folder / "a.tflite", NO_MODEL, make_manifest())
    bomb = io.BytesIO(NO_MODEL)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST_NAME, b" " * 300_000_000)
    return [(folder / "a.tflite").read_bytes(), (FORMATS / "2.tflite").read_bytes(), bomb.getvalue()]


def _read_bundle(content: bytes, folder: Path) -> None:
    bundle = read_bundle(_put(content, folder, "in.tflite"))
    _ = bundle.is_compiled
    bundle.rehearsal()


def _manifests(folder: Path) -> list[bytes]:
    return [
        make_manifest().model_dump_json(indent=2).encode(),
        make_manifest().model_dump_json().encode(),
        dump_manifest(read_bundle(FORMATS / "2.tflite").manifest).encode(),
        b"[" * 50_000,
    ]


def _read_manifest(content: bytes, folder: Path) -> None:
    made = io.BytesIO(NO_MODEL)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(MANIFEST_NAME, content)
        archive.writestr(LABELS_NAME, "a\nb\n")
    _read_bundle(made.getvalue(), folder)


def _flatbuffers(folder: Path) -> list[bytes]:
    whole = read_bundle(MODEL).flatbuffer
    return [NO_MODEL, whole[:HEAD_BYTES], whole[-HEAD_BYTES:]]


def _read_flatbuffer(content: bytes, folder: Path) -> None:
    custom_operators(content)


# --- text that people write ---------------------------------------------------------------------------------------------


def _configurations(folder: Path) -> list[bytes]:
    default = PACKAGED_CONFIG.read_bytes()
    alias_bomb = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (name + 1, name + 1, b",".join([b"*%c" % name] * 9)) for name in b"abcdefgh"
    )
    camera = {"kind": "opencv", "opencv": {"source": "rtsp://u:p@127.0.0.1/a", "latency_s": 0.1}}
    trees = [config_tree(), config_tree() | {"camera": camera}]
    texts = [yaml.safe_dump(tree, sort_keys=False).encode() for tree in trees]
    return [default, *texts, texts[0].decode().encode("utf-16"), b"\xef\xbb\xbf" + texts[0], alias_bomb]


def _read_configuration(content: bytes, folder: Path) -> None:
    load_config(_put(content, folder, "in.yaml"), ["camera.fps=10"])


def _scenarios(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((TESTS / "scenarios").glob("*.yaml"))[::6]]


def _read_scenario(content: bytes, folder: Path) -> None:
    load_scenario(_put(content, folder, "in.yaml"))


def _listings(folder: Path) -> list[bytes]:
    (folder / "items" / "glass").mkdir(parents=True, exist_ok=True)
    for name in ("1", "grün"):
        cv2.imwrite(str(folder / "items" / "glass" / f"{name}.png"), np.full((20, 20, 3), 200, np.uint8))
    text = "# remark\nglass/1.png\n\nglass/grün.png\n"
    return [text.encode(encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1")]


def _read_listing(content: bytes, folder: Path) -> None:
    load_items(folder / "items", listing=_put(content, folder, "in.txt"))


def _splits(folder: Path) -> list[bytes]:
    parts = {"train": ["glass/1.png", "paper\\2.png"], "val": ["glass/grün.png"], "test": []}
    split = {"seed": 1, "parts": parts, "groups": {"glass/1.png": 3}}
    text = json.dumps(split, indent=1, ensure_ascii=False)
    return [json.dumps(split).encode(), *(text.encode(encoding) for encoding in ("utf-8-sig", "utf-16", "latin-1"))]


def _read_split(content: bytes, folder: Path) -> None:
    pictures = [Picture(key, "glass", folder) for key in ("glass/1.png", "paper/2.png", "glass/grün.png")]
    split = Split.load(_put(content, folder, "in.json"))
    split.with_prefix("a").merged_with(split.without({"glass/1.png"}))
    for part in split.parts:
        split.select(part, pictures)


def _settings(folder: Path) -> list[bytes]:
    Settings(data=("a", "b"), labels=("glass",), label_map=("a=b",), set_shares=("a=0.5",)).save(folder / "s.json")
    return [(folder / "s.json").read_bytes(), b'{"data": ["a"]}']


def _read_settings(content: bytes, folder: Path) -> None:
    settings = Settings.load(_put(content, folder, "in.json"))
    settings.differences(Settings())
    _ = settings.data_set_shares, settings.label_renames


def _recipes(folder: Path) -> list[bytes]:
    from train.runs.recipe import FOLDER

    return [path.read_bytes() for path in sorted(FOLDER.glob("*.toml"))[:3]]


def _read_recipe(content: bytes, folder: Path) -> None:
    load_recipe(str(_put(content, folder, "in.toml"))).settings()


# --- state --------------------------------------------------------------------------------------------------------------


def _event_logs(folder: Path) -> list[bytes]:
    path = folder / "corpus.sqlite"
    path.unlink(missing_ok=True)
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        for number in range(1, 30):
            log.record(make_event(number))
        wal = path.with_name(f"{path.name}-wal").read_bytes()
    return [path.read_bytes(), wal]


def _read_event_log(content: bytes, folder: Path) -> None:
    for old in folder.glob("in.sqlite*"):
        old.unlink()
    path = _put(content, folder, "in.sqlite")
    salvage(path)
    try:
        with EventLog(path, read_only=True) as log:
            list(log.events(newest=5))
            list(log.events(since_wall_s=1.0))
            list(log.totals())
    finally:
        # The sorter itself starts whatever lies there: it is set aside, and a new one begun.
        with EventLog(path) as log:
            log.start_session(wall_s=2.0, model="m")
            log.record(make_event(1))
            assert list(log.events())
            log.transact(count_events)
            log.transact(lambda database: purge(database, before_wall_s=1e12, budget_bytes=1))


def _status_files(folder: Path) -> list[bytes]:
    alarm = {"alarm": "full", "condition": "attention", "message": "bin paper is full"}
    report = {
        "format": 1,
        "condition": "attention",
        "alarms": [alarm],
        "ready": True,
        "tray": "empty",
        "wait": None,
        "items": 3,
        "last_item_wall_s": 1.0,
        "fill_levels": {"paper": 0.97},
        "simulated": False,
        "event_log": "/var/lib/sorter/events.sqlite",
        "started_wall_s": 0.0,
        "written_s": 0.0,
        "boot_id": boot_id(),
    }
    return [json.dumps(report).encode()]


def _read_status(content: bytes, folder: Path) -> None:
    _ = read_status(_put(content, folder, "status.json"), clock=ManualClock()).sentence


def _trays(folder: Path) -> list[bytes]:
    for name, value in (("a", 60.0), ("b", 0.0)):
        BackgroundStore(folder / f"{name}.npz").save(BackgroundModel(np.full(SHAPE, value, np.float32), 0.9))
    bomb = io.BytesIO()
    np.savez_compressed(bomb, mean=np.zeros((3000, 3000, 3), np.float16), noise=0.9)
    return [(folder / "a.npz").read_bytes(), (folder / "b.npz").read_bytes(), bomb.getvalue()]


def _read_tray(content: bytes, folder: Path) -> None:
    for old in folder.glob("in.npz*"):
        old.unlink()
    BackgroundStore(_put(content, folder, "in.npz")).load(SHAPE)


EXIF = b"Exif\0\0MM\0*\0\0\0\b\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
"""Says that a picture is to be turned by a quarter."""

# --- pictures -----------------------------------------------------------------------------------------------------------


def _pictures(folder: Path) -> list[bytes]:
    random = np.random.default_rng(1)
    rgb = cv2.GaussianBlur(random.integers(0, 256, (40, 56, 3)).astype(np.uint8), (9, 9), 0)
    rgba = np.dstack([rgb, np.full(rgb.shape[:2], 128, np.uint8)])
    shown = [(".jpg", rgb), (".png", rgb), (".png", rgba), (".png", rgba.astype(np.uint16) * 257), (".webp", rgba)]
    shown += [
        (".bmp", rgb),
        (".gif", rgb),
        (".avif", rgba),
        (".tif", rgb),
        (".tif", rgba),
        (".jp2", rgb),
        (".tif", rgb.astype(np.float32)),
        (".png", rgb[..., 0]),
    ]
    found = []
    for suffix, pixels in shown:
        done, data = cv2.imencode(suffix, pixels)
        assert done
        found.append(data.tobytes())
    progressive = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    turned = b"".join((found[0][:2], b"\xff\xe1", (len(EXIF) + 2).to_bytes(2, "big"), EXIF, found[0][2:]))
    return [*found, progressive, turned, png_claiming(30_000, 30_000), png_claiming(9_000, 9_000)]


def _read_pictures(content: bytes, folder: Path) -> None:
    glass = folder / "pictures" / "glass"
    glass.mkdir(parents=True, exist_ok=True)
    path = _put(content, glass, "in.png")
    refusal: Exception | None = None
    for read in (
        lambda: read_sprite(Picture("in", "glass", path)),
        lambda: next(load_items(folder / "pictures")),
        lambda: read_picture(path),
        lambda: read_picture(path, keep_damaged=True),
    ):
        try:
            read()
        except (PictureError, HardwareError) as error:
            refusal = error
    if refusal is not None:
        raise refusal


TARGETS = (
    FuzzTarget("model file", _bundles, _read_bundle, (ModelError, InputMissingError)),
    FuzzTarget("manifest", _manifests, _read_manifest, (ModelError,)),
    FuzzTarget("flatbuffer", _flatbuffers, _read_flatbuffer, (ModelError,)),
    FuzzTarget("configuration", _configurations, _read_configuration, (ConfigError,)),
    FuzzTarget("scenario", _scenarios, _read_scenario, (ConfigError,)),
    FuzzTarget("listing", _listings, _read_listing, (HardwareConfigError,)),
    FuzzTarget("split", _splits, _read_split, (DataError,)),
    FuzzTarget("settings", _settings, _read_settings, (SettingsError,)),
    FuzzTarget("recipe", _recipes, _read_recipe, (SettingsError,)),
    FuzzTarget("event log", _event_logs, _read_event_log, (EventLogError, InputMissingError)),
    FuzzTarget("status file", _status_files, _read_status, (NoStatusError,)),
    FuzzTarget("tray", _trays, _read_tray, ()),
    # 100 megapixels are allowed, which are 300 MB, and the reader may hold a converted copy.
    FuzzTarget("picture", _pictures, _read_pictures, (PictureError, HardwareError), memory_mb=1200),
)
