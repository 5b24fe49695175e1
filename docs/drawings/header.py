"""The Raspberry Pi's header, and what the bin of config.yaml and of its examples has wired to it."""

from dataclasses import dataclass

HEADER = tuple(
    "3V3 5V 2 5V 3 GND 4 14 GND 15 17 18 27 GND 22 23 3V3 24 10 GND 9 25 11 8 GND 7 0 1 5 GND 6 12 13 GND 19 16 26 20 "  # noqa: SIM905
    "GND 21".split()
)
"""What the 40 pins of the header carry, from pin 1 on: a GPIO number or a supply."""

RED, ORANGE_3V3, BLACK_GND = "#c0392b", "#e58e26", "#222222"
BROWN, SIGNAL_ORANGE, BLUE, YELLOW, GREEN, WHITE, VIOLET = (
    "#7b4a2d",
    "#f5a623",
    "#2e6fb7",
    "#f2d21b",
    "#3d8b45",
    "#ffffff",
    "#8e44ad",
)
SUPPLY_COLOURS = {"5V": RED, "3V3": ORANGE_3V3, "GND": BLACK_GND}


@dataclass(frozen=True)
class HeaderWire:
    """One wire from the header to a part.

    Attributes:
        terminal: what it is called at the part; for a pin of the configuration its key.
        pin: of the header, 1..40.
        colour: of the wire, where it is no supply's.
    """

    terminal: str
    pin: int
    colour: str = BLUE

    @property
    def carries(self) -> str:
        """A GPIO number, or 5V, 3V3 or GND."""
        return HEADER[self.pin - 1]

    @property
    def is_signal(self) -> bool:
        return self.carries.isdigit()

    @property
    def drawn(self) -> str:
        """The colour in which it is drawn: red is plus, orange 3.3 V, black ground."""
        return SUPPLY_COLOURS.get(self.carries, self.colour)

    @property
    def label(self) -> str:
        """What stands at the header's end."""
        return (
            f"{f'GPIO {self.carries}' if self.is_signal else self.carries.replace('3V3', '3.3 V').replace('5V', '5 V')}"
        )


@dataclass(frozen=True)
class WiredPart:
    """Something that is wired to the header.

    Attributes:
        name: in a few words.
        wires: to the header.
        is_optional: a bin sorts without it.
    """

    name: str
    wires: tuple[HeaderWire, ...]
    is_optional: bool = True

    def wire(self, terminal: str) -> HeaderWire:
        """The wire of a terminal."""
        return next(wire for wire in self.wires if wire.terminal == terminal)


def gpio(number: int) -> int:
    """The header's pin that carries a GPIO."""
    return HEADER.index(str(number)) + 1


SERVOS = {
    "paper": WiredPart("servo of paper", (HeaderWire("signal", gpio(12), SIGNAL_ORANGE),), is_optional=False),
    "glass": WiredPart("servo of glass", (HeaderWire("signal", gpio(13), SIGNAL_ORANGE),), is_optional=False),
    "packaging": WiredPart("servo of packaging", (HeaderWire("signal", gpio(18), SIGNAL_ORANGE),), is_optional=False),
}
SERVO_GROUND = WiredPart("servo supply", (HeaderWire("minus", 39),), is_optional=False)
RELAY = WiredPart(
    "relay",
    (HeaderWire("JD-VCC", 4), HeaderWire("VCC", 17), HeaderWire("IN", gpio(23), BLUE), HeaderWire("GND", 6)),
    is_optional=False,
)
LID = WiredPart("lid contact", (HeaderWire("lid", gpio(22), WHITE), HeaderWire("GND", 20)))
STOP = WiredPart("stop button", (HeaderWire("stop_button", gpio(17), VIOLET), HeaderWire("GND", 14)))
SERVICE = WiredPart("service button", (HeaderWire("service_button", gpio(27), GREEN), HeaderWire("GND", 14)))
END_SWITCH = WiredPart("end switch", (HeaderWire("end_switch", gpio(24), YELLOW), HeaderWire("GND", 20)))
ULTRASONIC = WiredPart(
    "HC-SR04",
    (
        HeaderWire("VCC", 2),
        HeaderWire("trigger", gpio(20), GREEN),
        HeaderWire("echo", gpio(21), YELLOW),
        HeaderWire("GND", 34),
    ),
)
TIME_OF_FLIGHT = WiredPart(
    "VL53L0X",
    (HeaderWire("VIN", 1), HeaderWire("SDA", 3, BLUE), HeaderWire("SCL", 5, YELLOW), HeaderWire("GND", 9)),
)
LIGHT = WiredPart(
    "light",
    (
        HeaderWire("ready", gpio(5), GREEN),
        HeaderWire("sorting", gpio(6), WHITE),
        HeaderWire("fault", gpio(19), VIOLET),
        HeaderWire("attention", gpio(26), YELLOW),
        HeaderWire("GND", 30),
    ),
)
PARTS = (
    *SERVOS.values(),
    SERVO_GROUND,
    RELAY,
    LID,
    STOP,
    SERVICE,
    END_SWITCH,
    ULTRASONIC,
    TIME_OF_FLIGHT,
    LIGHT,
)
