"""Watches the update in use: a running bin takes another model between two items, without a restart."""

import logging

import numpy as np

from edge.alarms import Alarms
from edge.config.schema import Config
from edge.config.update_slot import IN_USE, OUTCOME, last_outcome, with_update
from edge.errors import SorterError
from edge.inference.classifier import Classifier
from edge.records.writer import InlineWriter, WriteJob, Writer
from edge.service.factories import load_classifier
from edge.service.head_watch import FileStamp, HeadWatch, file_stamp, read_taught
from edge.sight.view import NEUTRAL
from edge.sight.viewer import Viewer
from edge.sorter import Sorter
from hardware.clock import Clock

log = logging.getLogger(__name__)

LOOK_S = 5.0
"""Time between two looks at the file that names the slot in use, in seconds; ``hurry`` makes one at once."""


class ModelWatch:
    """Reads, checks and warms up another model in another thread than the loop's, and hands it to the sorter between two items.

    One that cannot be loaded is told in the log, and the one before answers on; ``sorter update`` then sees that its slot does
    not run, and takes it back.

    Args:
        config: with the update in use at the start, if there is one.
        classifier: its model.
        heads: watches the taught head of that model.
        clock: time source.
        alarms: receives the alarms of a taught head.
        writer: runs the reading and checking; closed with this object.

    Attributes:
        slot: name of the update in use; None: what the configuration says is.
        outcome: what became of the last update; None: nothing is known.
    """

    def __init__(
        self,
        config: Config,
        classifier: Classifier,
        heads: HeadWatch,
        *,
        clock: Clock,
        alarms: Alarms,
        writer: Writer,
    ) -> None:
        self._config = config
        self._classifier = classifier
        self._heads = heads
        self._clock = clock
        self._alarms = alarms
        self._writer = writer
        self._job: WriteJob | None = None
        self._ready: tuple[Config, Classifier, HeadWatch] | None = None
        self._looked_s = clock.now_s()
        self._seen = self._stamps()
        self.slot = config.slot
        self.outcome = last_outcome(config.updates_folder)

    def hurry(self) -> None:
        """Look in this step of the loop."""
        self._looked_s = -LOOK_S

    def poll(self, sorter: Sorter) -> None:
        """Look for another slot when it is time; between two items, let the sorter answer with its model. Never waits."""
        if self._job is None:
            now_s = self._clock.now_s()
            if now_s - self._looked_s < LOOK_S:
                return
            self._looked_s = now_s
            self._job = WriteJob(self._look)
            self._writer.submit(self._job)
        if not self._job.is_done:
            return
        if self._job.error is not None:
            log.error("the update was not taken, the model before answers on: %s", self._job.error)
        if self._ready is None:
            self._job = None
        elif sorter.is_between_items and sorter.recorder.owes_nothing and not self._heads.is_looking:
            self._take(sorter, *self._ready)
            self._ready = self._job = None

    def close(self) -> None:
        """End the thread, and release the model. May be called more than once."""
        self._writer.close()
        self._classifier.close()

    def _take(self, sorter: Sorter, config: Config, classifier: Classifier, heads: HeadWatch) -> None:
        manifest, before = classifier.manifest, self._classifier
        sorter.look_with(Viewer(manifest.view, kind=manifest.view_kind))
        self._heads.follow(heads, sorter)
        if manifest.sha256 != before.manifest.sha256:
            sorter.recorder.begin_session(model=manifest.sha256)
        self._config, self.slot = config, config.slot
        self._classifier = classifier
        before.close()
        log.info("model %s (%s) in use: %s", manifest.name, manifest.sha256[:12], config.slot or "as configured")

    def _look(self) -> None:
        """Read and check another slot, and the outcome, if their files have changed. Runs in the writer's thread."""
        stamps = self._stamps()
        if stamps == self._seen:
            return
        self._seen = stamps
        self.outcome = last_outcome(self._config.updates_folder)
        config = with_update(self._config.configured)
        if config.slot == self.slot:
            return
        try:
            classifier = load_classifier(config)
            classifier.predict(np.full((classifier.manifest.view.size,) * 2 + (3,), NEUTRAL, np.uint8))
            heads = HeadWatch(
                config,
                classifier,
                clock=self._clock,
                alarms=Alarms(),
                writer=InlineWriter(self._clock),  # it is never asked to look: the watch that goes on as it is
                taught=lambda sha256: read_taught(config, sha256),
            )
        except SorterError as error:
            log.error("the update %s was not taken, the model before answers on: %s", config.slot, error)
            return
        self._ready = config, classifier, heads

    def _stamps(self) -> tuple[FileStamp, ...]:
        return tuple(file_stamp(self._config.updates_folder / name) for name in (IN_USE, OUTCOME))
