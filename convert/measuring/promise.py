"""What the check pictures can promise of a model in the bin, as ranges: few pictures say little, whatever they count."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from convert.measuring.split_answers import SplitAnswers
from convert.measuring.thresholds import predicted_bins, true_bins
from edge.config.schema import DecisionConfig
from edge.inference.manifest import Manifest
from train.measuring.share_interval import ShareInterval

WIDE = 0.2
"""Length of a range, 0..1, above which it is told: the share is not known to ten points up or down."""
ENOUGH = 100
"""Check pictures of a label that make any range at most ``WIDE`` long, about (97 and half of them right: 0.204)."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Ranges on one part of the pictures.

    Attributes:
        part: "test", or "val" where there are no test pictures.
        capture: label of a recycling bin -> share of its pictures that land there.
        contamination: recycling bin -> share of the pictures in it that belong elsewhere.
    """

    part: str
    capture: Mapping[str, ShareInterval]
    contamination: Mapping[str, ShareInterval]

    @classmethod
    def of(cls, manifest: Manifest, parts: Mapping[str, SplitAnswers]) -> "Promise":
        """For the model as it ships, with the default configuration of the bin."""
        part = "test" if "test" in parts else "val"
        answers, decision = parts[part], DecisionConfig(labels=manifest.bins)
        went, belongs = (
            predicted_bins(decision, manifest, answers),
            true_bins(manifest.bins, manifest.labels, answers),
        )
        own = {
            label: answers.targets == row
            for row, label in enumerate(manifest.labels)
            if manifest.bins[label] != decision.residual_bin
        }
        return cls(
            part,
            {
                label: ShareInterval.of(int((went == belongs)[rows].sum()), int(rows.sum()))
                for label, rows in own.items()
                if rows.any()
            },
            {
                name: ShareInterval.of(int((belongs[went == name] != name).sum()), int((went == name).sum()))
                for name in sorted({*np.unique(belongs).tolist()} - {decision.residual_bin})
            },
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "part": self.part,
            "capture": {label: one.as_dict() for label, one in self.capture.items()},
            "contamination": {name: one.as_dict() for name, one in self.contamination.items()},
        }

    def sentences(self) -> list[str]:
        """What cannot be promised; none where every range is short."""
        wide = {label: one for label, one in self.capture.items() if one.width > WIDE}
        lines = [
            f"with {_pictures(one.count)} of {label} in the check, {one.hits} in their bin, the true capture lies between "
            f"{one.text.replace(' to ', ' and ')}"
            for label, one in wide.items()
        ]
        lines += [
            f"bin {name}: {one.hits} of {one.count} wrong in the check: the true contamination may be up to "
            f"{100 * one.high:.0f} %"
            if one.count
            else f"bin {name}: no check picture lands in it: nothing is known of its contamination"
            for name, one in self.contamination.items()
            if one.width > WIDE / 2
        ]
        if wide:
            least = min(one.count for one in wide.values())
            lines.append(
                f"some {ENOUGH} pictures of each label in the check would narrow this to ten points up or down; the fewest now "
                f"are {least}. sorter-train fit --set test_share=0.3 gives the check more of them than a sixth"
            )
        return lines


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"
