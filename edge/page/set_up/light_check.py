"""Judges the light on the tray of a paused bin: best over a white sheet, which shows nothing but the light."""

import asyncio
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from starlette.concurrency import run_in_threadpool

from edge.bin_socket.bin_link import BinLink
from edge.errors import UnavailableError
from edge.page.set_up.sensors import SensorState
from edge.page.sorter_child import run_module
from edge.page.texts import PageError, mark

CHILD = "edge.calibrate.light_child"

LOOKS = 8
"""Pictures that flicker is looked for in."""

MOST_TRIES = 10 * LOOKS
"""Most times that the newest picture is asked for: as long as the camera has taken no other, it is the same again."""

PAUSE_S = 0.1
"""Time between two of them, in seconds: longer than a picture of most cameras takes."""


@dataclass(frozen=True, slots=True)
class LightOnTray:
    """What was measured; as of ``edge.sight.light.LightMeasurement``.

    Attributes:
        mean: brightness, 0..255.
        evenness: of the darkest part, as a fraction of the brightest.
        flicker: from picture to picture, as a fraction.
        complaints: what is wrong, each with a remedy.
    """

    mean: float
    evenness: float
    flicker: float
    complaints: tuple[str, ...]

    @classmethod
    def of(cls, output: str) -> Self:
        """What the child has printed. Raises UnavailableError."""
        try:
            found = json.loads(output)
            mean, evenness, flicker = (float(found[name]) for name in ("mean", "evenness", "flicker"))
            return cls(mean, evenness, flicker, tuple(map(str, found["complaints"])))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UnavailableError("the light: its measurement cannot be read") from error


class LightCheck:
    """Measures the light, for one visitor at a time."""

    def __init__(self) -> None:
        self._one_child = asyncio.Lock()

    async def measure(self, link: BinLink | None) -> LightOnTray:
        """Measure it.

        Args:
            link: the way to the bin; None: there is none.

        Raises:
            PageError: the bin is not paused: it would sort the sheet.
            SorterError: the bin gives no pictures, or the child failed.
        """
        if link is None or not SensorState.of(link).is_paused:
            raise PageError(mark("Pause the bin first, then lay the sheet on the tray."))
        async with self._one_child:
            with tempfile.TemporaryDirectory(prefix="sorter-light-") as folder:
                paths = await self._take(link, Path(folder))
                result = await run_module(CHILD, [str(one) for one in paths], name="the light's measurement")
        if result.code:
            raise UnavailableError(result.last_words or "the light's measurement failed")
        return LightOnTray.of(result.output)

    async def _take(self, link: BinLink, folder: Path) -> list[Path]:
        taken: dict[int, Path] = {}
        for _ in range(MOST_TRIES):
            look = await link.look()
            sequence = look.header["sequence"]
            if sequence not in taken:
                taken[sequence] = folder / f"look-{len(taken) + 1}"
                await run_in_threadpool(taken[sequence].write_bytes, look.content)
            if len(taken) == LOOKS:
                return list(taken.values())
            await asyncio.sleep(PAUSE_S)
        raise PageError(mark("The camera gives no new pictures."))
