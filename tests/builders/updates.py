"""A repository of updates on a web server of this machine, and bins that take from it."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np

from convert.publishing.keys import KeyFolder
from convert.publishing.publish import Publication, publish
from convert.publishing.signed_files import SignedFiles
from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import UnavailableError
from edge.inference.bundle import read_bundle, write_bundle
from edge.records.event_log import EventLog
from edge.records.session_writes import insert_event
from edge.updates.fetcher import PatientFetcher
from edge.updates.repository import SignedRepository
from edge.updates.slots import Note, SlotFolder
from edge.updates.trusted_time import PROGRAM_MADE_WALL_S, TrustedTime
from edge.updates.update_run import UpdateRun
from edge.updates.update_tools import UpdateTools
from edge.values import Reason
from hardware.clock import Clock, ManualClock, SystemClock
from tests.builders.configuration import write_config
from tests.builders.values import make_event
from tests.paths import MODEL, ROOT

PASSPHRASE = "a passphrase for tests"

COMMENT = b"MLIR Converted."
"""Text in the model that no one reads: another one is another model with the same answers."""


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder, or what a test has in its place."""

    server: "UpdateServer"

    def do_GET(self) -> None:
        for part, act in self.server.tricks.items():
            if part in self.path:
                return act(self)
        return super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


Trick = Callable[[SimpleHTTPRequestHandler], None]


class UpdateServer(ThreadingHTTPServer):
    """Serves a folder on a port of this machine.

    Attributes:
        tricks: part of a path -> what is done when it is asked for.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        self.tricks: dict[str, Trick] = {}

        def handler(*args: object) -> _Handler:
            return _Handler(*args, directory=str(folder))  # type: ignore[arg-type]

        super().__init__(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def served(folder: Path) -> Iterator[UpdateServer]:
    """A server while this lasts."""
    with UpdateServer(folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def sends(content: bytes) -> Trick:
    """Something else than the file."""

    def act(handler: SimpleHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return act


def never_ends(handler: SimpleHTTPRequestHandler) -> None:
    """Data without an end."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 65_536)
    except OSError:
        return


def trickles(handler: SimpleHTTPRequestHandler) -> None:
    """A byte now and then."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.005)
    except OSError:
        return


def signed_files(folder: Path, **options: object) -> SignedFiles:
    """An empty repository, whose keys lie beside it."""
    made = SignedFiles(folder, KeyFolder(folder.with_name(f"{folder.name}-keys"), lambda _: PASSPHRASE), **options)  # type: ignore[arg-type]
    if not made.is_there:
        made.create()
    return made


def another_model(path: Path, name: str, *, turned: int = 0, version: str = "a") -> Path:
    """A model like the one that ships, under another name.

    Args:
        path: its file.
        name: its name.
        turned: by how many places its labels are turned: it then names everything wrongly.
        version: one letter; another one is another model.
    """
    bundle = read_bundle(MODEL)
    labels = bundle.manifest.labels
    turned_labels = labels[turned:] + labels[:turned]
    changed = {"name": name, "labels": turned_labels}
    flatbuffer = bundle.flatbuffer.replace(COMMENT, COMMENT[:-1] + version.encode())
    assert flatbuffer != bundle.flatbuffer
    write_bundle(path, flatbuffer, bundle.manifest.model_copy(update=changed), bundle.rehearsal())
    return path


@cache
def _golden_jpegs(count: int) -> tuple[tuple[str, bytes], ...]:
    found = []
    for folder in sorted((ROOT / "hardware" / "sim" / "sprites").iterdir()):
        for file in sorted(folder.glob("*.png"))[:count]:
            sprite = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
            assert sprite is not None
            scale = 130 / max(sprite.shape[:2])
            sprite = cv2.resize(sprite, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            height, width = sprite.shape[:2]
            tray = np.full((200, 200, 3), 150.0)
            part = tray[35 : 35 + height, 35 : 35 + width]
            alpha = sprite[..., 3:] / 255
            part[:] = part * (1 - alpha) + sprite[..., :3] * alpha
            encoded = cv2.imencode(".jpg", tray.astype(np.uint8))[1]
            found.append((folder.name, encoded.tobytes()))
    return tuple(found)


def golden_folder(folder: Path, count: int = 4) -> Path:
    """Golden pictures: so many of each of six labels."""
    for number, (label, jpeg) in enumerate(_golden_jpegs(count)):
        (folder / label).mkdir(parents=True, exist_ok=True)
        (folder / label / f"{number}.jpg").write_bytes(jpeg)
    return folder


class Publisher:
    """Whoever keeps a repository.

    Args:
        folder: a test's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.golden = golden_folder(folder / "golden")
        self.files = signed_files(folder / "repo")

    def publish(self, file: Path, *, name: str = "net", ring: str = "canary", bins: tuple[str, ...] = ()) -> int:
        """Offer a file; its version."""
        golden = self.golden if file.suffix == ".tflite" else None
        return publish(self.files, Publication(file, name, ring, bins, golden), []).version


