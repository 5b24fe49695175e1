"""Runs the calibration steps: ask, measure, show the changes, write them if the user accepts."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from edge.calibrate.camera import find_camera
from edge.calibrate.config_writer import ConfigWriter
from edge.calibrate.dialogue import Dialogue, choose
from edge.calibrate.flap import calibrate_flap
from edge.calibrate.image_quality import judge_image
from edge.calibrate.moved_part import moved_parts
from edge.calibrate.picture_page import PicturePage
from edge.calibrate.pins import choose_pins
from edge.calibrate.proposal import Proposal
from edge.calibrate.reference import take_reference
from edge.calibrate.sensors import try_sensors
from edge.calibrate.signals import interruptible
from edge.calibrate.step_context import StepContext, exclusive_bin_access, step_context
from edge.calibrate.steps import NAMES
from edge.calibrate.summary import StepOutcome, StepState
from edge.calibrate.tray import frame_tray
from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import ConfigError
from edge.service.factories import make_clock
from edge.service.world_factory import WorldFactory, make_simulation
from hardware.clock import Clock
from hardware.errors import HardwareError

Step = Callable[[StepContext], Proposal | None]

SIMULATED = "Simulated (camera.kind is sim): no real camera is used, and no servo or relay moves."

NO_ITEMS = "simulation.gap_s=[3600, 3600]"
"""Override that keeps the simulated tray empty while it is measured: one hour between two items."""


class Wizard:
    """Runs steps on one configuration file. Each step reads the file again, and is written when it is accepted.

    Args:
        path: the configuration file.
        dialogue: dialogue with the user.
        overrides: ``KEY=VALUE`` each, for this run; they are not written.
        clock: clock of the bin; None: the configured one.
        world: makes the simulated bin.
        page: shows pictures in a browser; None: they are only written to files.

    Raises:
        SorterError: the configuration is not valid, or its folder is not writable.

    Attributes:
        outcomes: how the steps ended, in order.
    """

    def __init__(
        self,
        path: Path,
        dialogue: Dialogue,
        *,
        overrides: Sequence[str] = (),
        clock: Clock | None = None,
        world: WorldFactory = make_simulation,
        page: PicturePage | None = None,
    ) -> None:
        self._path = path
        self._overrides = (NO_ITEMS, *overrides)
        self._writer = ConfigWriter(path)
        self._dialogue = dialogue
        self._world = world
        self._page = page
        self.outcomes: list[StepOutcome] = []
        self._leaving = threading.Event()
        self._clock = clock or make_clock(self._config())

    def run(self, names: Sequence[str] = tuple(NAMES)) -> dict[str, HardwareError | ConfigError]:
        """Run steps by name.

        Returns:
            Title -> error of the steps that failed and were given up.

        Raises:
            UnavailableError: the sorter is running, or the terminal is closed.
            KeyboardInterrupt: the user leaves. The flaps are home, and nothing of the current step is written.
        """
        failed: dict[str, HardwareError | ConfigError] = {}
        if self._config().camera.kind == "sim":
            self._dialogue.show(
                f"This is the simulated bin (camera.kind is sim in {self._path}): the step camera sets a real one."
            )
        if self._page is not None:
            first, *others = self._page.urls
            also = "".join(f", or {url}" for url in others)
            self._dialogue.show(f"Open {first}{also} in a browser: pictures appear there while this runs.")
        with exclusive_bin_access(self._config()), interruptible() as self._leaving:
            for name in names:
                for title, step in self._steps(name):
                    self._dialogue.show(f"\n== {title}")
                    label = title if name == "flaps" else name
                    error = self._run(label, step)
                    if error is not None:
                        failed[title] = error
                        self.outcomes.append(StepOutcome(label, StepState.FAILED, (f"{error}",)))
        return failed

    def _config(self) -> Config:
        return load_config(self._path, self._overrides)

    def _steps(self, name: str) -> Iterator[tuple[str, Step]]:
        single: dict[str, Step] = {
            "camera": find_camera,
            "tray": frame_tray,
            "light": judge_image,
            "reference": take_reference,
            "sensors": try_sensors,
        }
        if name in single:
            yield f"{name}: {NAMES[name]}", single[name]
            return
        config = self._config()
        if config.camera.kind != "sim" and config.flaps.pin_factory == "mock":
            yield "flaps: real pins", choose_pins
        for part in moved_parts(config):
            yield f"flaps: {part.name}", partial(calibrate_flap, key=part.key)

    def _run(self, label: str, step: Step) -> HardwareError | ConfigError | None:
        """Run one step, repeated as often as the user wants; the error on which it was given up, or None."""
        while True:
            try:
                with step_context(
                    self._config(),
                    self._clock,
                    self._dialogue,
                    beside=self._writer.path.parent,
                    world=self._world,
                    page=self._page,
                ) as context:
                    if context.simulation is not None:
                        self._dialogue.show(SIMULATED)
                    proposal = step(context)
            except HardwareError as error:
                if self._leaving.is_set():
                    raise KeyboardInterrupt(f"leaving, and {error}") from error
                self._dialogue.show(f"The step failed: {error}")
                if choose(self._dialogue, "Go on without it, or try again? (g, a)", "g", "a") == "a":
                    continue
                return error
            if proposal is None:
                self._dialogue.show("Skipped: nothing changes.")
                self.outcomes.append(StepOutcome(label, StepState.SKIPPED))
                return None
            try:
                answer = self._write(proposal)
            except ConfigError as error:
                self._dialogue.show(f"The configuration would not be valid: {error}")
                if choose(self._dialogue, "Repeat the step? (n, y)", "n", "y") == "n":
                    dropped = [*(".".join(key) for key in proposal.settings), *map(str, proposal.files)]
                    self._dialogue.show(f"Not written: {', '.join(dropped)}.")
                    return error
                continue
            if answer == "n":
                self.outcomes.append(StepOutcome(label, StepState.SKIPPED))
                return None
            if answer == "y":
                state = StepState.LEFT if context.to_do else StepState.FINE
                self.outcomes.append(StepOutcome(label, state, tuple(context.to_do)))
                return None

    def _write(self, proposal: Proposal) -> str:
        """Show the changes, and write them if the user accepts.

        Returns:
            "y": they are written, or there are none; "n": they are dropped; "r": the step is to be repeated.

        Raises:
            ConfigError: the changed configuration is not valid; nothing is written.
        """
        difference = self._writer.difference(proposal)
        if not difference and not proposal.files:
            self._dialogue.show("Nothing to change.")
            return "y"
        self._dialogue.show("\n".join([f"{self._writer.path}:", *(f"  {line}" for line in difference)]))
        for path in proposal.files:
            self._dialogue.show(f"  with {path}")
        answer = choose(self._dialogue, "Write this? (y, n drops it, r repeats the step)", "y", "n", "r")
        if answer == "y":
            self._writer.write(proposal)
            self._dialogue.show("Written; the previous version is kept as .bak.")
        return answer
