"""Replays stored pictures through the line: an item at rest until it is decided, then an empty tray while its flap moves."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import cast

from edge.actuation.levels import Levels
from edge.actuation.panel import Panel
from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarms
from edge.config.schema import Config
from edge.inference.classifier import Classifier
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from edge.records.writer import DRAIN_S
from edge.service.factories import make_sorter
from edge.sorter import Sorter
from edge.values import Frame, Prediction, SortEvent
from hardware.clock import Clock
from hardware.flap import Flap
from hardware.frame import Pixels

LEARN_FPS = 15.0
"""Frames per second at which the empty tray is learnt before the replay starts; the default of ``camera.fps``."""


class NoFlap(Flap):
    """Flap driver that does nothing: the benchmark moves no flap."""

    is_driven = False

    def open(self) -> None:
        pass

    def home(self) -> None:
        pass

    def detach(self) -> None:
        pass

    def close(self) -> None:
        pass


class CountedClassifier:
    """Classifier that counts its invocations and otherwise behaves as the one it wraps.

    Attributes:
        invokes: number of views classified so far.
    """

    def __init__(self, classifier: Classifier) -> None:
        self.invokes = 0
        self._classifier = classifier

    def __getattr__(self, name: str) -> object:
        return getattr(self._classifier, name)

    def predict(self, view: Pixels) -> Prediction:
        """Classify a view, as ``Classifier.predict`` does."""
        self.invokes += 1
        return self._classifier.predict(view)


class Replay:
    """Feeds stored pictures to a sorter in place of a camera's frames. Made by ``replay``.

    Attributes:
        sorter: the line.
        items: number of items decided so far.
    """

    def __init__(
        self,
        sorter: Sorter,
        classifier: CountedClassifier,
        empty: Iterator[Pixels],
        resting: Iterator[Pixels],
        clock: Clock,
    ) -> None:
        self.sorter = sorter
        self.items = 0
        self._classifier = classifier
        self._empty = empty
        self._resting = resting
        self._clock = clock
        self._sequence = 0

    @property
    def invokes(self) -> int:
        """Number of times the model was run so far."""
        return self._classifier.invokes

    def show(self, pixels: Pixels) -> SortEvent | None:
        """Run one step of the line on a picture captured now."""
        event = self.sorter.step(Frame(pixels, self._clock.now_s(), self._sequence))
        self._sequence += 1
        self.items += event is not None
        return event

    def idle(self) -> None:
        """Run one step on the empty tray."""
        self.show(next(self._empty))

    def sort(self) -> None:
        """Run one step of a bin under full load: the next item lies there as soon as the last one is gone."""
        self.show(next(self._empty if self.sorter.busy else self._resting))


@contextmanager
def replay(
    config: Config,
    classifier: Classifier,
    clock: Clock,
    folder: Path,
    *,
    empty: Sequence[Pixels] = (),
    resting: Sequence[Pixels] = (),
) -> Iterator[Replay]:
    """Make a replay that writes its records to ``folder`` and moves no flap.

    Args:
        config, classifier, clock: as for the bin.
        folder: folder of the event log; created if missing.
        empty: pictures from which the empty tray is learnt; if there are none, it is learnt from the first frames shown.
        resting: pictures of one item at rest.

    Raises:
        EventLogError: ``folder`` is not writable.
    """
    pictures = cycle(empty)
    # Two frames more than learn_s takes: it is counted between frames, and rounding may lose one.
    frames = max(3, round(config.tray.learn_s * LEARN_FPS) + 2) if empty else 0
    counted = CountedClassifier(classifier)
    flaps = {name: NoFlap(name=name, travel_s=one.flap.travel_s) for name, one in config.bins.items()}
    with ExitStack() as stack:
        events = stack.enter_context(EventLog(folder / "events.sqlite"))
        events.start_session(wall_s=clock.wall_s(), model=classifier.manifest.sha256)
        alarms = Alarms()
        sensors = SensorReader(clock, alarms)
        sorter = make_sorter(
            config,
            cast(Classifier, counted),
            clock,
            flaps,
            events,
            images=ImageRing(folder / "images", budget_bytes=int(config.event_log.image_budget_mb * 1e6)),
            alarms=alarms,
            panel=Panel(sensors),
            levels=Levels({}, sensors=sensors, clock=clock, alarms=alarms),
        )
        for number in range(frames):
            sorter.tray.presence.observe(Frame(next(pictures), clock.now_s() + (number - frames) / LEARN_FPS, number))
        yield Replay(sorter, counted, pictures, cycle(resting), clock)
        sorter.recorder.end_session(wall_s=clock.wall_s(), drain_s=DRAIN_S)