class BinStub:
    """A bin that runs what is in use, at once.

    Attributes:
        taken: the slots that it was to take.
        is_there: whether it runs.
        takes: whether it takes slots.
    """

    def __init__(self) -> None:
        self.taken: list[str | None] = []
        self.is_there = True
        self.takes = True

    def check(self) -> None:
        if not self.is_there:
            raise UnavailableError("the bin does not run")

    def take(self, slot: str | None) -> bool:
        self.check()
        self.taken.append(slot)
        return self.takes


class UpdatedBin:
    """A bin without a camera: the real code of updates, and an event log that a test fills.

    Args:
        folder: the bin's own.
        address: of the repository.
        root: the file that it trusts.
        ring: its ring.
        name: its name.
        note: as of ``SlotFolder``.
    """

    def __init__(
        self,
        folder: Path,
        address: str,
        root: Path,
        *,
        ring: str = "canary",
        name: str = "bin-1",
        wants: tuple[str, ...] = ("net",),
        note: Note = lambda step: None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.bin, self.name = folder, BinStub(), name
        self.clock = ManualClock(wall_s=PROGRAM_MADE_WALL_S + 40 * 86_400)
        self.fetch_clock: Clock = SystemClock()
        update = {"repository": address, "root": str(root), "wants": list(wants), "ring": ring, "watch_items": 20}
        self.path = write_config(folder / "config.yaml", {"update": update})
        self._note = note

    @property
    def config(self) -> Config:
        """With what is in use now."""
        return load_config(self.path)

    @property
    def run(self) -> UpdateRun:
        """One run of the command."""
        config = self.config
        update, folder = config.update, config.updates_folder
        assert update is not None

        def repository() -> SignedRepository:
            fetcher = PatientFetcher(self.fetch_clock, gap_s=1, grace_s=0.3)
            return SignedRepository(
                update.repository, update.root, folder, bin_name=self.name, ring=update.ring, fetcher=fetcher
            )

        tools = UpdateTools(
            repository=repository,
            bin=self.bin,
            slots=SlotFolder(folder, note=self._note),
            time=TrustedTime(folder, self.clock, synchronized=lambda: True),
            clock=self.clock,
            name=self.name,
        )
        return UpdateRun(config, tools)

    def apply(self) -> str:
        """Look, and take what there is; what became of it, or ``nothing``."""
        run = self.run
        repository, offers = run.look()
        return run.apply(repository, offers[0]).state if offers else "nothing"

    def advance(self, *, when_due: bool = False, again: bool = False) -> str:
        """One run of the command; what became of it, or ``nothing``."""
        outcome = self.run.advance(when_due=when_due, again=again)
        return "nothing" if outcome is None else outcome.state

    def sort(self, items: int, *, unsure: int = 0, unknown: int = 0, decision_s: float = 0.5) -> None:
        """Decide so many items, of which some are unsure or unknown to the model."""
        reasons = [Reason.UNSURE] * unsure + [Reason.UNKNOWN] * unknown
        with EventLog(self.config.event_log.file) as log:
            log.start_session(wall_s=self.clock.wall_s(), model="m")
            of_items = reasons + [Reason.CONFIDENT] * (items - len(reasons))

            def insert(database: sqlite3.Connection) -> None:  # at once: a commit each would take seconds
                for number, reason in enumerate(of_items, 1):
                    event = make_event(number, reason=reason, rest_to_decision_s=decision_s)
                    insert_event(database, event, session=log.session)

            log.transact(insert)
            log.end_session(wall_s=self.clock.wall_s())
