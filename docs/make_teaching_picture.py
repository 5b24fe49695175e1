"""Draws docs/teaching.png: the pictures that ``sorter teach capture`` takes in the simulated bin, and what is kept of each.

.venv/bin/python -m docs.make_teaching_picture [--out docs/teaching.png]
"""

import argparse
import tempfile
from pathlib import Path

import cv2
import numpy as np

from docs.picture_records import RECORDS, keep_record
from edge.config.file import load_config
from edge.service.attended_tray import attend_tray
from edge.service.factories import load_classifier
from edge.teaching.pictures.item_capture import ItemCapture, Shot
from edge.teaching.pictures.looks import LookTaker
from hardware.frame import Pixels

PICTURE = Path("docs/teaching.png")
SOURCES = [Path("docs/make_teaching_picture.py")]
"""What draws it."""

LABEL = "glass"
SHOTS = 4
TILE = (320, 240)
KEPT = 84
"""Side of the kept picture in a tile, in pixels."""

GREEN, DARK, WHITE = (60, 200, 90), (30, 30, 30), (255, 255, 255)


def make_picture() -> Pixels:
    """The picture, RGB uint8 (height, width, 3)."""
    tiles: list[Pixels] = []
    with tempfile.TemporaryDirectory() as folder:
        state = [f"event_log.file={folder}/events.sqlite", f"event_log.images={folder}/images", "tray.memory=null"]
        config = load_config(Path("config.yaml"), ["simulation.speed=0", *state])
        taker = LookTaker(load_classifier(config, config.model.file))
        with attend_tray(config, LABEL) as tray:
            capture = ItemCapture(tray.presence, taker, spec=taker.spec)
            sequence = -1
            while len(tiles) < SHOTS:
                frame = tray.camera.read(newer_than=sequence, timeout_s=0.5)
                if frame is None:
                    continue
                sequence = frame.sequence
                shot = capture.observe(frame, wall_s=0.0)
                if shot is not None:
                    tiles.append(_tile(frame.pixels, shot, f"{LABEL} {len(tiles) + 1}: taken"))
    return np.hstack(tiles)


def _tile(pixels: Pixels, shot: Shot, words: str) -> Pixels:
    tile: Pixels = cv2.resize(pixels, TILE, interpolation=cv2.INTER_AREA)
    kept, _ = shot.picture.decode()
    scale = KEPT / max(kept.shape[:2])
    small = cv2.resize(kept, (round(kept.shape[1] * scale), round(kept.shape[0] * scale)), interpolation=cv2.INTER_AREA)
    tile[4 : 4 + small.shape[0], 4 : 4 + small.shape[1]] = small
    cv2.rectangle(tile, (3, 3), (4 + small.shape[1], 4 + small.shape[0]), WHITE, 1)
    cv2.rectangle(tile, (0, TILE[1] - 24), TILE, DARK, cv2.FILLED)
    cv2.putText(tile, words, (8, TILE[1] - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.45, GREEN, 1, cv2.LINE_AA)
    return tile


def main() -> None:
    """Draw the picture and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--out", type=Path, default=PICTURE, help=f"where to; only {PICTURE} itself is entered in {RECORDS}"
    )
    arguments = parser.parse_args()
    cv2.imwrite(str(arguments.out), cv2.cvtColor(make_picture(), cv2.COLOR_RGB2BGR))
    if arguments.out == PICTURE:
        keep_record(PICTURE, SOURCES, [])
    print(f"{arguments.out}: {SHOTS} pictures of {LABEL}")


if __name__ == "__main__":
    main()
