"""The manifest's draft: its fields that do not depend on measurements."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from shlex import quote

from convert.finished_run import FinishedRun
from convert.quantization.quantize import io_quantization
from edge.inference.manifest import InputSpec, Manifest, OutputSpec
from train.errors import SettingsError
from train.measuring.bin_confusion import RESIDUAL
from train.measuring.configured_bins import ConfiguredBins

log = logging.getLogger("convert")

NAME_LENGTH = 64
"""Longest name of a model in a manifest, in characters (``edge.inference.manifest.Manifest.name``)."""
UNKNOWN_SHA256 = "0" * 64
"""Placeholder; writing the bundle puts the flatbuffer's hash in its place."""


def draft_manifest(
    run: FinishedRun, flatbuffer: bytes, *, name: str, bins: Mapping[str, str], licence: str
) -> Manifest:
    """A manifest without temperature, thresholds and accuracy.

    Args:
        run: gives labels, view and data.
        flatbuffer: the int8 model.
        name: of the model; cut to ``NAME_LENGTH`` characters.
        bins: a suggested bin for every label.
        licence: text, may be empty.
    """
    input_quantization, output_quantization = io_quantization(flatbuffer)
    return Manifest(
        name=name[:NAME_LENGTH],
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        labels=run.labels,
        input=InputSpec(quantization=input_quantization),
        output=OutputSpec(quantization=output_quantization),
        view=run.view.spec,
        view_kind=run.view.kind,
        bins=dict(bins),
        licence=licence,
        data=dict(run.data),
        sha256=UNKNOWN_SHA256,
    )


def suggested_bins(labels: Sequence[str], layout: ConfiguredBins, chosen: Mapping[str, str]) -> dict[str, str]:
    """The bin of each label: ``chosen``, else that of the configuration, whatever the case of its letters.

    Labels without either are left out, and named in a warning.

    Raises:
        SettingsError: ``chosen`` names a label that is not among ``labels``.
    """
    bins = layout.suggest(labels)
    for label, name in chosen.items():
        if label not in labels:
            raise SettingsError(f"--bin takes LABEL=BIN with a label of {list(labels)}, got {label}={name}")
        bins[label] = RESIDUAL if name == layout.residual_bin else name
    unplaced = [label for label in labels if label not in bins]
    if unplaced:
        log.warning(
            "labels without a bin in %s: %s; the model suggests none for them, and here they count as residual. To "
            "measure them in a bin: %s",
            layout.name,
            ", ".join(unplaced),
            " ".join(f"--bin {quote(f'{label}=BIN')}" for label in unplaced),
        )
    return bins
