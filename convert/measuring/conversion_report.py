"""The conversion report: accuracy lost to int8, and accuracy of the model in the bin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from convert.measuring.parity import pool_parity, print_parity
from convert.measuring.promise import Promise
from convert.measuring.rejection import OodScoreChoice
from convert.measuring.split_answers import SplitAnswers
from convert.measuring.thresholds import BinThreshold, bin_confusion
from edge.decision.vote import DEFAULT_VIEWS
from edge.inference.manifest import Manifest
from train.measuring.metrics import COVERAGE, Calibration, RiskCoverage
from train.measuring.share_interval import ShareInterval
from train.measuring.share_text import WIDE, share_cell, share_text


@dataclass(frozen=True, slots=True, eq=False)
class ConversionReport:
    """Figures of a converted model; all but ``parity`` by the bin's vote.

    Attributes:
        manifest: as it ships.
        parts: "val" and, maybe, "test".
        tray_answers: the validation items laid on trays, if there are any.
        unknown: score and threshold for unknown things.
        thresholds: bin -> threshold; None where there were too few items to choose one.
        contamination_target: the target of the thresholds, 0..1.
    """

    manifest: Manifest
    parts: Mapping[str, SplitAnswers]
    tray_answers: SplitAnswers | None
    unknown: OodScoreChoice
    thresholds: Mapping[str, BinThreshold | None]
    contamination_target: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        together = pool_parity({name: part.parity for name, part in self.parts.items()})
        return {
            "model": self.manifest.name,
            "lost_points": round(together.lost_points, 3),
            "agreement": round(together.agreement, 4),
            "sets": {name: part.parity.as_accuracy().model_dump() for name, part in self.parts.items()},
            "view": {"kind": self.manifest.view_kind, **self.manifest.view.model_dump()},
            "views": DEFAULT_VIEWS,
            "voted": {name: round(part.accuracy(self.manifest.temperature), 4) for name, part in self.parts.items()},
            "temperature": self.manifest.temperature,
            "calibration_error": {name: self._calibration_error(part) for name, part in self.parts.items()},
            "error_at_80": {name: round(self._risk(part), 4) for name, part in self.parts.items()},
            "min_confidence": self.manifest.min_confidence,
            "contamination_target": self.contamination_target,
            "thresholds": {name: one and one.as_dict() for name, one in self.thresholds.items()},
            "sorting": {
                name: bin_confusion(self.manifest, part).as_dict()
                for name, part in {**self.parts, "val on trays": self.tray_answers}.items()
                if part is not None
            },
            "unknown": self.unknown.report,
            "promise": self._promise.as_dict(),
        }

    @property
    def _promise(self) -> Promise:
        return Promise.of(self.manifest, self.parts)

    def show(self, size_bytes: int, console: Console) -> None:
        """Print it."""
        print_parity({name: part.parity for name, part in self.parts.items()}, size_bytes, console)
        figures = self.as_dict()
        for name, part in self.parts.items():
            count = len(part.targets)
            right = ShareInterval.of(round(part.accuracy(self.manifest.temperature) * count), count)
            error = figures["calibration_error"][name]
            console.print(
                f"{name}, {DEFAULT_VIEWS} looks voting, int8: "
                + (
                    f"{share_text(right)} right; too few pictures to tell calibration; temperature "
                    if right.width > WIDE
                    else f"{share_text(right)}, {100 * figures['error_at_80'][name]:.1f} % wrong among the 80 % most confident, "
                    f"calibration error {error['before']:.3f} -> {error['after']:.3f} at temperature "
                )
                + f"{self.manifest.temperature:g}",
                highlight=False,
                soft_wrap=True,
            )
        if self.thresholds:
            console.print(self._bins(figures["sorting"]))
        else:
            console.print(
                f"no recycling bin: every label ({', '.join(self.manifest.labels)}) belongs into the residual bin, so that there "
                "are no thresholds to show; give --bin LABEL=BIN, or --config FILE with them in decision.labels",
                highlight=False,
                soft_wrap=True,
            )
        unknown = figures["unknown"]
        limit = "no limit" if self.manifest.unknown is None else f"below {unknown['least']:g}"
        console.print(
            f"unknown: {unknown['score']}, {limit}; AUROC on held-out unknown pictures "
            + ", ".join(f"{kind} {value:.3f}" for kind, value in self.unknown.aurocs.items())
            + "; stay known: "
            + ", ".join(f"{name} {100 * share:.1f} %" for name, share in unknown["stay_known"].items()),
            highlight=False,
            soft_wrap=True,
        )
        console.print(
            f"\nWhat these pictures say, and cannot promise ({self._promise.part} pictures, 95 % confidence):"
        )
        for line in self._promise.sentences():
            console.print(f"- {line}", highlight=False, soft_wrap=True)

    def _bins(self, sorted_: dict[str, Any]) -> Table:
        """One row for each recycling bin: threshold, items that it was chosen on, contamination and capture of each set."""
        table = Table(
            title=f"at most {100 * self.contamination_target:g} % contamination wanted; least: smallest probability, 0 to 1; "
            "wrong, captured: in %, counts where items are few",
            title_justify="left",
        )
        for column in ("bin", "least", "chosen on", *(f"{part} wrong, captured" for part in sorted_)):
            table.add_column(column, justify="left" if column == "bin" else "right")
        for name, one in self.thresholds.items():
            least = f"{self.manifest.bin_confidence.get(name, self.manifest.min_confidence):.3f}"
            basis = "too few items"
            if one is not None:
                missed = "" if one.target_met else ", NOT REACHED"
                basis = f"{one.wrong} of {one.items} wrong (up to {100 * one.contamination_upper:.0f} %){missed}"
            cells = []
            for part in sorted_.values():
                row = part["bins"].get(name)
                cells.append(
                    ", ".join(
                        share_cell(round(row[share] * row[total]), row[total])
                        for share, total in (("contamination", "went"), ("capture", "belong"))
                    )
                    if row
                    else "none"
                )
            table.add_row(name, least, basis, *cells)
        return table

    def _calibration_error(self, part: SplitAnswers) -> dict[str, float]:
        temperatures = {"before": 1.0, "after": self.manifest.temperature}
        return {
            name: round(Calibration.of(part.probabilities(temperature), part.targets).error, 4)
            for name, temperature in temperatures.items()
        }

    def _risk(self, part: SplitAnswers) -> float:
        shares = part.probabilities(self.manifest.temperature)
        return RiskCoverage.of(shares.max(axis=1), shares.argmax(axis=1) == part.targets).risk_at(COVERAGE)
