"""What a visitor says of items: checked, kept, taken back."""

from collections.abc import Sequence

from edge.errors import LabelError, ReviewError
from edge.page.bin_settings import BinSettings
from edge.page.event_source import EventSource
from edge.page.texts import PageError, mark
from edge.records.event_kinds import read_kinds
from edge.records.event_reader import EventReader
from edge.records.event_schema import EventRow
from edge.records.feature_table import ReviewOffer, read_offer
from edge.teaching.pictures.label_name import known_label
from edge.teaching.reviews.review_log import Review, ReviewLog

MOST_AT_ONCE = 60
"""Largest number of items that something is said of at once."""


class SpokenWords:
    """Keeps what is said of items until the taught set has it. Its methods wait for the disk: call them in a thread.

    Args:
        settings: the bin.

    Raises:
        PageError: nothing can be taught here.
    """

    def __init__(self, settings: BinSettings) -> None:
        if settings.teaching_folder is None:
            raise PageError(mark("Only an event log is shown: nothing can be corrected here."))
        self._settings = settings
        self._source = EventSource(settings)
        self._log = ReviewLog(settings.teaching_folder)

    def labels(self) -> list[str]:
        """The labels that are known: those that have a bin, then those that were decided or said."""
        kinds = self._source.read(lambda events: events.read(read_kinds))
        said = sorted({review.label for review in self._log.reviews()})
        return list(dict.fromkeys([*self._settings.labels, *sorted({kind.label for kind in kinds}), *said]))

    def say(self, names: Sequence[str], text: str) -> str:
        """Keep that items were what a text says; returns the label that it means.

        Args:
            names: of the items.
            text: what they were, as it was typed.

        Raises:
            PageError: the text cannot be a label, or it cannot be kept.
            HTTPException: there is no such item.
        """
        events = [self._source.event(name) for name in _few(names)]
        try:
            label = known_label(text.strip(), self.labels())
            offers = self._source.read(lambda reader: [_offer(reader, event) for event in events])
            for event, offer in zip(events, offers, strict=True):
                self._log.add(Review.of(event, offer, label), is_taught=False)
        except LabelError as error:
            raise PageError(
                mark("%(label)s cannot be a label: a word or several, without slash or colon."), label=text
            ) from error
        except ReviewError as error:
            raise PageError(mark("It could not be kept: %(reason)s"), reason=error) from error
        return label

    def take_back(self, names: Sequence[str]) -> int:
        """Take back what was said of items; returns of how many something was.

        Raises:
            PageError: it cannot be taken back.
            HTTPException: there is no such item.
        """
        events = [self._source.event(name) for name in _few(names)]
        try:
            return sum(self._log.remove((one["session"], one["number"], one["wall_s"])) for one in events)
        except ReviewError as error:
            raise PageError(mark("It could not be taken back: %(reason)s"), reason=error) from error

    def untaught(self) -> int:
        """Number of items of which the taught set does not know yet what was said."""
        return len(self._log.untaught())


def _few(names: Sequence[str]) -> Sequence[str]:
    if not 0 < len(names) <= MOST_AT_ONCE:
        raise PageError(mark("Expected 1 to %(most)s items at once."), most=MOST_AT_ONCE)
    return names


def _offer(reader: EventReader, event: EventRow) -> ReviewOffer | None:
    key = event["session"], event["number"]
    return reader.read(lambda database: read_offer(database, key))
