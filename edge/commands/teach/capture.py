"""``sorter teach capture``: teach a label from the bin's camera."""

import argparse
import logging
import threading
from contextlib import ExitStack

from edge.calibrate.step_context import exclusive_bin_access, warm_up_s
from edge.commands.options import add_config_options, chosen_config, count
from edge.commands.teach.report import bin_note, pictures_text, taught_text
from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import SorterRunningError
from edge.service.attended_tray import AttendedTray, attend_tray
from edge.service.factories import load_classifier
from edge.service.loop import stop_on_signals
from edge.service.taught import open_taught_set
from edge.teaching.pictures.item_capture import CaptureState, ItemCapture, Shot
from edge.teaching.pictures.label_name import known_label
from edge.teaching.pictures.looks import LookTaker
from edge.teaching.pictures.picture_faults import picture_faults
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
from edge.teaching.taught_set.taught_set import TaughtSet
from edge.terminal.output import say, say_json

WAIT_S = 0.5
"""Longest wait for a picture before Ctrl-C is looked for, in seconds."""

TELL_S = 0.8
"""Time after which a person is told what the tray waits for, in seconds: who has just put something down needs no advice."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``teach capture``."""
    parser.description = (
        "Put a thing on the tray and take your hand away; turn it, move it, take the next one. A picture is taken "
        "each time that it lies still, and is kept at once. Ctrl-C, or --count, ends it; 'sorter teach undo' takes all out "
        "again. No flap moves. Stop the sorter first: it holds the camera."
    )
    parser.add_argument("label", metavar="LABEL", help="what you put on the tray, e.g. glass")
    parser.add_argument("--count", type=count, metavar="N", help="end after N pictures (default: at Ctrl-C)")
    add_config_options(parser)
    parser.add_argument(
        "--json", action="store_true", help="one JSON object per picture, nothing else on standard output"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Take pictures until there are enough, or somebody ends it.

    Raises:
        SorterError: configuration, model or taught set cannot be used, the sorter runs, or the label cannot be one.
        HardwareError: the camera cannot be used.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    if not arguments.debug:
        logging.getLogger().setLevel(logging.WARNING)
    with ExitStack() as held:
        try:
            held.enter_context(exclusive_bin_access(config))
        except SorterRunningError as error:
            raise SorterRunningError(
                f"{error}. While it runs, it is taught by its own decisions: 'sorter teach review' lists some, 'sorter teach "
                "relabel EVENT LABEL' says what one was"
            ) from error
        classifier = load_classifier(config, config.model.file)
        manifest = classifier.manifest
        taught = held.enter_context(open_taught_set(config, manifest))
        label = known_label(arguments.label, taught.labels, config.decision.labels, manifest.labels)
        tray = held.enter_context(attend_tray(config, label, variation=len(taught.entries())))
        taker = LookTaker(classifier, views=config.decision.views)
        capture = ItemCapture(tray.presence, taker, spec=taker.spec)
        session = _Session(taught, label, f"{config.camera.kind} camera", manifest.sha256, as_json=arguments.json)
        stop = held.enter_context(stop_on_signals())
        session.say(f"teaching {label} with {tray.camera.description}; no flap moves, Ctrl-C ends")
        _watch(tray, capture, session, stop, most=arguments.count, quiet_s=warm_up_s(config.camera))
        session.end(config)
    return 0


def _watch(
    tray: AttendedTray,
    capture: ItemCapture,
    session: "_Session",
    stop: threading.Event,
    *,
    most: int | None,
    quiet_s: float,
) -> None:
    """Take pictures until ``stop`` is set, there are ``most``, or no frame can come.

    Args:
        tray, capture, session, stop, most: as they say.
        quiet_s: time in which the camera gives no frame because it was just opened, in seconds.
    """
    sequence, begin_s = -1, tray.clock.now_s()
    while not stop.is_set() and (most is None or session.count < most):
        frame = tray.camera.read(newer_than=sequence, timeout_s=WAIT_S)
        if frame is None and tray.camera.exhausted:
            return
        now_s = tray.clock.now_s()
        sequence = sequence if frame is None else frame.sequence
        usable = tray.health.check(frame, now_s)
        if usable is not None:
            shot = capture.observe(usable, wall_s=tray.clock.wall_s())
            if shot is not None:
                session.keep(shot)
            session.tell(capture.state.value, now_s)
        elif tray.health.message is not None and now_s - begin_s > quiet_s:
            session.tell(tray.camera.failure or tray.health.message, now_s)


class _Session:
    """The pictures of one run: kept one by one, undone together.

    Args:
        taught: the set.
        label: their label.
        origin: the camera, in words.
        model: SHA-256 of the model.
        as_json: whether lines are JSON.

    Attributes:
        count: number of pictures so far.
    """

    def __init__(self, taught: TaughtSet, label: str, origin: str, model: str, *, as_json: bool) -> None:
        self.count = 0
        self._taught = taught
        self._label = label
        self._origin = origin
        self._model = model
        self._as_json = as_json
        self._change: int | None = None
        self._evicted = 0
        self._told = ""
        self._waiting = ("", 0.0)

    def keep(self, shot: Shot) -> None:
        """Add a picture to the set; it is on the disk when this returns.

        Raises:
            TaughtSetError: it cannot be written.
        """
        picture = TaughtPicture.of_looks(
            self._label, Source.CAMERA, self._origin, shot.wall_s, shot.picture, shot.looks, self._model
        )
        what = f"capture {self._label}: {pictures_text(self.count + 1)}"
        added = self._taught.add([picture], what, wall_s=shot.wall_s, change=self._change)
        self.count, self._change, self._evicted = self.count + 1, added.change, self._evicted + added.evicted
        notes = picture_faults(picture.is_cut_off, picture.brightness)
        if self._as_json:
            say_json(
                {"label": self._label, "number": added.numbers[0], "count": self.count, "notes": notes}, flush=True
            )
        remark = f" ({', '.join(notes)})" if notes else ""
        self.say(f"{self._label} {self.count}: taken{remark}")

    def tell(self, text: str, now_s: float) -> None:
        """Print what the tray waits for, or what is wrong, once that has not changed for ``TELL_S``."""
        if text != self._waiting[0]:
            self._waiting = text, now_s
        if text not in (self._told, CaptureState.MOVING.value) and now_s - self._waiting[1] >= TELL_S:
            self._told = text
            self.say(f"  {text}")

    def say(self, text: str) -> None:
        """Print a line for people."""
        if not self._as_json:
            say(text, flush=True)

    def end(self, config: Config) -> None:
        """Print what became of it."""
        self.say(taught_text(self._label, self.count, len(self._taught.entries(self._label)), self._evicted))
        note = bin_note(config, self._label)
        if note is not None:
            self.say(note)
