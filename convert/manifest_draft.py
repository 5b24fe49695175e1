"""The manifest's draft: all that is known of a model before anything is measured."""

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from convert.quantization.quantize import io_quantization
from edge.inference.manifest import InputSpec, Manifest, OutputSpec
from train.errors import SettingsError
from train.measuring.view_choice import InputView
from train.runs.run_folder import RunFolder

BINS = {
    "cardboard": "paper",
    "paper": "paper",
    "glass": "glass",
    "metal": "packaging",
    "plastic": "packaging",
    "trash": "residual",
}
"""Suggested bin for each known label; a label that is not here goes to the residual bin."""
RESIDUAL = "residual"


def draft_manifest(folder: RunFolder, view: InputView, flatbuffer: bytes, options: argparse.Namespace) -> Manifest:
    """A manifest without temperature, thresholds and figures.

    Raises:
        SettingsError: ``--bin`` names a label that the run does not know.
    """
    labels = folder.labels()
    entry, exit_ = io_quantization(flatbuffer)
    return Manifest(
        name=(options.name or folder.path.resolve().name)[:64],
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        labels=labels,
        input=InputSpec(quantization=entry),
        output=OutputSpec(quantization=exit_),
        view=view.spec,
        view_kind=view.kind,
        bins=suggested_bins(labels, options.bin),
        licence=options.licence,
        data=json.loads((folder.path / "data.json").read_text()),
        sha256="0" * 64,
    )


def suggested_bins(labels: Sequence[str], pairs: Sequence[str]) -> dict[str, str]:
    """A bin for every label: the usual one, or what LABEL=BIN says.

    Raises:
        SettingsError: not LABEL=BIN, or no such label.
    """
    bins = {label: BINS.get(label, RESIDUAL) for label in labels}
    for pair in pairs:
        label, found, name = pair.partition("=")
        if not found or not name or label not in bins:
            raise SettingsError(f"--bin takes LABEL=BIN with a label of {list(labels)}, got {pair!r}")
        bins[label] = name
    return bins
