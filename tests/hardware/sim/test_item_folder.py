"""Photographs for the simulated bin: labels go by the configuration's, and nothing is left out without a word."""

import logging
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from hardware.clock import ManualClock
from hardware.errors import HardwareConfigError
from hardware.pins import mock_factory
from hardware.sim.item_folder import read_item_folder
from hardware.sim.items import load_item, load_items
from tests.builders.pictures import png_claiming, save
from tests.builders.world import make_bin
from tests.doubles.drives import flap_section
from tests.doubles.sim_rig import BINS, FLAP_OPTIONS, SimRig


def sprite(alpha: int = 255) -> NDArray[np.uint8]:
    rgba = np.zeros((60, 40, 4), np.uint8)
    rgba[10:50, 10:30] = (200, 30, 30, alpha)
    return rgba


def photos(folder: Path, *labels: str) -> Path:
    for label in labels:
        for number in range(2):
            save(folder / label / f"{number}.png", sprite())
    return folder


KNOWN = ("glass", "metal", "paper")


def test_labels_go_by_the_configurations_in_any_case(tmp_path: Path) -> None:
    folder = read_item_folder(photos(tmp_path, "Glass", "METAL", "paper")).of_known(KNOWN)
    assert set(folder.labels.values()) == set(KNOWN)
    assert {path.parts[0] for path in folder.labels} == {"Glass", "METAL", "paper"}


def test_labels_without_a_bin_are_left_out_and_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        folder = read_item_folder(photos(tmp_path, "glass", "Papier")).of_known(KNOWN)
    assert set(folder.labels.values()) == {"glass"}
    assert "labels that are not among decision.labels (glass, metal, paper)" in caplog.text
    assert "Papier (2 pictures)" in caplog.text


def test_a_label_that_could_be_two_is_left_out(tmp_path: Path) -> None:
    folder = read_item_folder(photos(tmp_path, "GLASS", "metal"))
    assert set(folder.of_known(("glass", "Glass", "metal")).labels.values()) == {"metal"}


def test_nothing_but_labels_without_a_bin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        HardwareConfigError, match=r"holds the labels Papier, decision\.labels only glass, metal, paper"
    ):
        read_item_folder(photos(tmp_path, "Papier")).of_known(KNOWN)


def test_the_simulated_bin_throws_in_only_what_has_a_bin(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    flaps = {name: flap_section(options) for name, options in FLAP_OPTIONS.items()}
    world = make_bin(
        clock=ManualClock(),
        pin_factory=mock_factory(),
        flaps=flaps,
        labels=BINS,
        residual_bin="rest",
        photos=photos(tmp_path, "Glass", "Papier"),
        items=1,
    )
    world.close()
    assert "Papier (2 pictures)" in caplog.text


def test_scheduled_items_have_the_configurations_label(tmp_path: Path) -> None:
    rig = SimRig(photos(tmp_path, "GLASS"), items=("glass",))
    while not (item := rig.bin.on_tray):
        rig.look()
    assert item.label == "glass"


@pytest.mark.parametrize("train", ["TRAIN", "Training", "data/train"])
def test_split_folders_are_no_labels(tmp_path: Path, train: str) -> None:
    photos(tmp_path, f"{train}/glass", f"{train}/metal", f"{train}/../Test/glass".replace("data/train/..", "data"))
    items = load_items(tmp_path)
    assert {next(items).label for _ in range(6)} == {"glass", "metal"}


def test_a_listing_may_start_from_the_folder_or_from_the_one_with_the_labels(tmp_path: Path) -> None:
    photos(tmp_path / "set", "wrapper/glass", "wrapper/metal")
    listing = tmp_path / "test.txt"
    listing.write_text("glass/0.png\nwrapper/metal/1.png\n")
    found = read_item_folder(tmp_path / "set", listing)
    assert list(found.labels.values()) == ["glass", "metal"]
    assert all((found.root / path).is_file() for path in found.labels)


def test_what_lies_beside_the_labels_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    photos(tmp_path, "glass", "glass/.ipynb_checkpoints", "@eaDir")
    (tmp_path / "metal").mkdir()
    os.mkfifo(tmp_path / "glass" / "pipe.jpg")
    read_item_folder(tmp_path)
    for text in (
        "left out, hidden: glass/.ipynb_checkpoints",
        "left out, folder of another program: @eaDir",
        "left out, not a file but a pipe, a socket or a device: glass/pipe.jpg",
        "no picture of metal: the folder is empty",
    ):
        assert text in caplog.text


def bad(folder: Path) -> dict[str, str]:
    """Pictures that cannot be used, and why."""
    folder.mkdir(parents=True)
    (folder / "huge.png").write_bytes(png_claiming(30_000, 30_000))
    (folder / "broken.jpg").write_bytes(b"no picture")
    save(folder / "float.tif", np.zeros((20, 20, 3), np.float32))
    (folder / "float.tif").rename(folder / "float.png")
    save(folder / "clear.png", sprite(alpha=0))
    save(folder / "line.png", np.full((1, 900, 3), 200, np.uint8))
    return {
        "huge.png": "too large: 30000x30000 pixels",
        "broken.jpg": "not an image",
        "float.png": "pixels of type float32",
        "clear.png": "nothing in it but transparency",
        "line.png": "the item in it is only",
    }


def test_what_cannot_be_read_is_skipped_with_a_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reasons = bad(tmp_path / "glass")
    save(tmp_path / "glass" / "good.png", sprite())
    items = load_items(tmp_path)
    assert {next(items).name for _ in range(4)} == {"glass/good.png"}
    for name, reason in reasons.items():
        assert caplog.text.count(f"items: skipped: {tmp_path / 'glass' / name}: {reason}") == 1
        with pytest.raises(HardwareConfigError, match=reason):
            load_item(Path("glass") / name, tmp_path)


def test_a_photograph_on_its_side_is_turned(tmp_path: Path) -> None:
    exif = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
    plate: NDArray[Any] = np.full((60, 120, 3), (170, 130, 90), np.uint8)
    content = cv2.imencode(".jpg", plate)[1].tobytes()
    (tmp_path / "paper").mkdir()
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    (tmp_path / "paper" / "x.jpg").write_bytes(content[:2] + segment + content[2:])
    height, width = next(load_items(tmp_path)).rgba.shape[:2]
    assert height == 2 * width
