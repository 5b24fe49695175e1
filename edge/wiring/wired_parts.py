"""What a configuration has wired to the header: parts with their wires, of signals, supplies and ground."""

from collections.abc import Iterator, Mapping
from itertools import cycle

from edge.config.schema import Config
from edge.config.wiring import LedsConfig
from edge.wiring.header import (
    BLUE,
    GREEN,
    HEADER,
    SIGNAL_ORANGE,
    VIOLET,
    WHITE,
    YELLOW,
    HeaderWire,
    WiredPart,
    gpio,
)
from hardware.section import HEADER_I2C, ContactSection, GpioClaim, I2CClaim, PWMClaim, WiredSection

SERVO_GROUND_PIN = 39
"""The pin that the servo supply's ground is wired to, as docs/electronics.md draws it."""

SUPPLIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "opto-coupled relay": (("JD-VCC", "5V"), ("VCC", "3V3"), ("GND", "GND")),
    "MOSFET": (("GND", "GND"),),
    "stepper driver": (("VDD", "3V3"), ("GND", "GND")),
    "PCA9685": (("VCC", "3V3"), ("GND", "GND")),
    "HC-SR04": (("VCC", "5V"), ("GND", "GND")),
    "VL53L0X": (("VIN", "3V3"), ("GND", "GND")),
    "to ground": (("GND", "GND"),),
    "to 3.3 V": (("3.3 V", "3V3"),),
}
"""Which supplies of the header a part is wired to: its terminals, and what the pins carry."""

BOARDS = {"pca9685": "PCA9685", "ultrasonic": "HC-SR04", "vl53l0x": "VL53L0X", "leds": "light"}
MOVED_BY = {"servo": "servo", "hardware_servo": "servo"}
COLOURS = {"signal": SIGNAL_ORANGE, "lid": WHITE, "stop_button": VIOLET, "service_button": GREEN, "echo": YELLOW} | {
    "end_switch": YELLOW,
    "trigger": GREEN,
    "ready": GREEN,
    "sorting": WHITE,
    "fault": VIOLET,
    "attention": YELLOW,
    "SCL": YELLOW,
}
"""Terminal -> colour of its wire, where it is not blue."""

PWM_PINS = {0: 12, 1: 13}
"""Channel of the kernel's PWM -> GPIO number, with the line for config.txt that docs/electronics.md gives."""


class _Wires:
    """Gathers the wires of parts, some of which share a board, and gives each its pins."""

    def __init__(self) -> None:
        self._parts: dict[str, list[HeaderWire]] = {}
        pins = {
            carries: [number for number, what in enumerate(HEADER, start=1) if what == carries]
            for carries in ("5V", "3V3", "GND")
        }
        pins["GND"].remove(SERVO_GROUND_PIN)
        self._next = {carries: cycle(numbers) for carries, numbers in pins.items()}

    def signal(self, part: str, terminal: str, number: int) -> None:
        """A wire to a GPIO; once for a terminal of a board."""
        wire = HeaderWire(terminal, gpio(number), COLOURS.get(terminal, BLUE))
        wires = self._parts.setdefault(part, [])
        if wire not in wires:
            wires.append(wire)

    def supplies(self, part: str, kind: str) -> None:
        """The wires to the supplies, once for each part."""
        wires = self._parts.setdefault(part, [])
        named = {wire.terminal for wire in wires}
        wires += [HeaderWire(name, next(self._next[carries])) for name, carries in SUPPLIES[kind] if name not in named]

    def servo_ground(self) -> None:
        """The ground of the servos' own supply."""
        self._parts.setdefault("servo supply", [HeaderWire("minus", SERVO_GROUND_PIN)])

    def parts(self) -> tuple[WiredPart, ...]:
        return tuple(WiredPart(name, tuple(wires)) for name, wires in self._parts.items())


def parts_of(config: Config) -> tuple[WiredPart, ...]:
    """Every part that the configuration has wired to the header. Supplies share pins where there are not enough of them."""
    wires = _Wires()
    for owner, key, section in _sections(config):
        _add(wires, owner, key, section)
    return wires.parts()


