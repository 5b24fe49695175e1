"""The model that is taught: what it is, without running it."""

from pathlib import Path

from edge.errors import InputMissingError, ModelError
from edge.inference.bundle import read_bundle
from edge.inference.manifest import Manifest


def base_manifest(file: Path) -> Manifest | None:
    """The manifest of a model file; None where it cannot be read: what was taught can be looked at all the same."""
    try:
        return read_bundle(file).manifest
    except (ModelError, InputMissingError):
        return None
