"""From the configuration to the event log and the pictures, which share a disk."""

from collections.abc import Callable
from pathlib import Path

from edge.alarms import Alarms
from edge.config.schema import Config
from edge.errors import EventLogError, LogInUseError
from edge.records.event_log import EventLog
from edge.records.housekeeping import DAY_S, Housekeeping, Retention
from edge.records.image_ring import ImageRing
from edge.records.recorder import Recorder
from edge.records.review_draw import ReviewDraw
from edge.records.trusted_clock import TrustedClock
from edge.records.writer import Writer
from hardware.clock import Clock


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


def make_recorder(
    config: Config,
    clock: Clock,
    events: EventLog,
    images: ImageRing,
    *,
    alarms: Alarms,
    wall_synced: Callable[[], bool],
    writer: Writer | None,
) -> Recorder:
    """What writes the events, and deletes old ones as the configuration says.

    Args:
        config: how long events are kept.
        clock: time source.
        events: the event log, with a session started before the first event.
        images: the pictures of the items.
        alarms: receives the alarms of a disk that fails or is slow.
        wall_synced: returns whether the wall clock is synchronized.
        writer: runs the writes; None: at once, in the caller's thread.
    """
    settings = config.event_log
    retention = Retention(
        keep_s=None if settings.keep_days is None else settings.keep_days * DAY_S,
        budget_bytes=None if settings.event_budget_mb is None else int(settings.event_budget_mb * 1e6),
        feature_bytes=int(settings.feature_budget_mb * 1e6),
    )
    trusted = TrustedClock(clock, wall_synced)
    housekeeping = Housekeeping(events, images, retention=retention, clock=clock, trusted=trusted)
    return Recorder(
        events,
        images,
        clock=clock,
        alarms=alarms,
        wall_synced=wall_synced,
        writer=writer,
        housekeeping=housekeeping,
        review=ReviewDraw(settings.review_share),
    )
