"""Draws docs/simulated-bin.png: what the bin saw, found and did, for the first items of the moving picture's run.

.venv/bin/python -m docs.make_picture [--out docs/simulated-bin.png]
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from docs.demo_run import OWN, RESIDUAL, WRONG, decision_record, demo_steps, truth_of, verdict
from docs.picture_records import RECORDS, keep_record
from edge.sight.view import object_view
from hardware.frame import Frame, Pixels

PICTURE = Path("docs/simulated-bin.png")
SOURCES = [Path("docs/demo_run.py"), Path("docs/make_picture.py")]
"""What draws it."""

ITEMS, PER_ROW = 8, 4
"""Items shown, and tiles side by side."""

TILE = (320, 240)
COLOURS = {OWN: (60, 200, 90), RESIDUAL: (240, 180, 40), WRONG: (240, 70, 60)}
"""RGB by verdict."""


def make_picture() -> tuple[Pixels, list[Mapping[str, str]]]:
    """The picture, RGB uint8 (height, width, 3), and the decisions that it shows."""
    tiles: list[Pixels] = []
    decisions: list[Mapping[str, str]] = []
    for step, _ in demo_steps():
        event, item = step.event, step.assembly.sorter.last_item
        if event is None or item is None:
            continue
        decisions.append(decision_record(step, event))
        truth = "" if event.label == truth_of(step) else f", truth: {truth_of(step)}"
        words = f"{event.label} {event.confidence:.2f} -> {event.bin}{truth}"
        view = object_view(step.frame.pixels, item.mask, step.assembly.classifier.manifest.view)
        tiles.append(_tile(step.frame, item.box_xyxy, view, words, COLOURS[verdict(step, event)]))
        if len(tiles) == ITEMS:
            break
    rows = [np.hstack(tiles[start : start + PER_ROW]) for start in range(0, len(tiles), PER_ROW)]
    return np.vstack(rows), decisions


def main() -> None:
    """Draw the picture and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--out", type=Path, default=PICTURE, help=f"where to; only {PICTURE} itself is entered in {RECORDS}"
    )
    arguments = parser.parse_args()
    picture, decisions = make_picture()
    cv2.imwrite(str(arguments.out), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if arguments.out == PICTURE:
        keep_record(PICTURE, SOURCES, decisions)
    print(f"{arguments.out}: {len(decisions)} items")


def _tile(
    frame: Frame, box: tuple[int, int, int, int], view: Pixels, words: str, colour: tuple[int, int, int]
) -> Pixels:
    picture = frame.pixels.copy()
    cv2.rectangle(picture, box[:2], box[2:], colour, 3)
    tile: Pixels = cv2.resize(picture, TILE, interpolation=cv2.INTER_AREA)
    inset = cv2.resize(view, (72, 72), interpolation=cv2.INTER_AREA)
    tile[4:76, 4:76] = inset
    cv2.rectangle(tile, (4, 4), (76, 76), (255, 255, 255), 1)
    cv2.rectangle(tile, (0, TILE[1] - 24), TILE, (30, 30, 30), cv2.FILLED)
    cv2.putText(tile, words, (8, TILE[1] - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
    return tile


if __name__ == "__main__":
    main()
