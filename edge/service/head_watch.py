"""Watches the head in use: a running bin takes a new one between two items, after it passed its checks."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from edge.alarms import Alarm, Alarms
from edge.config.schema import Config
from edge.errors import SorterError
from edge.inference.taught_classifier import ViewClassifier
from edge.records.writer import WriteJob, Writer
from edge.service.answering import Answering, answer_alone, answer_taught, no_bin_sentence
from edge.sorter import Sorter
from edge.teaching.heads.head_folder import HeadFolder, HeadInUse, load_head
from hardware.clock import Clock

if TYPE_CHECKING:
    from edge.teaching.pictures.examples import Examples

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""Time between two looks at the head's file, in seconds: whoever has typed 'teach use' still looks at the bin."""

FileStamp = tuple[int, int, int] | None
"""What tells one version of a file from the next; None: there is none."""


class HeadWatch:
    """Reads and checks a new head in another thread than the loop's, and hands it to the sorter between two items.

    A head that fails raises an alarm, and the one before answers on; at start, the newest of the earlier ones that passes does,
    else the model alone.

    Args:
        config: where the head is, and the bins of its labels.
        classifier: the model.
        clock: time source.
        alarms: receives the alarm of a head that is refused.
        writer: runs the reading and checking; closed with this object.
        taught: reads the owner's pictures for a model, by its SHA-256; None: there are none.

    Raises:
        ConfigError: the model alone has to answer, and a label of it has no bin.

    Attributes:
        answering: what answers now.
    """

    def __init__(
        self,
        config: Config,
        classifier: ViewClassifier,
        *,
        clock: Clock,
        alarms: Alarms,
        writer: Writer,
        taught: Callable[[str], "Examples | None"] = lambda sha256: None,
    ) -> None:
        self._config = config
        self._classifier = classifier
        self._clock = clock
        self._alarms = alarms
        self._writer = writer
        self._taught = taught
        self._folder = HeadFolder(config.head_file)
        self._job: WriteJob | None = None
        self._ready: Answering | None = None
        self._refusal: str | None = None
        self._looked_s = clock.now_s()
        self._seen = file_stamp(self._folder.file)
        self.answering = self._first()
        self._tell()

    def poll(self, sorter: Sorter) -> None:
        """Look for a new head when it is time, and let the sorter answer with it if no item is under way. Never waits."""
        if self._job is None:
            if self._clock.now_s() - self._looked_s < LOOK_S:
                return
            self._looked_s = self._clock.now_s()
            self._job = WriteJob(self._look)
            self._writer.submit(self._job)
        if not self._job.is_done:
            return
        if self._job.error is not None:
            self._refusal = f"the new head was not taken, the one before answers on: {self._job.error}"
        self._alarms.update(Alarm.HEAD, self._refusal)
        if self._ready is None:
            self._job = None
        elif sorter.is_between_items:
            if self._ready.head is None:
                log.warning("there is no taught head any more: the model alone answers")
            self.answering, self._ready, self._job = self._ready, None, None
            sorter.answer_with(self.answering.classifier, self.answering.policy, head=self.answering.sha256)
            self._tell()

    @property
    def is_looking(self) -> bool:
        """Whether a look is under way, or a head that was found waits for the end of an item."""
        return self._job is not None

    def follow(self, update: "HeadWatch", sorter: Sorter) -> None:
        """Go on as another watch, for a model that takes the place of this one's. Only between two items, and not during a look.

        Args:
            update: made for the new model; it is not used any more.
            sorter: the line.
        """
        self._config, self._classifier, self._folder = update._config, update._classifier, update._folder
        self._refusal, self._seen, self.answering = update._refusal, update._seen, update.answering
        sorter.answer_with(self.answering.classifier, self.answering.policy, head=self.answering.sha256)
        self._alarms.update(Alarm.HEAD, self._refusal)
        self._tell()

    def close(self) -> None:
        """End the thread. May be called more than once."""
        self._writer.close()

    def _first(self) -> Answering:
        """What answers at start: the head in use, else what there was before it."""
        folder = self._folder
        if not folder.is_there:
            return answer_alone(self._config, self._classifier)
        for path in (folder.file, *folder.earlier()):
            try:
                answering = self._pass(load_head(path))
            except SorterError as error:
                if self._refusal is None:
                    self._refusal = f"the head {path} is refused, an earlier one or the model alone answers: {error}"
                continue
            break
        else:
            answering = answer_alone(self._config, self._classifier)
        self._alarms.update(Alarm.HEAD, self._refusal)
        return answering

    def _look(self) -> None:
        """Read and check the head if its file has changed. Runs in the writer's thread."""
        stamp = file_stamp(self._folder.file)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            new = self._folder.current()
            if new is not None and new.sha256 == self.answering.sha256:
                ready = None
            elif new is None:
                ready = answer_alone(self._config, self._classifier)
            else:
                ready = self._pass(new, before=self.answering.head)
        except SorterError as error:
            self._refusal = f"the new head was refused, the one before answers on: {error}"
            return
        self._refusal, self._ready = None, ready

    def _pass(self, new: HeadInUse, *, before: HeadInUse | None = None) -> Answering:
        """A head that passes its checks. Raises SorterError if it does not."""
        from edge.teaching.heads.head_check import check_head  # here: a bin without a head does not pay for it

        base = self._classifier.manifest
        # First: a head of another model is told as that, whatever else is wrong with it.
        answering = answer_taught(self._config, self._classifier, new)
        check_head(
            new.head,
            base,
            before=None if before is None else before.head,
            taught=None if before is None else self._taught(base.sha256),
            is_wanted=self._folder.is_wanted(new.sha256),
        )
        return answering

    def _tell(self) -> None:
        head = self.answering.head
        if head is None:
            return
        log.info("taught head %s in use: %s", head.sha256[:12], ", ".join(head.head.labels))
        if self.answering.without_bin:
            log.warning("%s", no_bin_sentence(self.answering.without_bin, self._config.decision))


def head_in_use(config: Config) -> str | None:
    """SHA-256 of the head in use; None: there is none, or it is damaged."""
    try:
        used = HeadFolder(config.head_file).current()
    except SorterError:
        return None
    return None if used is None else used.sha256


def read_taught(config: Config, base_sha256: str) -> "Examples | None":
    """The owner's pictures with features of a model; None: there are none, or they cannot be read."""
    from edge.service.taught import open_taught_set  # as above
    from edge.teaching.taught_set.taught_database import FILE_NAME

    if not (config.teaching_folder / FILE_NAME).exists():
        return None
    try:
        with open_taught_set(config, read_only=True) as taught:
            return taught.examples(base_sha256)
    except SorterError:
        return None


def file_stamp(path: Path) -> FileStamp:
    """What tells one version of a file from the next; None: there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
