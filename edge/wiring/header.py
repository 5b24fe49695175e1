"""The Raspberry Pi's header, and the wires that lead from it to a part."""

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
