"""How much of each bin belongs elsewhere, and how much of what belongs there reaches it, by what was said."""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.page.bin_settings import BinSettings
from edge.page.event_source import EventSource
from edge.page.languages import Language
from edge.records.feature_table import newest_head
from edge.teaching.reviews.contamination import (
    ContaminationEstimate,
    bins_of_reviews,
    estimate_capture,
    estimate_contamination,
)
from edge.teaching.reviews.review_log import Review, ReviewKey


@dataclass(frozen=True, slots=True)
class BinShare:
    """What was said of one bin's items.

    Attributes:
        bin: its name.
        contamination: of what lies in it, what belongs elsewhere.
        missed: of what belongs in it, what went elsewhere.
    """

    bin: str
    contamination: ContaminationEstimate
    missed: ContaminationEstimate

    @property
    def reviewed(self) -> int:
        """Number of its items that something was said of."""
        return self.contamination.reviewed

    @property
    def wrong(self) -> int:
        """Number of these that belong elsewhere."""
        return self.contamination.wrong

    def range_text(self, language: Language) -> str:
        """Of its contents, the share that belongs elsewhere; a dash: not known."""
        one = self.contamination
        return "–" if one.share is None else share_range(one.low, one.high, language)

    def capture_text(self, language: Language) -> str:
        """Of what belongs in it, the share that reaches it; a dash: not known."""
        one = self.missed
        return "–" if one.share is None else share_range(1 - one.high, 1 - one.low, language)


def share_range(low: float, high: float, language: Language) -> str:
    """A range of shares as per cent."""
    return f"{100 * low:.1f}–{100 * high:.1f} %".replace(".", language.decimal_point)


def bin_shares(settings: BinSettings, source: EventSource, reviews: Mapping[ReviewKey, Review]) -> list[BinShare]:
    """The shares of every bin, by reviews of what answers now: the model, or the head that decided last.

    Args:
        settings: the bin.
        source: its events.
        reviews: what was said of them.
    """
    head = source.read(lambda events: events.read(newest_head))
    counted = [review for review in reviews.values() if review.head == head]
    bins = bins_of_reviews(counted, settings.labels)
    about = (counted, bins, settings.residual_bin, settings.bins)
    both = zip(estimate_contamination(*about), estimate_capture(*about), strict=True)
    return [BinShare(one.bin, one, other) for one, other in both]
