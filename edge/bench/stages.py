"""Times every stage of the line, frame by frame, on whatever the camera shows."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

from edge.bench.timings import Timings
from edge.config.schema import Config
from edge.decision.vote import Vote
from edge.inference.classifier import Classifier
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from edge.service.factories import make_policy, make_presence
from edge.sight.mask import Mask
from edge.sight.presence import PresenceState
from edge.sight.pyramid import Pyramid
from edge.sight.view import make_view
from edge.values import Decision, Frame, Item, SortEvent
from hardware.frame import Pixels

KEPT = 16
"""So many pictures of the empty tray, and of an item at rest, are kept for the replay."""

RECORDS = 20
"""So many events are written to time one."""


@dataclass(slots=True)
class BenchSamples:
    """What the camera showed: some pictures of the empty tray and of one item at rest (its number), and counts."""

    empty: list[Pixels] = field(default_factory=list)
    resting: list[Pixels] = field(default_factory=list)
    item: int = 0
    frames: int = 0
    with_item: int = 0
    first_s: float = 0.0
    last_s: float = 0.0

    def keep_empty(self, pixels: Pixels) -> None:
        """Remember the tray, while there is room."""
        if len(self.empty) < KEPT:
            self.empty.append(pixels)

    def keep_resting(self, pixels: Pixels, item: int) -> None:
        """Remember an item: all pictures are of one, since two that take turns would never be at rest."""
        if len(self.resting) < KEPT:
            if item != self.item:
                self.resting.clear()
            self.item = item
            self.resting.append(pixels)

    @property
    def fps(self) -> float | None:
        """Frames per second that came, by their capture times; None for less than two."""
        return (self.frames - 1) / (self.last_s - self.first_s) if self.last_s > self.first_s else None


class StageBenchmark:
    """The line taken apart: one object, fed frame by frame.

    ``timings`` holds, in seconds a frame: ``presence``; on frames with an item at rest also ``view``, ``classify``,
    ``vote and policy``, ``whole`` (all of these) and ``bare invoke`` (the model alone, run once more right after, so that
    both meet the same machine); on those of an empty tray ``idle``.

    Args:
        config, classifier: as the bin has them.
    """

    def __init__(self, config: Config, classifier: Classifier) -> None:
        self.timings = Timings()
        self.seen = BenchSamples()
        self._classifier = classifier
        self._presence = make_presence(config)
        self._vote = Vote(views=config.decision.views)
        self._policy = make_policy(config.decision, classifier.manifest)
        self._decision: Decision | None = None

    @property
    def decided(self) -> bool:
        """Was an item seen for long enough to be decided?"""
        return self._decision is not None

    def time_frame(self, frame: Frame) -> None:
        """Take one frame down the line, from presence to policy."""
        seen = self.seen
        seen.first_s = seen.first_s if seen.frames else frame.time_s
        seen.last_s = frame.time_s
        seen.frames += 1
        start_s = perf_counter()
        item = self._presence.observe(frame)
        presence_s = perf_counter() - start_s
        self.timings.add("presence", presence_s)
        if item is not None:
            seen.with_item += 1
            seen.keep_resting(frame.pixels, item.number)
            mask = item.mask if self._classifier.manifest.view_kind == "object" else None
            self._look(self._presence.tray(frame), mask, item, presence_s)
        elif self._presence.state in (PresenceState.LEARNING, PresenceState.EMPTY):
            seen.keep_empty(frame.pixels)
            if self._presence.state is PresenceState.EMPTY:
                self.timings.add("idle", presence_s)

    def look_at_all(self, frame: Frame) -> None:
        """Time the rest of the line on the whole picture, where no item was seen at rest for long enough."""
        whole = Mask(frame.pixels[..., 0], (0.0, 0.0, 1.0, 1.0), 1.0)
        item = Item(frame, whole, (0, 0, frame.width, frame.height), 1, frame.time_s)
        start_s = perf_counter()
        self._presence.observe(frame)
        self._look(self._presence.tray(frame), None, item, perf_counter() - start_s)

    def record(self, folder: Path) -> None:
        """Time the writing of events and their pictures in ``folder``; nothing when no item was ever decided.

        Raises:
            EventLogError: nothing can be written there.
        """
        if self._decision is None:
            return
        item = self._decision.verdict.item
        x0, y0, x1, y1 = item.box_xyxy
        ring = ImageRing(folder / "images", budget_bytes=10**8)
        with EventLog(folder / "events.sqlite") as events:
            events.start_session(wall_s=0.0, model=self._classifier.manifest.sha256)
            for number in range(1, RECORDS + 1):
                with self.timings.timed("record"):
                    image = ring.add(f"{number:06d}", item.frame.pixels[y0:y1, x0:x1])
                    event = SortEvent.of(
                        self._decision,
                        time_s=float(number),
                        wall_s=float(number),
                        wall_synced=False,
                        rest_to_decision_s=0.0,
                        image=image,
                    )
                    events.record(replace(event, number=number))
            events.end_session(wall_s=0.0)

    def _look(self, tray: Pyramid, mask: Mask | None, item: Item, presence_s: float) -> None:
        seen_s = perf_counter()
        view = make_view(tray, mask, self._classifier.manifest.view, self._vote.view_count(item))
        viewed_s = perf_counter()
        prediction = self._classifier.predict(view)
        classified_s = perf_counter()
        verdict = self._vote.add_view(item, prediction)
        if verdict is not None:
            self._decision = self._policy.decide(verdict)
        done_s = perf_counter()
        self._classifier.invoke()
        end_s = perf_counter()
        self.timings.add("view", viewed_s - seen_s)
        self.timings.add("classify", classified_s - viewed_s)
        self.timings.add("vote and policy", done_s - classified_s)
        self.timings.add("whole", presence_s + done_s - seen_s)
        self.timings.add("bare invoke", end_s - done_s)
