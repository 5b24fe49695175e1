"""A state folder, and what may happen to its files: power cuts, worn cards, other programs, people."""

import random
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from edge.records.event_log import EventLog
from edge.records.event_row import columns_of
from edge.records.sqlite_pages import FRAME_HEADER_BYTES, WAL_HEADER_BYTES, StoredRow, read_rows
from edge.service.assembly import assemble
from edge.service.loop import run_loop
from tests.bin.simulated import sim_config
from tests.builders.values import make_event

PAGE = 4096

EVENTS_BEFORE = 60

SMALL = ("camera.width=320", "camera.height=240", "simulation.gap_s=[0.2, 0.4]")


def make_state(folder: Path, *, killed: bool) -> None:
    """The folder as a run leaves it: with two sessions of events, the newest only in the write-ahead log if ``killed``."""
    work = folder.with_name(f"{folder.name}-work")
    with EventLog(work / "events.sqlite") as log:
        log.start_session(wall_s=1.0, model="m")
        for number in range(1, EVENTS_BEFORE + 1):
            log.record(make_event(number))
            log.record_outcome(number, "done")
        log.end_session(wall_s=2.0)
    with assemble(sim_config(work, *SMALL, "simulation.items=2")) as assembly:
        run_loop(assembly, threading.Event(), duration_s=60)
        if killed:
            shutil.copytree(work, folder)
    if not killed:
        shutil.copytree(work, folder)


def stored_pages(folder: Path) -> set[bytes]:
    """The pages of all files, as pages of a database and as those of a write-ahead log."""
    step = FRAME_HEADER_BYTES + PAGE
    found: set[bytes] = set()
    for path in files_of(folder):
        content = path.read_bytes()
        found.update(content[start : start + PAGE] for start in range(0, len(content), PAGE))
        found.update(
            content[start : start + PAGE] for start in range(WAL_HEADER_BYTES + FRAME_HEADER_BYTES, len(content), step)
        )
    return {page for page in found if len(page) == PAGE}


def events_in(pages: Iterable[bytes]) -> set[tuple[object, ...]]:
    """The events that stand in pages, each by its values but for the outcome."""
    found: set[tuple[object, ...]] = set()
    for page in pages:
        rows = read_rows(memoryview(bytes(PAGE) + page), memoryview(b""))
        found.update(key for key in map(event_key, rows) if key is not None)
    return found


def event_key(row: StoredRow) -> tuple[object, ...] | None:
    """What tells an event from any other; None for a row that is none.

    Without its session: an event whose number a damaged one has got is saved in a session of its own.
    """
    # number, time_s, wall_s, wall_synced, label .. image
    return row.values[2:16] if row.number is not None and len(row.values) == len(columns_of("event")) else None


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


# --- what may happen --------------------------------------------------------------------------------------------------


def cut(path: Path, chance: random.Random, folder: Path) -> None:
    path.write_bytes(path.read_bytes()[: chance.randint(0, path.stat().st_size)])


def flip_bits(path: Path, chance: random.Random, folder: Path) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 64) if content else 0):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def flip_one_bit_of_the_beginning(path: Path, chance: random.Random, folder: Path) -> None:
    content = bytearray(path.read_bytes())
    if content:
        content[chance.randrange(min(100, len(content)))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def zero_a_block(path: Path, chance: random.Random, folder: Path) -> None:
    content = bytearray(path.read_bytes())
    start = chance.randint(0, len(content) // 512) * 512
    size = chance.choice([512, 4096, 65536])
    content[start : start + size] = bytes(len(content[start : start + size]))
    path.write_bytes(content)


def fill_with_noise(path: Path, chance: random.Random, folder: Path) -> None:
    path.write_bytes(chance.randbytes(chance.choice([1, 100, path.stat().st_size, 100_000])))


def append_noise(path: Path, chance: random.Random, folder: Path) -> None:
    path.write_bytes(path.read_bytes() + chance.randbytes(chance.randint(1, 10_000)))


def empty(path: Path, chance: random.Random, folder: Path) -> None:
    path.write_bytes(b"")


def delete(path: Path, chance: random.Random, folder: Path) -> None:
    path.unlink()


def replace_by_a_folder(path: Path, chance: random.Random, folder: Path) -> None:
    path.unlink()
    (path / "deep").mkdir(parents=True)


def replace_by_a_link(path: Path, chance: random.Random, folder: Path) -> None:
    """To nowhere, to itself, or to a file outside, which is never to be touched. Never to one of the machine."""
    path.unlink()
    path.symlink_to(chance.choice(["nowhere", path.name, outside_of(folder)]))


def outside_of(folder: Path) -> Path:
    """A file beside the state folder, which does not belong to the bin."""
    return folder.with_name(f"{folder.name}-outside")


def swap(path: Path, chance: random.Random, folder: Path) -> None:
    other = chance.choice(files_of(folder))
    content, others = path.read_bytes(), other.read_bytes()
    path.write_bytes(others)
    other.write_bytes(content)


CORRUPTIONS: tuple[Callable[[Path, random.Random, Path], None], ...] = (
    cut,
    flip_bits,
    flip_one_bit_of_the_beginning,
    zero_a_block,
    fill_with_noise,
    append_noise,
    empty,
    delete,
    replace_by_a_folder,
    replace_by_a_link,
    swap,
)


def corrupt(folder: Path, chance: random.Random, first: int) -> Iterator[str]:
    """Corrupt one file, the one whose turn it is, and sometimes more; yields what was done."""
    for number in range(chance.choice([1, 1, 1, 2, 3])):
        files = files_of(folder)
        path = files[first % len(files)] if number == 0 else chance.choice(files)
        corruption = chance.choice(CORRUPTIONS)
        corruption(path, chance, folder)
        yield f"{corruption.__name__} {path.relative_to(folder)}"
