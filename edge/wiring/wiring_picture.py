"""The wiring of a configuration: a picture of the header, and the same as a table."""

from collections.abc import Iterator

from edge.config.schema import Config
from edge.wiring.header import WiredPart
from edge.wiring.header_map import header_map, users_of
from edge.wiring.sheet import Sheet
from edge.wiring.wired_parts import notes_on, parts_of

WHAT_IS_BETWEEN = (
    "What sits in the wires (1 kΩ to a servo, the divider of an HC-SR04, 330 Ω to an LED), fuses and the emergency stop: see "
    "docs/electronics.md. Supplies and grounds may lie on any pin that carries the same."
)


def wiring_picture(config: Config, title: str) -> Sheet:
    """The header with the pins of a configuration."""
    return header_map(title, parts_of(config), *notes_on(config), WHAT_IS_BETWEEN)


def wiring_table(config: Config) -> Iterator[str]:
    """A line for each wire, in the order of the header's pins, then what is wired elsewhere."""
    for pin, wires in users_of(parts_of(config)).items():
        for part, wire in wires:
            yield f"pin {pin:>2}  {wire.label:<8}  {part.name}{_terminal(part, wire.terminal)}"
    yield from notes_on(config)


def _terminal(part: WiredPart, terminal: str) -> str:
    """The terminal, unless the part's name says it, as that of a switch does."""
    return "" if f"{part.name} ".startswith(f"{terminal.replace('_', ' ')} ") else f": {terminal}"
