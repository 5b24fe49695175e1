"""What the bin makes of an uploaded picture; a child takes the picture apart, in bounded memory and time."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from edge.files.bounded import read_bounded
from edge.page.bin_settings import BinSettings
from edge.page.sorter_child import run_sorter
from edge.page.texts import PageError, mark

MOST_PIXELS = 16_000_000
"""Most pixels of a picture: what phones take, and the child's memory holds."""

MOST_BYTES = 12_000_000
"""Largest picture, in bytes."""

BEGINNINGS = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
"""How the files begin that are taken: two decoders are enough for every browser, and fewer to attack."""

MOST_WAITING = 4
"""Most pictures that are looked at or wait for it."""

TIMEOUT_S = 30.0
"""Longest time for a picture, in seconds."""

MOST_VIEW_BYTES = 2_000_000
"""Largest picture of a view, in bytes: one of 512 pixels without any compression."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What the bin made of a picture.

    Attributes:
        label, confidence: the most probable label, and its probability 0..1.
        shares: labels with their probabilities, the most probable first.
        bin, reason: where it would go, and why; as ``sorter classify`` says it.
        view, looked: what the model saw, and the same, bright where the answer rests on it; PNG.
    """

    label: str
    confidence: float
    shares: tuple[tuple[str, float], ...]
    bin: str
    reason: str
    view: bytes
    looked: bytes


class Trials:
    """Looks at pictures, one after the other."""

    def __init__(self) -> None:
        self._one_child = asyncio.Lock()
        self._waiting = 0

    async def look_at(self, settings: BinSettings, content: bytes) -> Trial:
        """What the bin makes of a picture.

        Args:
            settings: the bin.
            content: the file.

        Raises:
            PageError: it is no picture that can be used, or too many wait.
            UnavailableError: the child failed.
        """
        kind = next((kind for begin, kind in BEGINNINGS.items() if content.startswith(begin)), None)
        if kind is None:
            raise PageError(mark("This is no picture that can be used: JPEG or PNG is expected."))
        if self._waiting >= MOST_WAITING:
            raise PageError(mark("The bin is busy: try again."))
        self._waiting += 1
        try:
            async with self._one_child:
                with tempfile.TemporaryDirectory(prefix="sorter-try-") as folder:
                    return await _classify(settings, Path(folder), f"picture.{kind}", content)
        finally:
            self._waiting -= 1


async def _classify(settings: BinSettings, folder: Path, name: str, content: bytes) -> Trial:
    path = folder / name
    await run_in_threadpool(path.write_bytes, content)
    head = settings.head_file
    arguments = ["--json", "--explain", str(folder)]
    if head is not None and head.exists():
        arguments += ["--head", str(head)]
    found = await run_sorter(
        settings, ["classify"], [*arguments, str(path)], timeout_s=TIMEOUT_S, most_pixels=MOST_PIXELS
    )
    if "error" in found:
        problem = str(found["error"]).removeprefix(f"{path}: ")
        raise PageError(mark("This picture cannot be used: %(problem)s"), problem=problem)
    return await run_in_threadpool(_trial, found, path)


# Any: JSON of the command
def _trial(found: dict[str, Any], path: Path) -> Trial:
    return Trial(
        label=found["label"],
        confidence=found["confidence"],
        shares=tuple(sorted(found["probabilities"].items(), key=lambda one: -one[1])),
        bin=found["bin"],
        reason=found["reason"],
        view=read_bounded(path.with_suffix(".view.png"), MOST_VIEW_BYTES),
        looked=read_bounded(path.with_suffix(".looked.png"), MOST_VIEW_BYTES),
    )
