"""The switches of the simulated bin: those that people operate, and the end switches that the flaps close."""

from hardware.errors import HardwareConfigError
from hardware.pin_factory import PinFactory
from hardware.pins import SimulatedPin, simulated_pin
from hardware.sim.fault_schedule import FaultSchedule
from hardware.sim.mechanics import FlapMechanics
from hardware.world.fault import PANEL
from hardware.world.layout import BinLayout


class SimSwitches:
    """Drives the mock pins that the switches are wired to.

    Args:
        layout: names the switches that people operate, which are all off at first, and the flaps' end switches.
        flaps: bin -> flap.
        pin_factory: of ``hardware.pins.mock_factory``, the one that the drivers get.
    """

    def __init__(self, layout: BinLayout, flaps: dict[str, FlapMechanics], pin_factory: PinFactory) -> None:
        self._switches = layout.switches
        self._end_switches = layout.end_switches
        self._flaps = flaps
        self._pressed: set[str] = set()
        self._faulty: set[str] = set()
        self._broken: set[str] = set()
        self._pins: dict[str, SimulatedPin] = {}
        self._end_pins: dict[str, SimulatedPin] = {}
        self.connect(pin_factory)

    def connect(self, pin_factory: PinFactory) -> None:
        """Wire the switches to the same pins of another factory."""
        self._pins = {name: simulated_pin(pin_factory, one.pin) for name, one in self._switches.items()}
        self._end_pins = {bin: simulated_pin(pin_factory, one.pin) for bin, one in self._end_switches.items()}
        self.drive_pins()

    def press(self, name: str, on: bool) -> None:
        """Press a switch, or release it.

        Raises:
            HardwareConfigError: there is no such switch.
        """
        if name not in self._switches:
            raise HardwareConfigError(
                f"simulation: there is no switch {name!r}; there are {', '.join(self._switches) or 'none'}"
            )
        (self._pressed.add if on else self._pressed.discard)(name)
        self.drive_pins()

    def apply_faults(self, faults: FaultSchedule) -> None:
        """Press what is pressed by an active fault, release what no longer is, and break the wires that are broken now."""
        active = [one for one in faults.active if one.kind in PANEL]
        self._broken = {one.kind for one in active if one.option("broken_wire", False)}
        self._faulty = {one.kind for one in active} - self._broken
        self.drive_pins()

    def drive_pins(self) -> None:
        """Bring every pin to the level of its switch."""
        for name, wiring in self._switches.items():
            on = name in self._pressed or name in self._faulty
            self._pins[name].wire(None if name in self._broken else on is wiring.active_high)
        for bin, wiring in self._end_switches.items():
            self._end_pins[bin].wire(self._flaps[bin].is_home is wiring.active_high)
