"""Currents and voltages: what the supplies must give, and what reaches a pin."""

from dataclasses import dataclass

SERVO_V = 6.0
"""What the servos are fed with: most of those with 20 kg cm are rated at 6 to 6.8 V."""

STALL_A = 3.0
"""A servo of 20 kg cm that is held, or that starts: data sheets and measurements say 2 to 3 A."""

RESERVE = 1.2
"""A supply that is sized to its last ampere shuts off at the first one more."""

SUPPLIES_A = (2.0, 3.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0)
FUSES_A = (1.0, 2.0, 3.0, 4.0, 5.0, 7.5, 10.0, 15.0, 20.0)
"""Sizes that are sold: supplies, and blade fuses for cars."""

FUSE_HOLDS, FUSE_BLOWS = 1.1, 1.35
"""What a blade fuse (ISO 8820-3) carries for 100 hours, and what blows it within 0.75 to 1800 seconds, as multiples of what is
printed on it. A supply that gives less than the second never blows it."""

LIGHT_W_PER_M, MOST_STRIP_M = 14.4, 0.46
"""The strongest of the usual LED strips for 12 V, and the longest of the trays that are drawn."""

SOLENOID_A, STEPPER_A = 2.0, 1.5
"""The strongest solenoid that the button's contact switches without a relay of its own, and a NEMA 17 behind its driver."""

CONVERTER_SHARE = 0.85
"""What a converter from 12 to 6 V gives of what it takes."""

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
    def supply_w(self) -> float:
        return self.supply_a * SERVO_V

    @property
    def fuse_share(self) -> float:
        """What the supply gives into a short behind one servo's fuse, as a multiple of that fuse."""
        return self.supply_a / SERVO_FUSE_A

    @property
    def converter_a(self) -> float:
        """What a converter from 12 V takes in place of the supply, in amperes."""
        return self.supply_w / CONVERTER_SHARE / COIL_V

    def row(self) -> str:
        """Its line of the page's table."""
        return (
            f"| {self.servos} | {self.servos} x {STALL_A:g} A = {self.peak_a:g} A | {self.supply_a:g} A ({self.supply_w:g} W) "
            f"| {self.servos} x {SERVO_FUSE_A:g} A | {self.fuse_share * 100:.0f} % | {self.converter_a:.1f} A |"
        )


@dataclass(frozen=True)
class TwelveVoltBudget:
    """What the 12 V supply feeds.

    Attributes:
        what: in a few words.
        moving_a: what moves, in amperes.
    """

    what: str
    moving_a: float

    @property
    def light_a(self) -> float:
        """The light, and the coil of the emergency stop's relay."""
        return 2 * MOST_STRIP_M * LIGHT_W_PER_M / COIL_V + stop_relay_coil_a()

    @property
    def needed_a(self) -> float:
        """All of it."""
        return self.light_a + self.moving_a

    @property
    def fuses_a(self) -> tuple[float, ...]:
        """One for light and coil, and one for what moves, so that its short leaves the tray bright."""
        return tuple(fuse_for(current_a) for current_a in (self.light_a, self.moving_a) if current_a)

    @property
    def supply_a(self) -> float:
        """The smallest supply that is sold, gives all with a reserve, and blows each fuse."""
        least_a = max(self.needed_a * RESERVE, *(fuse_a * FUSE_BLOWS for fuse_a in self.fuses_a))
        return next(size for size in SUPPLIES_A if size >= least_a)

    def row(self) -> str:
        """Its line of the page's table."""
        fuses = " and ".join(f"{fuse_a:g} A" for fuse_a in self.fuses_a)
        return f"| {self.what} | {self.needed_a:.1f} A | {fuses} | {self.supply_a:g} A ({self.supply_a * COIL_V:g} W) |"


def fuse_for(current_a: float) -> float:
    """The smallest fuse that carries a current with a reserve, in amperes."""
    return next(size for size in FUSES_A if size >= current_a * RESERVE)


SERVO_FUSE_A = fuse_for(STALL_A)
"""In the plus of each servo: it holds one that is held fast, and the supply can blow it."""

TWELVE_VOLT_BINS = (
    TwelveVoltBudget("light and relay of the stop: chute, flaps on servos", 0.0),
    TwelveVoltBudget(f"and a solenoid of {SOLENOID_A:g} A: flap on a relay", SOLENOID_A),
    TwelveVoltBudget(f"and a stepper of {STEPPER_A:g} A: turntable", SOLENOID_A + STEPPER_A),
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
