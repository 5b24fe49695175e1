"""Currents and voltages: what the supplies must give, and what reaches a pin."""

from dataclasses import dataclass

SERVO_V = 6.0
"""What the servos are fed with: most of those with 20 kg cm are rated at 6 to 6.8 V."""

STALL_A = 3.0
"""A servo of 20 kg cm that is held, or that starts: data sheets and measurements say 2 to 3 A."""

RESERVE = 1.2
"""A supply that is sized to its last ampere shuts off at the first one more."""

SUPPLIES_A = (5.0, 8.0, 10.0, 12.0, 15.0, 20.0)
FUSES_A = (3.0, 5.0, 7.5, 10.0, 15.0, 20.0)
"""Sizes that are sold: supplies, and blade fuses for cars."""

COPPER_OHM_MM2_PER_M = 0.0178

STOP_RELAY_A, COIL_OHM, COIL_V, PULLS_IN_V = 30.0, 90.0, 12.0, 6.9
"""A relay for cars: what its contact carries for as long as one likes, at 85 degrees; its coil, what that is made for, and the
voltage from which on it surely pulls in."""

BUTTON_A = 2.5
"""What the contact of an emergency stop switches at 24 V of direct current into a coil (DC-13); others are for 1 A."""

PIN_LIMIT_V = 3.3
PI_SUPPLY_V = 5.1
PIN_HIGH_V = 2.0
"""What a pin of a Raspberry Pi 4 surely reads as high; earlier ones need 1.6 V."""

RELAY_COIL_A, ULTRASONIC_A, TIME_OF_FLIGHT_A, LED_A, CSI_CAMERA_A, USB_CAMERA_A = 0.072, 0.015, 0.02, 0.004, 0.25, 0.5
BOARD_A = {"Raspberry Pi 3": 1.34, "Raspberry Pi 4": 1.25}
BOARD_SUPPLY_A = {"Raspberry Pi 3": 2.5, "Raspberry Pi 4": 3.0}
"""Under full load, and what its maker recommends. The maker gives no such measurement of the Raspberry Pi 5."""


@dataclass(frozen=True)
class ServoBudget:
    """What a number of servos needs.

    Attributes:
        servos: how many, 1..5.
    """

    servos: int

    @property
    def peak_a(self) -> float:
        """All of them at once, in amperes: with the supply they come on together, and each may twitch."""
        return self.servos * STALL_A

    @property
    def supply_a(self) -> float:
        """The smallest supply that is sold and gives the peak with a reserve."""
        return next(size for size in SUPPLIES_A if size >= self.peak_a * RESERVE)

    @property
    def fuse_a(self) -> float:
        """The smallest fuse that lets the peak pass. The supply can blow it, or it would be no fuse."""
        return next(size for size in FUSES_A if size >= self.peak_a)

    def row(self) -> str:
        """Its line of the page's table."""
        watts = self.supply_a * SERVO_V
        return (
            f"| {self.servos} | {self.servos} x {STALL_A:g} A = {self.peak_a:g} A | {self.supply_a:g} A ({watts:g} W) "
            f"| {self.fuse_a:g} A |"
        )


def stop_relay_coil_a() -> float:
    """What the coil of the emergency stop's relay takes, in amperes."""
    return COIL_V / COIL_OHM


def droop_v_per_ms(current_a: float, capacitor_uf: float) -> float:
    """How fast a capacitor's voltage falls while it alone gives a current, in volts per millisecond."""
    return current_a / (capacitor_uf * 1e-6) / 1000


def wire_drop_v(current_a: float, length_m: float, area_mm2: float) -> float:
    """Voltage lost in a pair of wires, there and back, in volts."""
    return current_a * 2 * length_m * COPPER_OHM_MM2_PER_M / area_mm2


def divided_v(supply_v: float, upper_ohm: float, lower_ohm: float) -> float:
    """What a divider leaves of a voltage, in volts."""
    return supply_v * lower_ohm / (upper_ohm + lower_ohm)


def board_a(board: str, *, relays: int = 1, ultrasonic: int = 4, is_usb: bool = False) -> float:
    """What a Raspberry Pi takes at most with all that hangs on its 5 V, in amperes. One LED of the light is lit at a time."""
    camera_a = USB_CAMERA_A if is_usb else CSI_CAMERA_A
    return BOARD_A[board] + camera_a + relays * RELAY_COIL_A + ultrasonic * ULTRASONIC_A + LED_A


def duty_percent(openings_per_min: float, on_s: float) -> float:
    """How long of each minute a solenoid is under current, in percent (its data sheet: ED)."""
    return openings_per_min * on_s / 60 * 100
