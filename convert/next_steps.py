"""What to do with a finished model: the lines of the configuration that put it into a bin."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from train.measuring.bin_confusion import RESIDUAL
from train.measuring.configured_bins import ConfiguredBins

HAZARDS = re.compile(
    r"batter(y|ies)|accumulators?|akkus?|batterien?|syringes?|needles?|aerosols?|lighters?|lithium|cartridges?|vapes?",
    re.IGNORECASE,
)
"""Words in the names of labels that may cut, burn or poison: the usual household hazards, and the German for batteries."""


def configuration_lines(
    file: Path, labels: Sequence[str], bins: Mapping[str, str], layout: ConfiguredBins
) -> list[str]:
    """The lines for config.yaml, to copy.

    Args:
        file: of the model.
        labels: of the model.
        bins: label -> suggested bin; labels without one go to the residual bin until somebody chooses.
        layout: the bins that there are.
    """
    lines = ["model:", f"  file: {_scalar(str(file.resolve()))}", "decision:", "  labels:"]
    for label in labels:
        name = bins.get(label, RESIDUAL)
        name = layout.residual_bin if name == RESIDUAL else name
        line = f"    {_scalar(label)}: {_scalar(name)}"
        if label not in bins:
            line += f"  # no usual bin: choose one of {', '.join(layout.bins)}"
        elif name not in layout.bins:
            line += "  # this bin needs an entry of its own under bins:"
        lines.append(line)
    hazards = [label for label in labels if HAZARDS.search(label)]
    if hazards:
        named = ", ".join(map(_scalar, hazards))
        lines.append(
            f"  # hazards: [{named}]  # take away the first # if they must reach no bin but {layout.residual_bin}"
        )
    return lines


def next_steps(file: Path, labels: Sequence[str], bins: Mapping[str, str], layout: ConfiguredBins) -> list[str]:
    """What to do, line by line."""
    unplaced = [label for label in labels if label not in bins]
    first = (
        [
            f"First choose a bin for {', '.join(unplaced)} (--bin LABEL=BIN, or decision.labels of config.yaml), then convert "
            "again: thresholds belong to bins, and a bin chosen afterwards has none of its own.",
            "",
        ]
        if unplaced
        else []
    )
    return [
        *first,
        "Into the bin: put these lines in place of the same ones of config.yaml (sorter init writes one), and then run "
        "sorter doctor:",
        "",
        *configuration_lines(file, labels, bins, layout),
    ]


def _scalar(text: str) -> str:
    """A text as YAML writes it, quoted where it must be."""
    dumped: str = yaml.safe_dump(text, allow_unicode=True, width=10_000)
    return dumped.removesuffix("\n").removesuffix("\n...")
