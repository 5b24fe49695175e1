"""Builders that the tests share: pictures, values, models, and stand-ins for hardware that keep a record."""

import base64
import hashlib
import os
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from edge.errors import EventLogError
from edge.inference.manifest import InputSpec, Manifest, OutputSpec, Quantization
from edge.records.event_log import EventLog
from edge.sight.mask import Mask
from edge.sight.view import ViewSpec
from edge.values import Frame, Item, Prediction, SortEvent, Verdict
from hardware.camera import Camera
from hardware.clock import ManualClock
from hardware.errors import FlapError, SensorError
from hardware.flap import Flap

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "edge" / "models" / "trashnet6.tflite"

LABELS = ("cardboard", "glass", "metal", "paper", "plastic", "trash")
BINS = {
    "cardboard": "paper",
    "glass": "glass",
    "metal": "packaging",
    "paper": "paper",
    "plastic": "packaging",
    "trash": "residual",
}

Pixels = NDArray[np.uint8]


# --- pictures ---------------------------------------------------------------------------------------------------------


def tray_picture(width: int = 320, height: int = 240, *, grey: int = 150, noise: float = 1.5, seed: int = 0) -> Pixels:
    """An empty tray: grey, with sensor noise."""
    noisy = np.random.default_rng(seed).normal(grey, noise, (height, width, 3))
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def item_picture(
    box: tuple[float, float, float, float] = (0.35, 0.3, 0.65, 0.7),
    colour: tuple[int, int, int] = (190, 40, 40),
    **tray: Any,
) -> Pixels:
    """A tray with a coloured rectangle on it; ``box`` in shares of the picture."""
    pixels = tray_picture(**tray)
    height, width = pixels.shape[:2]
    pixels[round(box[1] * height) : round(box[3] * height), round(box[0] * width) : round(box[2] * width)] = colour
    return pixels


def save(path: Path, pixels: NDArray[Any], *options: int) -> Path:
    """Write a picture (RGB, RGBA or grey, 8 or 16 bits) in the format of its name."""
    swapped = pixels if pixels.ndim == 2 else pixels[..., [2, 1, 0, *range(3, pixels.shape[2])]]
    ok, encoded = cv2.imencode(path.suffix, np.ascontiguousarray(swapped), list(options))
    assert ok
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded.tobytes())
    return path


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


CMYK_JPEG = base64.b64decode(
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwANCQoLCggNCwoLDg4NDxMgFRMSEhMnHB4XIC4pMTAuKS0sMzpKPjM2RjcsLUBXQUZMTlJTUjI+WmFaUG"
    "BKUVJP/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAcABv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAOBEMATQBZ"
    "AEsAAD8A3I9HpOAiPaPaAiAiPaf/2Q=="
)
"""A CMYK JPEG as print shops make them: 16x16, left half red, right half blue. Made with Pillow, which the bin lacks."""


# --- values -----------------------------------------------------------------------------------------------------------


def make_frame(pixels: Pixels | None = None, time_s: float = 0.0, sequence: int = 0) -> Frame:
    return Frame(tray_picture(64, 48) if pixels is None else pixels, time_s, sequence)


def make_mask(
    box: tuple[float, float, float, float] = (0.25, 0.25, 0.75, 0.75), shape: tuple[int, int] = (48, 64)
) -> Mask:
    cover = np.zeros(shape, np.uint8)
    height, width = shape
    cover[int(box[1] * height) : int(box[3] * height), int(box[0] * width) : int(box[2] * width)] = 255
    return Mask(cover, box, float(np.count_nonzero(cover)) / cover.size)


def make_item(number: int = 1, time_s: float = 1.0, rest_since_s: float = 0.5) -> Item:
    frame = make_frame(time_s=time_s)
    return Item(frame, make_mask(), (16, 12, 48, 36), number, rest_since_s)


