"""Some fifty damaged inputs for each reader; ``make test-fuzz`` feeds thousands."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.fuzz.harness import FuzzResult, FuzzTarget, fuzz
from tests.fuzz.service_targets import SERVICE_TARGETS
from tests.fuzz.targets import TARGETS
from tests.fuzz.teaching_targets import TEACHING_TARGETS

COUNT = 30


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("target", [*TARGETS, *SERVICE_TARGETS, *TEACHING_TARGETS], ids=lambda target: target.name)
def test_a_reader_reads_or_refuses_whatever_it_is_fed(target: FuzzTarget, tmp_path: Path) -> None:
    result = FuzzResult()
    fuzz(target, tmp_path, count=COUNT, number=1, into=result)
    assert not result.crashes, "\n".join(trace for _, trace in result.first.values())
    assert result.inputs >= COUNT


def crashes_of(read: object, tmp_path: Path) -> list[str]:
    target = FuzzTarget("made up", lambda folder: [b"x"], read, (KeyError,), cpu_s=0.2, memory_mb=50)  # type: ignore[arg-type]
    result = FuzzResult()
    fuzz(target, tmp_path, count=1, number=1, into=result)
    return sorted({kind.split(" in ")[0] for kind in result.crashes})


def busy(content: bytes, folder: Path) -> None:
    while True:
        pass


def hides_everything(content: bytes, folder: Path) -> None:
    end_s = time.process_time() + 0.4
    while time.process_time() < end_s:
        try:
            sum(range(1000))
        except Exception:
            continue


def greedy(content: bytes, folder: Path) -> None:
    np.ones(100_000_000, np.uint8)


def failing(content: bytes, folder: Path) -> None:
    raise ValueError("not foreseen")


def refusing(content: bytes, folder: Path) -> None:
    raise KeyError


def test_the_harness_notices_errors_hangs_and_memory(tmp_path: Path) -> None:
    assert crashes_of(failing, tmp_path) == ["ValueError"]
    assert crashes_of(busy, tmp_path) == ["LimitExceededError"]
    assert crashes_of(hides_everything, tmp_path) == ["LimitExceededError"]
    assert crashes_of(greedy, tmp_path) == ["LimitExceededError"]
    assert crashes_of(refusing, tmp_path) == []


def test_memory_that_was_freed_before_hides_no_greed(tmp_path: Path) -> None:
    np.ones(150_000_000, np.uint8)
    assert crashes_of(greedy, tmp_path) == ["LimitExceededError"]
