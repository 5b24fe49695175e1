"""A sorter with a scripted classifier and recording flaps, fed with pictures."""

from collections.abc import Mapping
from pathlib import Path

from edge.actuation.diverter import Diverter
from edge.actuation.flap_control import FlapControl
from edge.actuation.flap_view import FlapView
from edge.actuation.levels import Levels
from edge.actuation.panel import Panel
from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarms
from edge.decision.policy import Policy
from edge.decision.vote import Vote
from edge.inference.manifest import Manifest
from edge.inference.retrying import RetryingClassifier
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from edge.records.recorder import Recorder
from edge.sight.background import BackgroundModel
from edge.sight.freshness import FreshnessGate
from edge.sight.presence import Presence
from edge.sight.tray_watch import TrayWatch
from edge.sight.viewer import Viewer
from edge.sight.work_image import to_work_image
from edge.simulation.delayed_writer import DelayedWriter
from edge.sorter import Sorter
from edge.values import Frame, SortEvent
from hardware.clock import ManualClock
from hardware.sensor import Switch
from tests.builders.configuration import BINS
from tests.builders.guard import make_guard
from tests.builders.pictures import Pixels, item_picture, tray_picture
from tests.doubles.classifier import ScriptedClassifier
from tests.doubles.flap import Journal, RecordingFlap
from tests.doubles.full_disk import FILLER

STEP_S = 0.1
MAX_AGE_S = 0.5
EMPTY = tray_picture(160, 120)
ITEM = item_picture((0.3, 0.3, 0.7, 0.7), width=160, height=120, seed=1)
OTHER = item_picture((0.25, 0.35, 0.65, 0.75), (30, 60, 200), width=160, height=120, seed=2)
HAND = item_picture((0.0, 0.35, 0.6, 0.65), (200, 150, 120), width=160, height=120, seed=3)
PAIR = item_picture((0.1, 0.3, 0.35, 0.7), width=160, height=120, seed=4)
PAIR[36:84, 104:144] = (30, 60, 200)
GLASS = {"glass": 0.95}

OPEN_LOGS: list[EventLog] = []
"""What a test has to close at its end."""


class SorterRig:
    """A sorter whose every part can be looked at."""

    def __init__(
        self,
        folder: Path,
        *answers: Mapping[str, float],
        views: int = 3,
        retries: int = 1,
        duty: int = 30,
        min_ood_score: float | None = None,
        switches: Mapping[str, Switch] | None = None,
        manifest: Manifest | None = None,
        commit_s: float = 0.0,
        in_view: bool = False,
    ) -> None:
        self.clock = ManualClock(1000.0)
        self.disk = DelayedWriter(self.clock)
        self.disk.commit_s = commit_s
        self.journal = Journal(self.clock)
        self.flaps = {name: RecordingFlap(name, self.journal) for name in ("paper", "glass", "packaging", "residual")}
        self.alarms = Alarms()
        guard = make_guard(self.flaps, clock=self.clock, alarms=self.alarms)
        self.diverter = Diverter(
            guard.flaps, dwell_s=dict.fromkeys(self.flaps, 0.6), clock=self.clock, max_openings_per_min=duty
        )
        self.events = EventLog(folder / "events.sqlite")
        OPEN_LOGS.append(self.events)
        self.events.start_session(wall_s=self.clock.wall_s(), model="m")
        sensors = SensorReader(self.clock, self.alarms)
        view = FlapView(self.diverter, clock=self.clock, in_view=in_view)
        background = BackgroundModel.from_pictures([to_work_image(EMPTY)])
        presence = Presence(settle_s=0.25, background=background, shows_flap=view.shows)
        self.classifier = ScriptedClassifier(*(answers or (GLASS,)))
        self.classifier.manifest = manifest or self.classifier.manifest
        manifest = self.classifier.manifest
        self.sorter = Sorter(
            freshness=FreshnessGate(self.clock, max_age_s=MAX_AGE_S),
            tray=TrayWatch(presence, alarms=self.alarms),
            viewer=Viewer(manifest.view, kind=manifest.view_kind),
            classifier=RetryingClassifier(self.classifier, clock=self.clock, alarms=self.alarms),  # type: ignore[arg-type]
            vote=Vote(views=views),
            policy=Policy(
                bins=BINS,
                residual_bin="residual",
                contamination_cost=3,
                residual_cost=1,
                min_ood_score=min_ood_score,
            ),
            recorder=Recorder(
                self.events,
                ImageRing(folder / "images", budget_bytes=1_000_000),
                clock=self.clock,
                alarms=self.alarms,
                wall_synced=lambda: True,
                writer=self.disk,
            ),
            flaps=FlapControl(
                diverter=self.diverter,
                guard=guard,
                panel=Panel(sensors, **(switches or {})),
                levels=Levels({}, sensors=sensors, clock=self.clock, alarms=self.alarms),
                tray=presence,
                clock=self.clock,
                alarms=self.alarms,
                view=view,
                retries=retries,
            ),
        )
        self._sequence = 0

    def show(self, pixels: Pixels, seconds: float, *, age_s: float = 0.02) -> list[SortEvent]:
        """One frame every ``STEP_S``, ``age_s`` old when it is stepped; the events decided."""
        decided = []
        for _ in range(max(1, round(seconds / STEP_S))):
            self.clock.advance(STEP_S)
            self.disk.advance()
            self._sequence += 1
            event = self.sorter.step(Frame(pixels.copy(), self.clock.now_s() - age_s, self._sequence))
            if event is not None:
                decided.append(event)
        return decided

    def outcomes(self) -> list[str]:
        return [event["outcome"] for event in self.events.events() if event["number"] < FILLER]

    @property
    def alarm(self) -> str:
        return self.alarms.most_urgent or ""


SLID = item_picture((0.34, 0.33, 0.73, 0.73), width=160, height=120, seed=5)
