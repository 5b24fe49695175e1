"""The simulated bin: items are thrown in, lie on the tray, and fall where the flaps let them."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from hardware.clock import Clock
from hardware.frame import Pixels
from hardware.limits import within
from hardware.pin_factory import PinFactory
from hardware.pins import SimulatedPin, simulated_timeline
from hardware.sim.dynamics import BinDynamics
from hardware.sim.items import SimItem
from hardware.world.fault import ActiveFault
from hardware.world.flap_command import FlapCommand, NewestFrame
from hardware.world.flap_motion import FlapMotion
from hardware.world.layout import BinLayout
from hardware.world.person import PersonOverTray
from hardware.world.scene import SceneConditions
from hardware.world.score import ItemOutcome, SimulationScore
from hardware.world.traffic import ItemTraffic


class SimulatedBin:
    """A world with a tray, flaps and users who throw items in.

    The flaps are moved by the signals on the mock pins, never by a call: whatever drives these pins is under test. The
    world moves on in ``advance()``, and just before a pin changes, so that a command takes effect at its own time. Safe
    to use from several threads.

    Args:
        layout: the flaps, the switches, and which label belongs into which bin.
        traffic: which items are thrown in, and when.
        scene: the camera's picture, the light, and the faults.
        clock: the world's time.
        pin_factory: of ``hardware.pins.mock_factory``, the one that the flap drivers get.
        seed: determines everything random in this world (0..2**32).

    Attributes:
        scene: as given.
        flaps: bin -> flap.
        faults: the faults that are active.
        start_s: the world's start, in seconds of its clock.
        on_command: called with each ``FlapCommand`` that a pin gives; None: not called.
        on_motion: called with a ``FlapMotion`` at each step in which a flap moves while people are over the tray; None: not
            called.
        on_item_outcome: called with each item's ``ItemOutcome`` once it is gone; None: not called.

    Raises:
        HardwareConfigError: an option is out of range, a bin or a switch is unknown, or there are no items.
    """

    def __init__(
        self,
        layout: BinLayout,
        traffic: ItemTraffic,
        scene: SceneConditions,
        *,
        clock: Clock,
        pin_factory: PinFactory,
        seed: int = 0,
    ) -> None:
        within("simulation: seed", seed, 0, 2**32)
        self.scene = scene
        self.on_command: Callable[[FlapCommand], None] | None = None
        self.on_motion: Callable[[FlapMotion], None] | None = None
        self.on_item_outcome: Callable[[ItemOutcome], None] | None = None
        self._clock = clock
        self._lock = threading.RLock()
        self.start_s = clock.now_s()
        self._dynamics = BinDynamics(
            layout,
            traffic,
            scene,
            pin_factory=pin_factory,
            seed=seed,
            start_s=self.start_s,
            on_command=self._report_command,
            on_motion=self._report_motion,
            on_item_outcome=self._report_outcome,
        )
        self.flaps = self._dynamics.flaps
        self.faults = self._dynamics.faults
        self._timeline = simulated_timeline(pin_factory)
        self._listen_to_pins()

    def connect(self, pin_factory: PinFactory) -> None:
        """Continue on other pins: the program that drives them was restarted, the world was not."""
        with self._lock:
            self.advance()
            self._leave_pins()
            self._timeline = simulated_timeline(pin_factory)
            self._dynamics.connect(pin_factory)
            self._listen_to_pins()

    @property
    def now_s(self) -> float:
        """Time up to which the world has moved on, in seconds of its clock."""
        return self._dynamics.time_s

    @property
    def on_tray(self) -> SimItem | None:
        """The item that lies on the tray or is arriving, the first if there are several; None when there is none."""
        with self._lock:
            item = self._dynamics.items.on_tray
            return None if item is None else item.item

    @property
    def number_on_tray(self) -> int | None:
        """The number of that item; 1 is the first of the world."""
        with self._lock:
            item = self._dynamics.items.on_tray
            return None if item is None else item.number

    @property
    def number_shown(self) -> int | None:
        """The number of the item that the newest picture shows there, though it may have left and another one lie there;
        ``number_on_tray`` where it shows none or nothing is there any more."""
        with self._lock:
            newest, item = self._dynamics.newest_frame, self._dynamics.items.on_tray
            if newest is None or item is None:
                return None if item is None else item.number
            return (self._dynamics.items.shown_at(newest.shown_s) or item).number

    @property
    def is_at_rest(self) -> bool:
        """Whether that item lies still."""
        with self._lock:
            item = self._dynamics.items.on_tray
            return item is not None and self.now_s >= item.rest_s

    @property
    def person(self) -> PersonOverTray | None:
        """Who is over the tray; None: nobody is."""
        with self._lock:
            return self._dynamics.motions.person

    @property
    def finished(self) -> bool:
        """Whether all items have come and gone, and the flaps have been home for a while or will never be."""
        with self._lock:
            return self._dynamics.finished

    @property
    def quiet_until_s(self) -> float:
        """Time until which nothing will happen as far as the world knows, in seconds of its clock; its now or earlier while
        something happens. What has only just happened, or will in a moment, counts as happening."""
        with self._lock:
            return self._dynamics.quiet_until_s

    @property
    def newest_frame(self) -> NewestFrame | None:
        """The newest picture that the camera has handed out; None: none yet."""
        return self._dynamics.newest_frame

    def note_frame(self, frame: NewestFrame) -> None:
        """Note the picture that the camera hands out now."""
        with self._lock:
            self._dynamics.note_frame(frame)

    def score(self) -> SimulationScore:
        """The outcomes so far. An item that is still on its way is not counted."""
        with self._lock:
            return replace(self._dynamics.counter.score(), longest_on_s=dict(self._dynamics.motions.longest_on_s))

    def advance(self) -> float:
        """Move the world on to the clock's now. Returns that time, in seconds."""
        with self._lock:
            self._dynamics.advance(self._clock.now_s())
            return self.now_s

    def press(self, switch: str, on: bool) -> None:
        """Operate a switch, e.g. open the lid; it stays so until the next call.

        Raises:
            HardwareConfigError: there is no such switch.
        """
        with self._lock:
            self.advance()
            self._dynamics.switches.press(switch, on)

    def fill_level(self, bin: str) -> float:
        """How full a bin is, 0..1."""
        with self._lock:
            if self.faults.find("bin_full", bin) is not None:
                return 1.0
            return self._dynamics.fill_levels.level(bin, self.advance())

    def is_item_falling_into(self, bin: str) -> bool:
        """Whether an item is falling into a bin."""
        with self._lock:
            self.advance()
            return any(bin in item.bins[:1] for item in self._dynamics.items.in_view)

    def fill(self, bin: str, share: float) -> None:
        """Change a bin's fill level past the flaps by a share (-1..1); below 0 something is taken out."""
        with self._lock:
            self._dynamics.fill_levels.add(bin, self.advance(), share)

    def render(self) -> tuple[Pixels, float]:
        """What a faultless camera sees now, RGB uint8 (height, width, 3), and the share that people cover, 0..1."""
        with self._lock:
            return self._dynamics.renderer.render(self._dynamics.items.in_view, self.now_s)

    def active_fault(self, kind: str) -> ActiveFault | None:
        """The active fault of a kind, after moving the world on."""
        if kind not in self.faults.kinds:
            return None
        with self._lock:
            self.advance()
            return self.faults.find(kind)

    def close(self) -> None:
        """Release the pins and the thread that prepares items. May be called twice."""
        self._leave_pins()
        self._dynamics.close()

    def _listen_to_pins(self) -> None:
        bins: dict[SimulatedPin, list[str]] = {}
        for bin, flap in self.flaps.items():
            for pin in flap.pins:
                bins.setdefault(pin, []).append(bin)
        for pin, names in bins.items():
            pin.before_change = partial(self._before_change, tuple(names))
        self._timeline.before_change = self.advance

    def _leave_pins(self) -> None:
        self._timeline.before_change = None
        for flap in self.flaps.values():
            for pin in flap.pins:
                pin.before_change = None

    def _before_change(self, bins: tuple[str, ...]) -> None:
        """A driver is about to write to a pin of these bins' flaps."""
        self.advance()
        for bin in bins:
            if self.faults.find("pin_error", bin) is not None:
                raise OSError(f"simulated: writing to the pin of {bin} failed")

    def _report_command(self, command: FlapCommand) -> None:
        if self.on_command is not None:
            self.on_command(command)

    def _report_motion(self, motion: FlapMotion) -> None:
        if self.on_motion is not None:
            self.on_motion(motion)

    def _report_outcome(self, outcome: ItemOutcome) -> None:
        if self.on_item_outcome is not None:
            self.on_item_outcome(outcome)


if TYPE_CHECKING:
    from hardware.world.world import World

    def _meets_protocol(simulated_bin: SimulatedBin) -> World:
        """The registry hands the class out untyped: that it meets the protocol is checked here, by mypy."""
        return simulated_bin
