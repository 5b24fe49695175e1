"""The tray that a person teaches at, and that the sorter finds as it was."""

from pathlib import Path

import numpy as np

from edge.config.file import load_config
from edge.config.schema import Config
from edge.service.attended_tray import attend_tray
from edge.service.factories import make_background_store, make_presence
from edge.sight.background import BackgroundModel
from hardware.clock import ManualClock
from hardware.frame import Pixels

FRAMES = 120
"""Enough for the first thing to lie on the tray."""


def first_and_last(config: Config, variation: int) -> tuple[Pixels, Pixels]:
    sequence, pictures = -1, []
    with attend_tray(config, "glass", clock=ManualClock(), variation=variation) as tray:
        for _ in range(FRAMES):
            frame = tray.camera.read(newer_than=sequence, timeout_s=1.0)
            assert frame is not None
            sequence = frame.sequence
            pictures.append(frame.pixels)
    return pictures[0], pictures[-1]


def test_other_things_come_to_the_same_tray(config_file: Path) -> None:
    config = load_config(config_file)
    (empty, thing), (empty_too, another) = first_and_last(config, 0), first_and_last(config, 3)
    assert np.array_equal(empty, empty_too)
    assert not np.array_equal(thing, another)


def test_a_tray_drawn_from_another_seed_is_not_remembered(config_file: Path, tmp_path: Path) -> None:
    memory = f"tray.memory={tmp_path}/tray.npz"
    configs = [load_config(config_file, [memory, f"simulation.seed={seed}"]) for seed in (0, 5)]
    stores = [make_background_store(config) for config in configs]
    assert stores[0] is not None
    height, width = 120, 160
    stores[0].save(BackgroundModel(np.full((height, width, 3), 50, np.float32), 1.0))
    found = [make_presence(config, store).background for config, store in zip(configs, stores, strict=True)]
    assert found[0] is not None
    assert found[1] is None


def test_where_nothing_is_to_be_remembered_there_is_no_store(config_file: Path) -> None:
    assert make_background_store(load_config(config_file, ["tray.memory=null"])) is None
