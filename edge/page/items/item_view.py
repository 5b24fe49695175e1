"""A sorted item as the page shows it: what was decided, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.page.bin_settings import BinSettings
from edge.page.items.bin_rules import BinRules
from edge.page.texts import mark
from edge.records.event_schema import EventRow
from edge.teaching.reviews.review_log import Review
from hardware.pictures.labels import match_labels

REASON_TEXTS = {
    "confident": mark("sure"),
    "unsure": mark("unsure"),
    "unknown": mark("stranger"),
    "hazard": mark("dangerous"),
    "several": mark("several things"),
    "full": mark("bin full"),
}
"""Reason -> its name."""

OUTCOME_TEXTS = {
    "decided": mark("under way"),
    "done": mark("fell into its bin"),
    "stuck": mark("stayed on the tray"),
    "empty": mark("nothing fell: a part of the tray"),
    "interrupted": mark("interrupted"),
}
"""Outcome -> its name."""

MOST_LABELS = 4
"""Number of probabilities that are shown: what is left out is smaller."""


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item and why it went where it did.

    Attributes:
        event: its event.
        review: what somebody said of it; None: nothing.
        label_shares: the most probable labels, with their probabilities.
        bin_shares: bin -> summed probability of its labels, the largest first.
        wanted_bin: the bin that most speaks for, of those that are not the residual bin; None: there is none.
        least: what the rule of that bin asks for, 0..1; None: not known.
        rules: the bin's rules.
    """

    event: EventRow
    review: Review | None
    label_shares: tuple[tuple[str, float], ...]
    bin_shares: tuple[tuple[str, float], ...]
    wanted_bin: str | None
    least: float | None
    rules: BinRules

    @property
    def name(self) -> str:
        """What it is asked for by: its session and number."""
        return f"{self.event['session']}-{self.event['number']}"

    @property
    def reason_text(self) -> str:
        """The reason in English, to be translated."""
        return REASON_TEXTS.get(self.event["reason"], self.event["reason"])

    @property
    def outcome_text(self) -> str:
        """The outcome in English, to be translated."""
        return OUTCOME_TEXTS.get(self.event["outcome"], self.event["outcome"])

    @property
    def wanted_share(self) -> float:
        """Probability of ``wanted_bin``, 0..1."""
        return dict(self.bin_shares).get(self.wanted_bin or "", 0.0)

    @property
    def is_corrected(self) -> bool:
        """Whether somebody said that it was something else."""
        return self.review is not None and self.review.label != self.event["label"]


def view_item(
    event: EventRow, settings: BinSettings, rules: BinRules, reviews: Mapping[tuple[int, int, float], Review]
) -> ItemView:
    """An item as it is shown.

    Args:
        event: its event.
        settings: the bin, as it is configured now.
        rules: the bin's rules now.
        reviews: what was said of items.
    """
    shares = sorted(event["probabilities"].items(), key=lambda one: -one[1])
    names = match_labels(event["probabilities"], settings.labels).names
    bins: dict[str, float] = {}
    for label, share in shares:
        bin_name = settings.labels[names[label]] if label in names else settings.residual_bin
        bins[bin_name] = bins.get(bin_name, 0.0) + share
    ordered = tuple(sorted(bins.items(), key=lambda one: -one[1]))
    wanted = next((name for name, _ in ordered if name and name != settings.residual_bin), None)
    return ItemView(
        event=event,
        review=reviews.get((event["session"], event["number"], event["wall_s"])),
        label_shares=tuple(shares[:MOST_LABELS]),
        bin_shares=ordered if settings.labels else (),
        wanted_bin=wanted if settings.labels else None,
        least=rules.least.get(wanted or ""),
        rules=rules,
    )
