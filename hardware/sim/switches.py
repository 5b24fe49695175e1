"""The switches of the simulated bin: what people press, and what the flaps close."""

from collections.abc import Mapping
from typing import Any

from hardware.errors import HardwareConfigError
from hardware.world.fault import PANEL, FaultSchedule
from hardware.sim.mechanics import FlapMechanics


class SimSwitches:
    """Works the mock pins that switches hang on.

    Args:
        switches: name -> ``pin`` and ``active_high`` of a switch that people work; all are off at first.
        end_switches: bin -> the same of the switch that its flap closes while it is home.
        flaps: bin -> flap.
        pin_factory: of ``hardware.pins.mock_factory``, the one that the drivers get.
    """

    def __init__(
        self,
        switches: Mapping[str, Mapping[str, Any]],
        end_switches: Mapping[str, Mapping[str, Any]],
        *,
        flaps: Mapping[str, FlapMechanics],
        pin_factory: Any,
    ) -> None:
        self._switches = dict(switches)
        self._end_switches = dict(end_switches)
        self._flaps = flaps
        self._pressed: set[str] = set()
        self._faulty: set[str] = set()
        self.connect(pin_factory)

    def connect(self, pin_factory: Any) -> None:
        """Hang the switches on the same pins of another factory."""
        self._pins = {name: pin_factory.pin(one["pin"]) for name, one in (self._switches | self._end_switches).items()}
        self.drive_pins()

    def press(self, name: str, on: bool) -> None:
        """Press a switch, or let it go.

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
        """Take on what is pressed as a fault now."""
        self._faulty = {kind for kind in PANEL if faults.find(kind) is not None}
        self.drive_pins()

    def drive_pins(self) -> None:
        """Bring every pin to where its switch stands."""
        for name, options in self._switches.items():
            self._put(self._pins[name], options, name in self._pressed or name in self._faulty)
        for bin, options in self._end_switches.items():
            self._put(self._pins[bin], options, self._flaps[bin].is_home)

    @staticmethod
    def _put(pin: Any, options: Mapping[str, Any], on: bool) -> None:
        level = on is bool(options.get("active_high", False))
        # Asked, not remembered: a driver that claims the pin pulls it to where off is.
        if bool(pin.state) is not level:
            (pin.drive_high if level else pin.drive_low)()
