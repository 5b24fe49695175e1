"""Feeds a reader with inputs, and keeps the first of every kind of crash."""

import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.limits import LimitExceededError, bounded, give_back_freed_memory
from tests.fuzz.mutation import mutated
from tests.paths import ROOT

PACKAGES = tuple(f"{ROOT / name}/" for name in ("edge", "hardware", "train", "convert"))


@dataclass(frozen=True)
class FuzzTarget:
    """A reader, and what it may do.

    Attributes:
        name: of the reader.
        corpus: makes valid inputs, in a folder that it may use.
        read: reads an input, in a folder that it may use.
        refusals: the errors by which the reader refuses an input; each other one is a crash.
        cpu_s: longest processor time of one input, in seconds.
        memory_mb: most memory for one input, in MB.
    """

    name: str
    corpus: Callable[[Path], list[bytes]]
    read: Callable[[bytes, Path], object]
    refusals: tuple[type[Exception], ...]
    cpu_s: float = 2.0
    memory_mb: float = 100.0


@dataclass
class FuzzResult:
    """What came of it.

    Attributes:
        inputs: number of inputs.
        refused: number of those that the reader refused.
        crashes: kind and place of a crash -> how often it came.
        first: kind and place of a crash -> the first input that led to it, and the trace.
    """

    inputs: int = 0
    refused: int = 0
    crashes: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[bytes, str]] = field(default_factory=dict)


def try_input(target: FuzzTarget, content: bytes, folder: Path, result: FuzzResult) -> None:
    """Feed one input, and note what came of it."""
    result.inputs += 1
    try:
        with bounded(cpu_s=target.cpu_s, memory_mb=target.memory_mb):
            try:
                target.read(content, folder)
            except target.refusals as error:
                result.refused += 1
                if "\n" in str(error):
                    raise AssertionError("the refusal is more than one line") from error
    except (Exception, LimitExceededError) as error:
        kind = f"{type(error).__name__} in {_place(error)}"
        result.crashes[kind] += 1
        result.first.setdefault(kind, (content, "".join(traceback.format_exception(error))))


def fuzz(target: FuzzTarget, folder: Path, *, count: int, number: int, into: FuzzResult) -> None:
    """Feed ``count`` inputs, drawn with the seed ``number``."""
    corpus = target.corpus(folder)
    give_back_freed_memory()

    @seed(number)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(mutated(corpus))
    def feed(content: bytes) -> None:
        try_input(target, content, folder, into)

    for content in corpus:
        try_input(target, content, folder, into)
    feed()


def fuzz_for(target: FuzzTarget, folder: Path, *, seconds: float, numbers: Iterable[int]) -> FuzzResult:
    """Feed inputs for a time, in seconds."""
    result, end_s = FuzzResult(), time.monotonic() + seconds
    for number in numbers:
        fuzz(target, folder, count=BATCH, number=number, into=result)
        if time.monotonic() > end_s:
            break
    return result


BATCH = 100
"""Inputs between two looks at the clock."""


def _place(error: BaseException) -> str:
    """Where it came from: the innermost line of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(PACKAGES)] or list(frames)
    return f"{Path(ours[-1].filename).relative_to(ROOT)}:{ours[-1].lineno}" if ours else "nowhere"