def make_prediction(
    probabilities: Mapping[str, float] | Sequence[float],
    labels: Sequence[str] = LABELS,
    latency_s: float = 0.002,
    score: float | None = None,
) -> Prediction:
    """From all probabilities, or from some labels' (the others share what is left)."""
    if isinstance(probabilities, Mapping):
        others = [label for label in labels if label not in probabilities]
        left = 1.0 - sum(probabilities.values())
        full = {label: left / len(others) for label in others} | dict(probabilities)
        probabilities = [full[label] for label in labels]
    return Prediction(tuple(labels), np.asarray(probabilities, np.float32), latency_s, score)


def make_verdict(
    probabilities: Mapping[str, float] | Sequence[float], labels: Sequence[str] = LABELS, score: float | None = None
) -> Verdict:
    return Verdict(make_item(), make_prediction(probabilities, labels, score=score), 1, 1.0)


def make_event(number: int = 1, **changes: Any) -> SortEvent:
    values: dict[str, Any] = {
        "number": number,
        "time_s": 10.0 + number,
        "wall_s": 1_767_225_600.0 + number,
        "wall_synced": True,
        "label": "glass",
        "confidence": 0.9,
        "probabilities": {"glass": 0.9, "metal": 0.1},
        "bin": "glass",
        "reason": "confident",
        "views": 3,
        "agreement": 1.0,
        "rest_to_decision_s": 0.3,
        "latency_ms": 2.5,
    }
    return SortEvent(**(values | changes))


FILLER = 1_000_000
"""Number of the first event that ``fill_disk`` records."""


def fill_disk(log: EventLog) -> None:
    """Let SQLite find the disk full at the next event: no page may be added, and those there are full of events."""
    pages = log._db.execute("PRAGMA page_count").fetchone()[0]
    log._db.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(FILLER, FILLER + 1000):
        try:
            log.record(make_event(number))
        except EventLogError:
            return
    raise AssertionError("the disk did not get full")


def free_disk(log: EventLog) -> None:
    """The disk has room again."""
    log._db.execute("PRAGMA max_page_count = 1000000")


# --- configuration ----------------------------------------------------------------------------------------------------


def config_tree() -> dict[str, Any]:
    """A small, complete configuration as YAML would give it, independent of the one that ships."""
    servo = {"kind": "servo", "home_deg": -45, "open_deg": 45, "travel_s": 0.4}
    return {
        "camera": {"kind": "sim", "width": 320, "height": 240},
        "model": {"file": str(MODEL)},
        "decision": {"labels": dict(BINS), "residual_bin": "residual"},
        "bins": {
            "paper": {"flap": servo | {"pin": 12}},
            "glass": {"flap": servo | {"pin": 13}},
            "packaging": {"flap": servo | {"pin": 18}},
            "residual": {"flap": {"kind": "relay", "pin": 23, "travel_s": 0.3}},
        },
        "event_log": {"file": "state/events.sqlite", "images": "state/images"},
        "simulation": {"speed": 0},
    }