def notes_on(config: Config) -> Iterator[str]:
    """What is wired to something else than the header's pins, and what the picture does not show, a sentence each."""
    for owner, key, section in _sections(config):
        name = _name(owner, key, section)
        for claim in section.claims():
            if isinstance(claim, I2CClaim) and claim.number not in HEADER_I2C:
                yield f"{name}: on I2C bus {claim.number}, whose pins its line in config.txt names."
            if isinstance(claim, PWMClaim) and (claim.chip is not None or claim.channel not in PWM_PINS):
                yield f"{name}: on {claim.what}, whose pin its line in config.txt names."
        if getattr(section, "kind", "") == "pca9685":
            yield f"servo of {owner}: on output {getattr(section, 'channel', 0)} of the PCA9685."


def _sections(config: Config) -> Iterator[tuple[str, str, WiredSection]]:
    """Owner (a bin or a drive; empty for the panel), key below it, and section of every part."""
    for name, one in config.bins.items():
        yield from ((name, key, part) for key, part in one.flap.parts("flap"))
        if one.level is not None:
            yield from ((name, key, part) for key, part in one.level.parts("level"))
    for name, drive in config.drives.items():
        yield from ((name, key, part) for key, part in drive.parts("drive"))
    for name, part in ((key, getattr(config.panel, key)) for key in type(config.panel).model_fields):
        if part is not None:
            yield "", name, part


def _add(wires: _Wires, owner: str, key: str, section: WiredSection) -> None:
    name, kind = _name(owner, key, section), getattr(section, "kind", "")
    for claim in section.claims():
        if isinstance(claim, GpioClaim) and claim.bus is not None:
            sda = claim.pin in {pins[0] for pins in HEADER_I2C.values()}
            wires.signal(name, "SDA" if sda else "SCL", claim.pin)
        elif isinstance(claim, GpioClaim):
            part, terminal = _terminal(name, owner, key, claim.key, section)
            wires.signal(part, terminal, claim.pin)
        elif isinstance(claim, PWMClaim) and claim.chip is None and claim.channel in PWM_PINS:
            wires.signal(name, "signal", PWM_PINS[claim.channel])
    if kind in ("servo", "hardware_servo", "pca9685"):
        wires.servo_ground()
    if isinstance(section, ContactSection):
        wires.supplies(name, "to ground" if section.is_pulled_up else "to 3.3 V")
    elif isinstance(section, LedsConfig):
        wires.supplies(name, "to ground" if section.active_high else "to 3.3 V")
    elif kind == "relay":
        wires.supplies("relays", "MOSFET" if getattr(section, "active_high", False) else "opto-coupled relay")
    elif kind == "carousel" and any(section.claims()) and key == "drive":
        wires.supplies(name, "stepper driver")
        wires.supplies("relays", "MOSFET" if getattr(section, "gate_active_high", False) else "opto-coupled relay")
    elif kind in BOARDS:
        wires.supplies(name, BOARDS[kind])


def _terminal(name: str, owner: str, key: str, pin_key: str, section: WiredSection) -> tuple[str, str]:
    """The part and its terminal of a claim: relays of all kinds sit on one board."""
    kind = getattr(section, "kind", "")
    if kind == "relay":
        return "relays", f"IN {_moved(owner, key)}"
    if pin_key == "gate_pin":
        return "relays", f"IN gate of {owner}"
    if isinstance(section, ContactSection):
        return name, key.rpartition(".")[2]
    return name, "signal" if pin_key == "pin" else pin_key.removesuffix("_pin")


def _moved(owner: str, key: str) -> str:
    """What a drive moves: a bin's flap by the bin's name, else its part."""
    part = key.rpartition(".")[2]
    return owner if part == "flap" else f"{part} of {owner}"


def _name(owner: str, key: str, section: WiredSection) -> str:
    kind = getattr(section, "kind", "")
    if not owner:
        return "light" if kind == "leds" else "lid contact" if key == "lid" else key.replace("_", " ")
    if isinstance(section, ContactSection):
        return f"{key.rpartition('.')[2].replace('_', ' ')} of {owner}"
    if kind == "pca9685":
        return "PCA9685"
    if kind in MOVED_BY:
        part = key.rpartition(".")[2]
        return f"servo of {owner}" if part == "flap" else f"{part} of {owner}"
    if kind == "carousel":
        return f"stepper driver of {owner}"
    return f"{BOARDS.get(kind, kind)} of {owner}"
