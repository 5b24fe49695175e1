"""Writes what the model saw of a picture, and what its answer rests on."""

from pathlib import Path

import cv2

from edge.inference.occlusion import lit_view, losses
from edge.inference.taught_classifier import ViewClassifier
from hardware.frame import Pixels


def explain_answer(classifier: ViewClassifier, view: Pixels, folder: Path, name: str) -> None:
    """Write ``NAME.view.png`` and ``NAME.looked.png``.

    Args:
        classifier: gives the answer.
        view: RGB uint8 (size, size, 3).
        folder: where they are written; it is made.
        name: of the picture.

    Raises:
        OSError: they cannot be written.
    """
    pictures = {"view": view, "looked": lit_view(view, losses(classifier.predict, view))}
    folder.mkdir(parents=True, exist_ok=True)
    for kind, pixels in pictures.items():
        _, content = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
        (folder / f"{name}.{kind}.png").write_bytes(content.tobytes())