def merged(tree: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``tree`` with the changes of a nested mapping."""
    out = dict(tree)
    for key, value in changes.items():
        both_sections = isinstance(value, Mapping) and isinstance(out.get(key), dict)
        out[key] = merged(out[key], value) if both_sections else value
    return out


def write_config(path: Path, changes: Mapping[str, Any] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(merged(config_tree(), changes or {}), sort_keys=False), encoding="utf-8")
    return path


# --- models -----------------------------------------------------------------------------------------------------------

NO_MODEL = b"\x1c\x00\x00\x00TFL3" + bytes(range(256)) * 4
"""Bytes that carry TFLite's identifier and mean nothing."""


def make_manifest(flatbuffer: bytes = NO_MODEL, **changes: Any) -> Manifest:
    values: dict[str, Any] = {
        "name": "test",
        "created": "2026-01-01T00:00:00Z",
        "labels": LABELS,
        "input": InputSpec(quantization=Quantization(scale=2 / 255, zero_point=0)),
        "output": OutputSpec(quantization=Quantization(scale=0.1, zero_point=-3)),
        "view": ViewSpec(size=128),
        "sha256": hashlib.sha256(flatbuffer).hexdigest(),
    }
    return Manifest(**(values | changes))


class ScriptedClassifier:
    """Answers what it is told to, whatever it sees; the last answer stays.

    Attributes:
        views: what it was shown.
        score: what it says of all of them.
    """

    score: float | None = None
    lost: str | None = None

    def __init__(self, *answers: Mapping[str, float], view_size: int = 32) -> None:
        self.manifest = make_manifest(view=ViewSpec(size=view_size))
        self._answers = list(answers)
        self.views: list[Pixels] = []

    def update(self) -> None:
        """It has no accelerator to look after."""

    def predict(self, view: Pixels) -> Prediction:
        self.views.append(view)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return make_prediction(answer, score=self.score)


# --- hardware ---------------------------------------------------------------------------------------------------------


@dataclass
class Journal:
    """Every command that any flap got: (time on the clock, bin, command)."""

    clock: ManualClock
    lines: list[tuple[float, str, str]] = field(default_factory=list)

    def commands(self, *names: str) -> list[tuple[str, str]]:
        """(bin, command) in order, of the commands named, or of all."""
        return [(flap, command) for _, flap, command in self.lines if not names or command in names]


class RecordingFlap(Flap):
    """A flap that writes down what it is told; it may be made to fail.

    Attributes:
        stands_home: where it was sent last; None before that.
        says_home: what its end switch says; None: it has none.
    """

    def __init__(self, name: str, journal: Journal, *, travel_s: float = 0.4) -> None:
        super().__init__(name=name, travel_s=travel_s)
        self._journal = journal
        self.broken: set[str] = set()
        self.driven = False
        self.stands_home: bool | None = None
        self.says_home: bool | None = None

    @property
    def is_home(self) -> bool | None:
        if "is_home" in self.broken:
            raise SensorError(f"flap {self.name}: its end switch does not answer")
        return self.says_home

    def _note(self, command: str) -> None:
        self._journal.lines.append((self._journal.clock.now_s(), self.name, command))
        if command in self.broken:
            raise FlapError(f"flap {self.name}: cannot {command}")

    def open(self) -> None:
        self._note("open")
        self.driven, self.stands_home = True, False

    def home(self) -> None:
        self._note("home")
        self.driven, self.stands_home = True, True

    def detach(self) -> None:
        self._note("detach")
        self.driven = False

    def close(self) -> None:
        self._note("close")
        self.driven = False


class ScriptedCamera(Camera):
    """Hands out the given frames, one a read, and lets the clock pass; exhausted after the last."""

    def __init__(self, clock: ManualClock, frames: Sequence[Pixels | None], *, period_s: float = 0.1) -> None:
        self._clock = clock
        self._frames = list(frames)
        self._period_s = period_s
        self._next = 0
        self.closed = False

    def read(self, *, newer_than: int, timeout_s: float) -> Frame | None:
        self._clock.advance(self._period_s)
        if self._next >= len(self._frames):
            return None
        pixels = self._frames[self._next]
        self._next += 1
        return None if pixels is None else Frame(pixels.copy(), self._clock.now_s(), self._next - 1)

    @property
    def description(self) -> str:
        return "scripted"

    @property
    def exhausted(self) -> bool:
        return self._next >= len(self._frames)

    @property
    def repeats(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


# --- the program as a user runs it ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ran:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The lines on standard error that tell of an error."""
        return [line for line in self.err.splitlines() if line.startswith("sorter: error: ")]


def run_sorter(*arguments: str | Path, cwd: Path = ROOT, timeout_s: float = 60.0, **options: Any) -> Ran:
    """``python -m edge ...`` in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "edge", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout_s,
        check=False,
        **options,
    )
    return Ran(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    """Wait in real time for another thread or process; False when it took too long."""
    never = threading.Event()
    for _ in range(int(timeout_s / 0.02)):
        if condition():
            return True
        never.wait(0.02)
    return condition()


def make_sprites(folder: Path) -> Path:
    """Two things of every label to throw into the simulated bin."""
    for number, label in enumerate(LABELS):
        for copy in range(2):
            sprite = np.zeros((120, 90, 4), np.uint8)
            cv2.ellipse(sprite, (45, 60), (40, 55), 0, 0, 360, (40 * number, 220 - 30 * number, 230 * copy, 255), -1)
            save(folder / label / f"{copy}.png", sprite)
    return folder
