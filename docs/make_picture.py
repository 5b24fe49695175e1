"""Draws docs/simulated-bin.png: what the bin saw, found and did, for some items of a simulated run.

.venv/bin/python -m docs.make_picture [--set simulation.seed=3] [--items 8] [--out docs/simulated-bin.png]
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from docs.simulated_run import steps
from edge.service.status import true_label
from edge.sight.view import object_view
from hardware.frame import Frame, Pixels

TILE = (320, 240)
GREEN, AMBER, RED = (60, 200, 90), (240, 180, 40), (240, 70, 60)
"""In its own bin; in the residual bin instead; in a wrong bin. Against the simulation's truth."""


def main() -> None:
    """Sort some items and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=8, help="items shown, four a row (default: 8)")
    parser.add_argument("--out", type=Path, default=Path("docs/simulated-bin.png"))
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    arguments = parser.parse_args()
    tiles: list[Pixels] = []
    for step in steps(arguments.overrides):
        assembly, event, item = step.assembly, step.event, step.assembly.sorter.last_item
        if event is None or item is None:
            continue
        decision = assembly.config.decision
        truth = true_label(assembly) or decision.residual_bin
        own = decision.labels[truth]
        colour = GREEN if event.bin == own else AMBER if event.bin == decision.residual_bin else RED
        words = f"{event.label} {event.confidence:.2f} -> {event.bin}"
        view = object_view(step.frame.pixels, item.mask, assembly.classifier.manifest.view)
        tiles.append(_tile(step.frame, item.box_xyxy, view, words, colour))
        if len(tiles) == arguments.items:
            break
    rows = [np.hstack(tiles[start : start + 4]) for start in range(0, len(tiles) - len(tiles) % 4, 4)]
    cv2.imwrite(str(arguments.out), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


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
    cv2.putText(tile, words, (8, TILE[1] - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)
    return tile


if __name__ == "__main__":
    main()
