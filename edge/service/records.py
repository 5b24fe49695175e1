"""From the configuration to the event log and the pictures, which share a disk."""

from collections.abc import Callable
from pathlib import Path

from edge.config.schema import Config
from edge.errors import EventLogError, LogInUseError
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing


def make_image_ring(config: Config) -> ImageRing:
    """The items' pictures, which leave the events the room that the configuration says."""
    settings = config.event_log
    return ImageRing(
        settings.images,
        budget_bytes=int(settings.image_budget_mb * 1e6),
        reserve_bytes=int(settings.reserve_mb * 1e6),
    )


def room_maker(config: Config, images: ImageRing) -> Callable[[], bool]:
    """What makes room for an event on a full disk: pictures are given up, if they are on the disk of the event log.

    Args:
        config: where they are.
        images: the pictures.
    """
    try:
        devices = {folder.stat().st_dev for folder in (config.event_log.images, config.event_log.file.resolve().parent)}
    except OSError:
        devices = set()
    return images.give_up if len(devices) == 1 else lambda: False


def open_event_log(config: Config, open_events: Callable[[Path], EventLog]) -> EventLog:
    """Open the event log; pictures give way to it on a full disk.

    Args:
        config: where it is.
        open_events: opens it.

    Raises:
        EventLogError: it cannot be opened.
    """
    make_room: Callable[[], bool] | None = None
    while True:
        try:
            return open_events(config.event_log.file)
        except LogInUseError:
            raise
        except EventLogError:
            if make_room is None:
                ring = make_image_ring(config)  # deletes the pictures that take the events' reserve
                make_room = room_maker(config, ring)
            elif not (ring.is_disk_full() and make_room()):
                raise
