"""What a corrected decision teaches: the features that it was made from, else those of its picture."""

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edge.commands.teach.event_name import event_name
from edge.config.schema import Config
from edge.errors import EventLogError, PictureError
from edge.inference.manifest import Manifest
from edge.records.event_log import EventLog
from edge.records.event_schema import EventRow
from edge.service.factories import load_classifier
from edge.teaching.pictures.looks import LookTaker
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture


class EventLessons:
    """Makes taught pictures of events; to be used as a context manager.

    Args:
        config: the bin's.
        base: the model that is taught.
        events: the event log.
    """

    def __init__(self, config: Config, base: Manifest, events: EventLog) -> None:
        self._config = config
        self._base = base
        self._events = events
        self._open = ExitStack()

    def picture(self, event: EventRow, label: str, *, wall_s: float) -> TaughtPicture:
        """The picture that teaches that an event was a ``label``.

        Raises:
            EventLogError: neither its features nor its picture are there.
        """
        kept = self._events.features(event["session"], event["number"])
        is_of_model = self._events.model_of(event["session"]) in (self._base.sha256, self._base.compiled_from)
        looks = kept.vectors if kept is not None and is_of_model else None
        if looks is None:
            looks = self._read_again(event)
        return TaughtPicture(label, Source.EVENT, event_name(event), wall_s, None, self._base.sha256, looks)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @cached_property
    def _taker(self) -> LookTaker:
        classifier = load_classifier(self._config)
        self._open.callback(classifier.close)
        return LookTaker(classifier, views=self._config.decision.views)

    def _read_again(self, event: EventRow) -> NDArray[np.int8]:
        """The features of an event's picture. Raises EventLogError if there is none."""
        path = None if event["image"] is None else Path(self._config.event_log.images) / event["image"]
        try:
            if path is None:
                raise PictureError("it has no picture")
            return self._taker.read(path).features
        except PictureError as error:
            raise EventLogError(
                f"event {event_name(event)}: what it was decided from is not kept, and its picture cannot be read: {error}"
            ) from error
