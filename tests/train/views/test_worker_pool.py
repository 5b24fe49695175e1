"""Processes that make views: the same views, in any order asked."""

import multiprocessing
import os
import re
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from tests.processes import until
from train.data.cache import CachedPicture, cache_photograph, cache_sprite
from train.data.images import resize_views
from train.runs.settings import Settings
from train.views.augment import Augmenter
from train.views.worker_pool import ViewWorkerPool

SETTINGS = Settings(size=32, batch=20, cache_side=64)


def made_up() -> list[CachedPicture]:
    random = np.random.default_rng(5)
    pictures = []
    for target in range(3):
        pixels = np.full((60, 80, 3), 200, np.uint8)
        pixels[15:45, 20:60] = random.integers(0, 255, (30, 40, 3), np.uint8)
        pictures.append(cache_photograph(pixels, target, 64))
    pictures.append(cache_photograph(np.full((40, 50, 3), 90, np.uint8), 1, 64))  # nothing is found in it
    rgba = np.zeros((50, 50, 4), np.uint8)
    rgba[10:40, 10:40] = random.integers(0, 255, (30, 30, 4), np.uint8) | 128
    sprite = cache_sprite(rgba, 2, 64)
    assert sprite is not None
    return [*pictures, sprite]


@pytest.fixture(scope="module")
def crew() -> Iterator[ViewWorkerPool]:
    with ViewWorkerPool(made_up(), 4, SETTINGS, size=48, processes=2, ahead=2, batch=20) as crew:
        yield crew


def test_views_are_the_same_as_those_made_here(crew: ViewWorkerPool) -> None:
    pictures = made_up()
    draws = [(number % 5, (1, 0, number)) for number in range(20)]
    large, small = crew.result(crew.submit(draws))
    augment = Augmenter(SETTINGS, pictures[:4], size=48)
    expected = np.stack([augment(pictures[row], np.random.default_rng(seed)) for row, seed in draws])
    np.testing.assert_array_equal(large, expected)
    np.testing.assert_array_equal(small, resize_views(expected, 32))


def test_batches_on_their_way_are_taken_in_any_order_or_dropped(crew: ViewWorkerPool) -> None:
    first, second = crew.submit([(0, (1,))]), crew.submit([(1, (2,)), (2, (3,))])
    assert crew.free_slots == 0
    assert crew.result(second)[0].shape == (2, 48, 48, 3)
    crew.cancel(first)
    assert crew.free_slots == 2
    again = crew.result(crew.submit([(1, (2,))]))[0]
    np.testing.assert_array_equal(again, crew.result(crew.submit([(1, (2,))]))[0])


def hire(told: Connection) -> None:
    crew = ViewWorkerPool(made_up(), 4, SETTINGS, size=48, processes=2, ahead=2, batch=20)
    crew.result(crew.submit([(0, (1,))] * 20))
    told.send(sorted(crew._pool._processes))
    told.recv()  # never comes


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def ignores_interrupts(process: int) -> bool:
    (ignored,) = re.findall(r"^SigIgn:\t(\w+)$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    return bool(int(ignored, 16) >> (signal.SIGINT - 1) & 1)


def test_a_crew_ends_when_its_owner_is_killed_and_not_by_ctrl_c() -> None:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    owner = context.Process(target=hire, args=(theirs,))
    owner.start()
    processes = mine.recv()
    assert until(lambda: all(ignores_interrupts(process) for process in processes))
    owner.kill()
    owner.join()
    assert until(lambda: not any(alive(process) for process in processes), 10.0)
