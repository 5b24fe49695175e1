"""A bin that has sorted something, for tests of its page: an event log, pictures, and a folder for what is taught."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from edge.page.bin_settings import BinSettings
from edge.records.event_features import EventFeatures
from edge.records.event_log import EventLog
from edge.records.event_row import image_name
from edge.teaching.reviews.review_log import ReviewLog
from tests.builders.page import SETTINGS
from tests.builders.values import make_event

JPEG = b"\xff\xd8 a picture \xff\xd9"


class SortedBin:
    """The files of a bin.

    Args:
        folder: where they are.

    Attributes:
        settings: what its page knows of it.
    """

    def __init__(self, folder: Path) -> None:
        self.settings: BinSettings = replace(
            SETTINGS,
            event_log=folder / "events.sqlite",
            images=folder / "images",
            teaching_folder=folder / "teaching",
        )
        (folder / "images").mkdir(parents=True)
        self.reviews = ReviewLog(folder / "teaching")

    def sort(self, *events: dict[str, Any], offered: bool = True, share: float = 1.0) -> None:
        """Record a session of items, each with a picture unless it has ``image`` None; numbers begin with 1."""
        assert self.settings.images is not None
        with EventLog(self.settings.event_log) as log:
            log.start_session(wall_s=1.0, model="m")
            for number, changes in enumerate(events, 1):
                name = f"{image_name(log.session, number)}.jpg"
                event = make_event(number, **{"image": name, **changes})
                log.record(event, EventFeatures(None, share, offered))
                log.record_outcome(number, "done", fell=1, joined=0)
                if event.image is not None:
                    (self.settings.images / name).write_bytes(JPEG)
