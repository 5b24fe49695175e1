"""How full the bins were, how warm the board and how full the disk, hour by hour: the event log does not tell it."""

import asyncio
import json
import logging
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from edge.bin_socket.bin_link import BinLink
from edge.board import temperature_c
from edge.files.bounded import read_bounded
from edge.files.state_files import set_aside, write_whole
from hardware.clock import Clock

log = logging.getLogger(__name__)

NAME = "vitals.json"
"""Its name in the page's state folder."""

EVERY_S = 3600.0
"""Time between two samples, in seconds: the file is written anew each time, some 60 KB, which no card notices."""

MOST = 32 * 24
"""Samples that are kept: a month."""

MOST_BYTES = 2_000_000
"""Largest file that is read, in bytes."""


@dataclass(frozen=True, slots=True)
class VitalSample:
    """One sample.

    Attributes:
        wall_s: when, in seconds since 1970 UTC.
        temperature_c: of the board, in degrees Celsius; None: not known.
        free_mb: free on the disk of the event log, in megabytes.
        levels: bin -> 0 empty to 1 full, of bins with a sensor.
    """

    wall_s: float
    temperature_c: float | None = None
    free_mb: float | None = None
    levels: Mapping[str, float] = field(default_factory=dict)


class Vitals:
    """Samples of the last month. Only ``watch`` writes.

    Args:
        folder: the page's state folder.
        disk: a folder on the disk whose room is told.
        clock: its wall clock is used.
        read_temperature: the board's.
    """

    def __init__(
        self,
        folder: Path,
        disk: Path,
        clock: Clock,
        *,
        read_temperature: Callable[[], float | None] = temperature_c,
    ) -> None:
        self._path = folder / NAME
        self._disk = disk
        self._clock = clock
        self._read_temperature = read_temperature
        self._samples = _read(self._path)

    @property
    def samples(self) -> list[VitalSample]:
        """The samples, the oldest first."""
        return list(self._samples)

    def now(self, levels: Mapping[str, float]) -> VitalSample:
        """How it is at this moment.

        Args:
            levels: bin -> how full.
        """
        try:
            free_mb = round(shutil.disk_usage(self._disk).free / 1e6, 1)
        except OSError:
            free_mb = None
        return VitalSample(self._clock.wall_s(), self._read_temperature(), free_mb, dict(levels))

    def keep(self, sample: VitalSample) -> None:
        """Keep a sample. One that cannot be written is told in the log."""
        self._samples = [*self._samples, sample][-MOST:]
        content = json.dumps([asdict(one) for one in self._samples]).encode()
        try:
            write_whole(self._path, content, durable=False)
        except OSError as error:
            log.warning("%s: cannot be written: %s", self._path, error)

    async def watch(self, link: BinLink) -> None:
        """Take a sample every hour, until cancelled; none while the bin is gone.

        Args:
            link: the way to the bin.
        """
        while True:
            if link.status is not None:
                sample = self.now(levels_of(link))
                await asyncio.to_thread(self.keep, sample)
            await asyncio.sleep(EVERY_S if link.status is not None else 60.0)


@asynccontextmanager
async def watching(vitals: Vitals | None, link: BinLink | None) -> AsyncIterator[None]:
    """Keep samples as long as this is entered; without a bin there are none."""
    task = None if vitals is None or link is None else asyncio.create_task(vitals.watch(link))
    try:
        yield
    finally:
        if task is not None:
            task.cancel()


def levels_of(link: BinLink | None) -> dict[str, float]:
    """How full the bins are that have a sensor, as the bin says."""
    found = link.status.report.get("fill_levels") if link is not None and link.status is not None else None
    if not isinstance(found, dict):
        return {}
    return {str(name): float(level) for name, level in found.items() if isinstance(level, int | float)}


def _read(path: Path) -> list[VitalSample]:
    """What a file holds; one that is damaged is set aside."""
    try:
        found = json.loads(read_bounded(path, MOST_BYTES))
        samples = [
            VitalSample(
                float(one["wall_s"]),
                None if one["temperature_c"] is None else float(one["temperature_c"]),
                None if one["free_mb"] is None else float(one["free_mb"]),
                {str(name): float(level) for name, level in one["levels"].items()},
            )
            for one in found[-MOST:]
        ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        log.warning("%s: is damaged (%s) and kept as %s", path, error, set_aside(path, most=1).name)
        return []
    return sorted(samples, key=lambda one: one.wall_s)
