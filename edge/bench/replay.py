"""The whole line on stored pictures: an item lies there until it is decided, then the tray is empty while its flap works."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, cast

from edge.actuation.levels import Levels
from edge.actuation.panel import Panel
from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarms
from edge.config.schema import Config
from edge.inference.classifier import Classifier
from edge.records.event_log import EventLog
from edge.service.factories import make_sorter
from edge.sorter import Sorter
from edge.values import Frame, Prediction, SortEvent
from hardware.clock import Clock
from hardware.flap import Flap
from hardware.frame import Pixels

LEARN_FPS = 15.0
"""Frames per second at which the empty tray is learnt before the replay starts."""


class NoFlap(Flap):
    """A flap that is not there: the bench moves nothing."""

    def open(self) -> None:
        pass

    def home(self) -> None:
        pass

    def detach(self) -> None:
        pass

    def close(self) -> None:
        pass


class CountedClassifier:
    """The classifier, and how often it was asked."""

    def __init__(self, classifier: Classifier) -> None:
        self.invokes = 0
        self._classifier = classifier

    def __getattr__(self, name: str) -> Any:
        return getattr(self._classifier, name)

    def predict(self, view: Pixels) -> Prediction:
        """As the classifier does."""
        self.invokes += 1
        return self._classifier.predict(view)


class Replay:
    """A sorter that is shown pictures instead of a camera's frames. Make it with ``replay``."""

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
        """How often the model was asked so far."""
        return self._classifier.invokes

    def show(self, pixels: Pixels) -> SortEvent | None:
        """One step of the line on this picture, taken now."""
        event = self.sorter.step(Frame(pixels, self._clock.now_s(), self._sequence))
        self._sequence += 1
        self.items += event is not None
        return event

    def idle(self) -> None:
        """One step on the empty tray."""
        self.show(next(self._empty))

    def sort(self) -> None:
        """One step of a bin that always has the next item: it is there as soon as the last one is seen off."""
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
    """A replay whose records go to ``folder``; no flap is made.

    Args:
        config, classifier, clock: as the bin has them.
        folder: made where it is missing.
        empty: pictures of the empty tray, which is learnt from them; without, it is learnt from what is shown first.
        resting: pictures of one item at rest.

    Raises:
        EventLogError: nothing can be written in ``folder``.
    """
    pictures = cycle(empty)
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
            images=folder / "images",
            alarms=alarms,
            panel=Panel(sensors),
            levels=Levels({}, sensors=sensors, clock=clock, alarms=alarms),
        )
        for number in range(frames):
            sorter.tray.presence.observe(Frame(next(pictures), clock.now_s() + (number - frames) / LEARN_FPS, number))
        yield Replay(sorter, counted, pictures, cycle(resting), clock)
        sorter.recorder.end_session(wall_s=clock.wall_s())
