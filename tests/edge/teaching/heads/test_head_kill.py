"""kill -9 at random moments of teaching and switching: there is the old head or the new one, and what was taught is sound."""

import os
import random
import signal
import time
from itertools import count
from pathlib import Path

import pytest

from edge.errors import HeadError
from edge.teaching.heads.head_folder import HeadFolder, load_head
from edge.teaching.reviews.review_log import Review, ReviewLog
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
from edge.teaching.taught_set.taught_set import TaughtSet
from tests.builders.heads import direction, make_head, write_made_head

BUDGET_BYTES = 200_000


def teach_on(folder: Path, heads: list[Path], seed: int, ready: int) -> None:
    """Teach, review, and switch to and fro, until killed; ``ready`` is written to after the first time."""
    chance = random.Random(seed)
    heads_in_use = HeadFolder(folder / "bin.head")
    with TaughtSet(folder, budget_bytes=BUDGET_BYTES) as taught:
        for number in count(seed * 100_000 + 1):
            features = direction(chance.randrange(3))[None]
            origin = f"s00000001-{number:06d}"
            taught.add(
                [TaughtPicture("cup", Source.EVENT, origin, float(number), None, "m" * 64, features)],
                f"relabel {origin}",
                wall_s=float(number),
            )
            ReviewLog(folder).add(Review(1, number, float(number), None, "glass", "glass", "cup", 0.02, True))
            heads_in_use.use(chance.choice(heads))
            if number == seed * 100_000 + 1:
                os.write(ready, b".")
            if chance.random() < 0.3:
                try:
                    heads_in_use.back()
                except HeadError:
                    continue


def kill_rounds(folder: Path, rounds: int) -> int:
    """So many kills; the number of different heads that were found in use."""
    made = [folder / f"made-{number}.head" for number in range(3)]
    known = {write_made_head(path, make_head((f"label {path.stem}", "can"))) for path in made}
    state = folder / "state"
    state.mkdir()
    HeadFolder(state / "bin.head").use(made[0])
    chance = random.Random(rounds)
    found: list[str | None] = []
    pictures = reviews = 0
    for number in range(rounds):
        reader, ready = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                teach_on(state, made, number, ready)
            finally:
                os._exit(1)
        os.close(ready)
        assert os.read(reader, 1)
        os.close(reader)
        time.sleep(chance.uniform(0.0, 0.08))
        os.kill(child, signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        used = HeadFolder(state / "bin.head").current()
        if used is not None:
            assert used.sha256 in known
        else:
            # Only where the owner went back from the first head: the model alone is what there was before.
            assert HeadFolder(state / "bin.head").earlier() == []
        for path in HeadFolder(state / "bin.head").earlier():
            assert load_head(path).sha256 in known
        found.append(None if used is None else used.sha256)
        with TaughtSet(state, budget_bytes=BUDGET_BYTES) as taught:
            entries = taught.entries()
        assert len({entry.origin for entry in entries}) == len(entries)
        said = len(ReviewLog(state).reviews())
        assert said >= reviews
        # Each event is taught first, then reviewed: the kill may have come between.
        assert len(entries) >= pictures or len(entries) > BUDGET_BYTES // 1000
        pictures, reviews = len(entries), said
    assert reviews >= rounds
    return len(set(found))


def test_six_kills_leave_a_head_and_what_was_taught(tmp_path: Path) -> None:
    kill_rounds(tmp_path, 6)


@pytest.mark.slow
def test_two_hundred_kills_leave_a_head_and_what_was_taught(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path, 200) >= 3
