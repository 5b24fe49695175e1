"""Judges every motion of a flap under people by the truth, not by what a picture showed."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from edge.simulation.invariants import Invariant, ViolationLog
from hardware.world.flap_command import FlapCommand, NewestFrame
from hardware.world.flap_motion import FlapMotion
from hardware.world.person import PersonOverTray

REACT_S = 0.12
"""Time from a picture that shows a person until the drives stand still, in seconds: the loop's longest period without a new
picture is 0.1 s, and a step of the world is 0.02 s."""

RELEASE_TOLERANCE_S = 0.25
"""A drive counts as released by its longest time under current when it was on for as long but for this, in seconds."""

BODY_FAULTS = frozenset({"slow", "stuck_open", "stuck_closed", "power_dip", "pin_error"})
"""Faults under which a flap is not where its pin says, so that no program can know what moves."""


class StatedException(StrEnum):
    """Why a motion under people is none that the program could have left out. Nothing else excuses one."""

    UNSEEN = "a person came in that no picture in hand could have shown yet"
    UNSTOPPABLE = "a relay or its spring ended a travel that was begun before anybody could be known of"
    RELEASED = "a spring closed a flap whose drive had reached its longest time under current"
    BLIND = "a flap was brought home after the bounded wait without a picture"
    STOPPING = "the program ended, and the flaps came home"
    FAULTY_DRIVE = "a drive that jammed, was slow or lost its power moved later than it was told to"


@dataclass(frozen=True, slots=True)
class MotionBounds:
    """What the program is allowed by its configuration.

    Attributes:
        max_frame_age_s: how old what the newest picture truly shows may be at a motion, in seconds.
        max_on_s: bin -> longest time that its drive may be under current, in seconds; a bin that is left out has no bound.
        has_lid: whether a lid or a light barrier is fitted, which makes up for pictures that lie about their age.
        blind_home_s: time without a picture after which flaps may come home, in seconds; infinite: they may not.
    """

    max_frame_age_s: float
    max_on_s: Mapping[str, float] = field(default_factory=dict)
    has_lid: bool = False
    blind_home_s: float = math.inf

    def is_release(self, command: FlapCommand) -> bool:
        """Whether a spring closes a flap because its drive had been under current for its longest time."""
        longest_s = self.max_on_s.get(command.bin, math.inf)
        return command.by_spring and command.on_s >= longest_s - RELEASE_TOLERANCE_S


class MotionJudge:
    """Checks ``NO_PERSON``: no drive moves while people are over the tray, but for a ``StatedException``.

    A command and the motion that follows it are one case; each case is counted, or violated, once.

    Args:
        violations: where violations go.
        bounds: what is allowed.

    Attributes:
        exceptions: how often each exception applied.
    """

    def __init__(self, violations: ViolationLog, bounds: MotionBounds) -> None:
        self._violations = violations
        self._bounds = bounds
        self.exceptions: Counter[StatedException] = Counter()
        self._cases: set[tuple[str, float, float, StatedException | None]] = set()
        self._commanded: dict[str, StatedException | None] = {}

    def judge_command(self, command: FlapCommand, *, running: bool) -> StatedException | None:
        """Judge a command; ``running``: the program runs, or else ends. Returns the exception that applied, if one did."""
        person = command.person
        is_blind_closing = not command.opens and self._is_blind(command.time_s, command.seen)
        if person is None:
            # Whoever comes while it moves: that it had begun before is to be known.
            self._commanded[command.bin] = StatedException.BLIND if is_blind_closing else StatedException.UNSTOPPABLE
            return None
        if not running and not command.opens:
            exception: StatedException | None = StatedException.STOPPING
        elif self._bounds.is_release(command):
            exception = StatedException.RELEASED
        else:
            exception = self._unknown(command.time_s, person, command.seen)
            if exception is None and is_blind_closing:
                exception = StatedException.BLIND
        self._commanded[command.bin] = exception
        what = f"{command.bin} {'opens' if command.opens else 'goes home'}"
        self._note((command.bin, person.since_s, command.time_s), exception, what, command.time_s, person, command.seen)
        return exception

    def judge_motion(self, motion: FlapMotion, *, running: bool) -> None:
        """Judge a step of a flap; ``running`` as of ``judge_command``."""
        person = motion.person
        if motion.is_late and not BODY_FAULTS.isdisjoint(motion.planned):
            exception: StatedException | None = StatedException.FAULTY_DRIVE
        elif "pin_error" in motion.faults:
            exception = StatedException.FAULTY_DRIVE
        elif not running:
            exception = StatedException.STOPPING
        elif motion.halt_s == math.inf:
            # One that no program has commanded yet is a spring that closes after a power cut.
            exception = self._commanded.get(motion.bin, StatedException.UNSTOPPABLE)
        else:
            # A servo that was let go home for a stated reason is still to be stopped by a picture that shows somebody.
            exception = self._unknown(motion.time_s, person, motion.seen, halt_s=motion.halt_s)
            if exception is None and self._commanded.get(motion.bin) is StatedException.BLIND:
                exception = StatedException.BLIND if self._is_blind(motion.time_s, motion.seen) else None
        case = (motion.bin, person.since_s, motion.commanded_s)
        self._note(case, exception, f"{motion.bin} moves", motion.time_s, person, motion.seen)

    def _unknown(
        self, time_s: float, person: PersonOverTray, seen: NewestFrame | None, *, halt_s: float = 0.0
    ) -> StatedException | None:
        """``UNSEEN`` where no picture that the program may go by shows the person yet."""
        known_s = time_s - REACT_S - halt_s
        is_fresh = seen is not None and known_s <= seen.shown_s + self._bounds.max_frame_age_s
        return StatedException.UNSEEN if is_fresh and known_s <= person.shown_s else None

    def _is_blind(self, time_s: float, seen: NewestFrame | None) -> bool:
        blind_s = math.inf if seen is None else time_s - seen.shown_s
        return self._bounds.blind_home_s < math.inf and blind_s >= self._bounds.blind_home_s

    def _note(
        self,
        case: tuple[str, float, float],
        exception: StatedException | None,
        what: str,
        time_s: float,
        person: PersonOverTray,
        seen: NewestFrame | None,
    ) -> None:
        bin, since_s, commanded_s = case
        # A flap that closes slowly gets many commands for one closing.
        key = (bin, since_s, commanded_s if exception is None else 0.0, exception)
        if key in self._cases:
            return
        self._cases.add(key)
        if exception is not None:
            self.exceptions[exception] += 1
            return
        shown = "no picture shows them" if person.shown_s > time_s else f"shown for {time_s - person.shown_s:.2f} s"
        age = (
            "there is no picture"
            if seen is None
            else f"the newest picture shows what was {time_s - seen.shown_s:.2f} s ago"
        )
        text = (
            f"{what}, people cover {person.cover:.0%} of the tray, for {time_s - person.since_s:.2f} s, {shown}; {age}"
        )
        self._violations.add(Invariant.NO_PERSON, text, time_s=time_s)
