"""What the check pictures can promise of a model in the bin, as ranges: few pictures say little, whatever they count."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.measuring.split_answers import SplitAnswers
from convert.measuring.thresholds import predicted_bins, true_bins
from edge.config.schema import DecisionConfig
from edge.inference.manifest import Manifest
from train.measuring.metrics import ClassificationScore
from train.measuring.share_interval import ShareInterval
from train.measuring.share_text import count_text, share_text, weakest_label

WIDE = 0.2
"""Length of a range, 0..1, above which it is told: the share is not known to ten points up or down."""
ENOUGH = 100
"""Check pictures of a label that make any range at most ``WIDE`` long, about (97 and half of them right: 0.204)."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Ranges on one part of the pictures.

    Attributes:
        part: "test", or "val" where there are no test pictures.
        labels: of the model.
        confusion: pictures by true and voted label, (labels, labels).
        capture: label of a recycling bin -> share of its pictures that land there.
        contamination: recycling bin -> share of the pictures in it that belong elsewhere.
    """

    part: str
    labels: tuple[str, ...]
    confusion: NDArray[np.int64]
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
        voted = answers.probabilities(manifest.temperature).argmax(axis=1).astype(np.int64)
        return cls(
            part,
            manifest.labels,
            ClassificationScore.of(answers.targets, voted, manifest.labels).confusion,
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

    @property
    def accuracy(self) -> ShareInterval:
        """Share of the pictures whose label the vote names."""
        return ShareInterval.of(int(np.trace(self.confusion)), int(self.confusion.sum()))

    @property
    def recognised(self) -> dict[str, ShareInterval]:
        """Label with a picture -> share of its pictures that the vote names rightly."""
        counts = self.confusion.sum(axis=1)
        return {
            label: ShareInterval.of(int(self.confusion[row, row]), int(counts[row]))
            for row, label in enumerate(self.labels)
            if counts[row]
        }

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "part": self.part,
            "accuracy": self.accuracy.as_dict(),
            "recognised": {label: one.as_dict() for label, one in self.recognised.items()},
            "capture": {label: one.as_dict() for label, one in self.capture.items()},
            "contamination": {name: one.as_dict() for name, one in self.contamination.items()},
        }

    def sentences(self) -> list[str]:
        """How often the vote is right and where it is weakest, and what cannot be promised."""
        lines = [
            f"the vote names {self.accuracy.hits} of {count_text(self.accuracy.count, 'picture')} rightly: "
            f"{share_text(self.accuracy)} of all such pictures",
            weakest_label(self.labels, self.confusion).removesuffix("."),
        ]
        shares = {label: self.capture.get(label, one) for label, one in self.recognised.items()}
        wide = {label: one for label, one in shares.items() if one.width > WIDE}
        lines += [
            f"with {count_text(one.count, 'picture')} of {label} in the check, {one.hits} "
            f"{'in their bin' if label in self.capture else 'recognised'}, the true "
            f"{'capture' if label in self.capture else 'share'} lies between {one.text.replace(' to ', ' and ')}"
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
