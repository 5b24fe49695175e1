"""Times every stage of the line, frame by frame."""

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
from edge.sight.presence import PresenceState
from edge.sight.pyramid import Pyramid
from edge.sight.view import make_view
from edge.values import Decision, Frame, Item, Mask, SortEvent
from hardware.frame import Pixels

MAX_SAMPLES = 16
"""Number of pictures of the empty tray, and of an item at rest, kept for the replay: 15 MB each at 640x480."""

RECORDS = 20
"""Number of events written to time one: the disk's latency varies, and an SD card must not be worn."""


@dataclass(slots=True)
class BenchSamples:
    """Pictures kept for the replay, and counts of what the camera showed.

    Attributes:
        empty: pictures of the empty tray, at most ``MAX_SAMPLES``.
        resting: pictures of one item at rest, at most ``MAX_SAMPLES``.
        item: number of that item.
        frames, with_item: number of frames, and of those with an item at rest.
        first_s, last_s: capture times of the first and the last frame, in seconds.
    """

    empty: list[Pixels] = field(default_factory=list)
    resting: list[Pixels] = field(default_factory=list)
    item: int = 0
    frames: int = 0
    with_item: int = 0
    first_s: float = 0.0
    last_s: float = 0.0

    def keep_empty(self, pixels: Pixels) -> None:
        """Keep a picture of the empty tray, while there is room."""
        if len(self.empty) < MAX_SAMPLES:
            self.empty.append(pixels)

    def keep_resting(self, pixels: Pixels, item: int) -> None:
        """Keep a picture of an item at rest. All are of one item: two that alternate would never be at rest."""
        if len(self.resting) < MAX_SAMPLES:
            if item != self.item:
                self.resting.clear()
            self.item = item
            self.resting.append(pixels)

    @property
    def fps(self) -> float | None:
        """Frames per second by their capture times; None for fewer than two frames."""
        return (self.frames - 1) / (self.last_s - self.first_s) if self.last_s > self.first_s else None


class StageBenchmark:
    """Runs the stages of the line one by one and times each.

    Args:
        config, classifier: as for the bin.

    Attributes:
        timings: seconds per frame. ``presence`` for every frame; for a frame with an item at rest also ``view``,
            ``classify``, ``vote and policy``, ``whole`` (all of these) and ``bare invoke`` (the model alone, run once more
            right after, under the same load of the machine); ``idle`` for a frame of the empty tray.
        samples: pictures for the replay, and counts.
    """

    def __init__(self, config: Config, classifier: Classifier) -> None:
        self.timings = Timings()
        self.samples = BenchSamples()
        self._classifier = classifier
        self._presence = make_presence(config)
        self._vote = Vote(views=config.decision.views)
        self._policy = make_policy(config.decision, classifier.manifest)
        self._decision: Decision | None = None

    @property
    def has_decided(self) -> bool:
        """Whether an item was at rest long enough to be decided."""
        return self._decision is not None

    def time_frame(self, frame: Frame) -> None:
        """Time the line on one frame, from presence to policy."""
        samples = self.samples
        samples.first_s = samples.first_s if samples.frames else frame.time_s
        samples.last_s = frame.time_s
        samples.frames += 1
        start_s = perf_counter()
        item = self._presence.observe(frame)
        presence_s = perf_counter() - start_s
        self.timings.add("presence", presence_s)
        if item is not None:
            samples.with_item += 1
            samples.keep_resting(frame.pixels, item.number)
            mask = item.mask if self._classifier.manifest.view_kind == "object" else None
            self._time_rest_of_line(self._presence.tray(frame), mask, item, presence_s)
        elif self._presence.state in (PresenceState.LEARNING, PresenceState.EMPTY):
            samples.keep_empty(frame.pixels)
            if self._presence.state is PresenceState.EMPTY:
                self.timings.add("idle", presence_s)

    def time_whole_picture(self, frame: Frame) -> None:
        """Time the line with the whole picture as its item, where no item was at rest long enough."""
        whole = Mask(frame.pixels[..., 0], (0.0, 0.0, 1.0, 1.0), 1.0)
        item = Item(frame, whole, (0, 0, frame.width, frame.height), 1, frame.time_s)
        start_s = perf_counter()
        self._presence.observe(frame)
        self._time_rest_of_line(self._presence.tray(frame), None, item, perf_counter() - start_s)

    def time_records(self, folder: Path) -> None:
        """Time the writing of events and their pictures to ``folder``; does nothing if no item was decided.

        Raises:
            EventLogError: ``folder`` is not writable.
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

    def _time_rest_of_line(self, tray: Pyramid, mask: Mask | None, item: Item, presence_s: float) -> None:
        start_s = perf_counter()
        view = make_view(tray, mask, self._classifier.manifest.view, self._vote.view_count(item))
        viewed_s = perf_counter()
        prediction = self._classifier.predict(view)
        classified_s = perf_counter()
        verdict = self._vote.add_view(item, prediction)
        if verdict is not None:
            self._decision = self._policy.decide(verdict)
        decided_s = perf_counter()
        self._classifier.invoke()
        end_s = perf_counter()
        self.timings.add("view", viewed_s - start_s)
        self.timings.add("classify", classified_s - viewed_s)
        self.timings.add("vote and policy", decided_s - classified_s)
        self.timings.add("whole", presence_s + decided_s - start_s)
        self.timings.add("bare invoke", end_s - decided_s)
