"""Killed at any moment, a bin has the old model or the new one, whole and signed; the next run finishes or undoes the rest."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from edge.config.update_slot import MODEL_NAME, SLOTS
from edge.inference.bundle import read_bundle
from tests.builders.updates import UpdatedBin
from tests.edge.updates.conftest import UpdateWorld

STEPS = ("folder", "clean", "model", "record", "place", "before", "switch", "switched")
"""What happens while a slot is made and put in use, in its order."""


class CutShortError(BaseException):
    """The process ends here."""


def names(bin_: UpdatedBin) -> str:
    """Name of the model that a start would load: read whole, and checked."""
    return read_bundle(bin_.config.model.file).manifest.name


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_leaves_the_old_model_or_the_new_one(
    world: UpdateWorld, step: str, quick_proof: None
) -> None:
    def note(now: str) -> None:
        if now == step:
            raise CutShortError

    with pytest.raises(CutShortError):
        world.bin(note=note).apply()
    bin_ = world.bin()
    assert names(bin_) == ("good" if step == "switched" else "trashnet6")
    assert (bin_.run.watch.trial is not None) is (step == "switched")
    if step != "switched":
        assert bin_.apply() == "trial"
    bin_.sort(20)
    outcome = bin_.run.watch.judge()
    assert outcome is not None
    assert (outcome.state, names(bin_)) == ("kept", "good")
    assert [path.name for path in (bin_.config.updates_folder / SLOTS).iterdir()] == [bin_.config.slot]


def test_a_slot_that_rots_gives_way_to_the_configured_model(world: UpdateWorld, quick_proof: None) -> None:
    bin_ = world.bin()
    bin_.apply()
    model = bin_.config.model.file
    assert model.name == MODEL_NAME
    content = bytearray(model.read_bytes())
    content[5000] ^= 1
    model.write_bytes(content)
    assert (names(bin_), bin_.config.slot) == ("trashnet6", None)
    (bin_.config.updates_folder / "in-use.json").write_text('{"slot": "../../../etc"}')
    assert names(bin_) == "trashnet6"


@pytest.mark.slow
def test_five_hundred_kills(world: UpdateWorld, quick_proof: None, models: dict[str, Path]) -> None:
    """A real SIGKILL after a random time of a real update, again and again on the same bin."""
    chance, seen = random.Random(0), {"trashnet6": 0, "good": 0, "better": 0}
    began_s = time.monotonic()
    world.bin("first").apply()
    longest_s = 1.3 * (time.monotonic() - began_s)
    for number in range(500):
        if number == 250:
            world.publisher.publish(models["better"])
        child = os.fork()
        if child == 0:
            try:
                bin_ = world.bin()
                if bin_.apply() == "nothing":
                    bin_.run.watch.back()
                    bin_.run.watch.refused.clear()
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0, longest_s))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        seen[names(world.bin())] += 1
    assert sum(seen.values()) == 500
    assert all(seen.values()), seen
