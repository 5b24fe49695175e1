"""The panel: what people touch and see at the bin."""

from edge.actuation.debounce import Debounce
from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarm, Alarms
from edge.errors import RefusedError
from hardware.light import Signal, StatusLight
from hardware.sensor import Switch

FAULTS = frozenset({Alarm.FLAP, Alarm.EVENTS, Alarm.CLASSIFIER, Alarm.CAMERA, Alarm.SENSOR, Alarm.PROGRAM})
"""Alarms that need a repair; the others need a look."""


IDENTIFY_S = 10.0
"""Time for which the light blinks, in seconds: somebody looks along a row of bins."""

BLINK_S = 0.5
"""Time that the light is on, and off, as it blinks, in seconds."""


def signal_for(alarms: Alarms, *, ready: bool) -> Signal:
    """What the light shows: the gravest alarm, else whether an item may be thrown in now."""
    if alarms.active:
        return Signal.FAULT if alarms.active & FAULTS else Signal.ATTENTION
    return Signal.READY if ready else Signal.SORTING


class Panel:
    """Reads the switches and shows the light. A switch that is not fitted counts as off.

    Args:
        sensors: reads the switches.
        lid: on while the lid is open, or a hand is before its sensor; None: not fitted.
        stop_button: on while nothing may move; None: not fitted.
        service_button: each press begins or ends the service; None: not fitted.
        light: shows how the bin is; None: not fitted.

    Attributes:
        lid_open: whether the lid is open, or its contact bounces at this moment; None while its sensor fails.
        lid_open_long: whether the lid is open and that is no bounce, or its sensor fails.
        stopped: whether the stop button is on; None while it cannot be read.
        in_service: whether the service button was pressed an odd number of times.
    """

    def __init__(
        self,
        sensors: SensorReader,
        *,
        lid: Switch | None = None,
        stop_button: Switch | None = None,
        service_button: Switch | None = None,
        light: StatusLight | None = None,
    ) -> None:
        self._sensors = sensors
        self.lid = lid
        self.stop_button = stop_button
        self._service_button = service_button
        self._light = light
        self._shown = Signal.OFF
        self._blinks_until_s: float | None = None
        # A button that is on at the start is stuck or leant on: only presses from now on count.
        self._pressed = True
        self._lid_contact = Debounce()
        self.lid_open: bool | None = False
        self.lid_open_long = False
        self.stopped: bool | None = False
        self.in_service = False

    def read_switches(self) -> None:
        """Read the switches."""
        self.lid_open = self._is_on(self.lid, consequence="no flap moves until it can be read")
        self._follow_lid()
        self.stopped = self._is_on(self.stop_button, consequence="no flap moves until it can be read")
        pressed = self._is_on(self._service_button, consequence="the bin cannot be put in service")
        if pressed is not None:
            self.in_service ^= pressed and not self._pressed
            self._pressed = pressed

    def identify(self) -> None:
        """Let the light blink for ``IDENTIFY_S``, whatever it shows.

        Raises:
            RefusedError: there is none.
        """
        if self._light is None:
            raise RefusedError("the bin has no status light that could blink (panel.light)")
        self._blinks_until_s = self._sensors.clock.now_s() + IDENTIFY_S

    def show(self, signal: Signal) -> None:
        """Show a signal on the light, from now on; call it regularly, for a light that blinks."""
        light = self._light
        if self._blinks_until_s is not None and self._is_dark(self._blinks_until_s):
            signal = Signal.OFF
        if light is None or signal is self._shown:
            return

        def shown() -> Signal:
            light.show(signal)
            return signal

        self._shown = (
            self._sensors.read(light.name, shown, consequence="the light does not show how the bin is") or self._shown
        )

    def _is_dark(self, until_s: float) -> bool:
        """Whether a light that blinks is dark now; it blinks no more once the time is over."""
        left_s = until_s - self._sensors.clock.now_s()
        if left_s <= 0:
            self._blinks_until_s = None
        return left_s > 0 and left_s % (2 * BLINK_S) > BLINK_S

    def _follow_lid(self) -> None:
        """Tell an open lid from a contact that bounces."""
        if self.lid is None:
            return
        self._lid_contact.add(self.lid_open, self._sensors.clock.now_s())
        self.lid_open_long = self._lid_contact.is_long
        sentence = f"{self.lid.name}: its contact bounces, and flaps stop short for it: see to the contact and its wire"
        self._sensors.report(f"{self.lid.name} contact", sentence if self._lid_contact.chatters else None)

    def _is_on(self, switch: Switch | None, *, consequence: str) -> bool | None:
        return (
            False if switch is None else self._sensors.read(switch.name, lambda: switch.is_on, consequence=consequence)
        )
