"""Draws docs/wiring.svg: what is wired to which pin of the Raspberry Pi's header. ``python docs/wiring.py`` writes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

HEADER = tuple(
    "3V3 5V 2 5V 3 GND 4 14 GND 15 17 18 27 GND 22 23 3V3 24 10 GND 9 25 11 8 GND 7 0 1 5 GND 6 12 13 GND 19 16 26 20 "  # noqa: SIM905
    "GND 21".split()
)
"""What the 40 pins of the header carry, from pin 1 on: a GPIO number or a supply."""

ROW, TOP, LEFT_X, RIGHT_X = 30, 150, 560, 600
WIDTH, HEIGHT = 1160, 900
COLOURS = {"5V": "#c0392b", "3V3": "#d68910", "GND": "#222222"}
SIGNAL, OPTIONAL = "#1f618d", "#7d8b99"


@dataclass(frozen=True)
class WiredPart:
    """Something that is wired to the header.

    Attributes:
        title: what it is.
        note: a line below, or nothing.
        wires: (pin of the header, 1 to 40, and what it is called at the part).
        supply: it takes 5 V from the servos' supply, not from the Pi.
        optional: a bin sorts without it.
        y: top of its box.
    """

    title: str
    note: str
    wires: tuple[tuple[int, str], ...]
    y: int
    supply: bool = False
    optional: bool = True

    @property
    def height(self) -> int:
        return 34 + 22 * max(len(self.wires) + 2 * self.supply, 1) + (18 if self.note else 0)


def gpio(number: int) -> int:
    """The header's pin that carries a GPIO."""
    return HEADER.index(str(number)) + 1


LEFT = (
    WiredPart(
        "Distance sensor VL53L0X",
        "how full a bin is; on the I2C bus",
        ((1, "VIN"), (3, "SDA"), (5, "SCL"), (9, "GND")),
        96,
    ),
    WiredPart("Stop button", "pressed: flaps stop where they are", ((gpio(17), "stop_button"),), 252),
    WiredPart("Service button", "pressed: sorting pauses", ((gpio(27), "service_button"),), 336),
    WiredPart("Lid contact or light barrier", "closed while the lid is open: no flap moves", ((gpio(22), "lid"),), 420),
    WiredPart(
        "Status light: four LEDs, 330 ohm each",
        "",
        ((gpio(5), "ready"), (gpio(6), "sorting"), (gpio(19), "fault"), (gpio(26), "attention")),
        512,
    ),
    WiredPart("Servo of the bin 'glass'", "", ((gpio(13), "signal"),), 660, supply=True, optional=False),
)
RIGHT = (
    WiredPart("Servo of the bin 'packaging'", "", ((gpio(18), "signal"),), 176, supply=True, optional=False),
    WiredPart(
        "Relay module of the bin 'residual'",
        "opto-isolated; drives a solenoid",
        ((gpio(23), "IN"),),
        300,
        supply=True,
        optional=False,
    ),
    WiredPart("End switch of a flap", "closed while the flap is home", ((gpio(24), "end_switch"),), 446),
    WiredPart("Servo of the bin 'paper'", "", ((gpio(12), "signal"),), 580, supply=True, optional=False),
    WiredPart(
        "Ultrasonic sensor HC-SR04",
        "echo through 1 k and 2 k: 5 V would harm the pin",
        ((gpio(20), "trigger"), (gpio(21), "echo")),
        724,
        supply=True,
    ),
)


def main() -> None:
    """Write the picture."""
    Path(__file__).with_name("wiring.svg").write_text(draw())


def draw() -> str:
    """The picture as SVG."""
    body = [
        *_title(),
        *_board(),
        *_side(LEFT, 40, 300, is_left=True),
        *_side(RIGHT, 820, 300, is_left=False),
        *_power(),
        *_pins(),
    ]
    style = "text{font-family:Helvetica,Arial,sans-serif;fill:#222}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">\n'
        f'<style>{style}</style>\n<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _text(
    x: float, y: float, text: str, *, size: int = 13, anchor: str = "start", fill: str = "", bold: bool = False
) -> str:
    extra = (f' fill="{fill}" style="fill:{fill}"' if fill else "") + (' font-weight="bold"' if bold else "")
    return f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}"{extra}>{escape(text)}</text>'


def _title() -> Iterator[str]:
    yield _text(40, 44, "Wiring of the bin in config.yaml", size=22, bold=True)
    yield _text(
        40,
        68,
        "Blue: what the bin needs. Grey: what it may have (panel, level and end_switch in config.yaml).",
        size=14,
    )


def _pin_y(pin: int) -> int:
    return TOP + ROW * ((pin - 1) // 2)


def _rect(x: int, y: int, width: int, height: int, *, fill: str, stroke: str, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 3"' if dashed else ""
    place = f'x="{x}" y="{y}" width="{width}" height="{height}" rx="6"'
    return f'<rect {place} fill="{fill}" stroke="{stroke}" stroke-width="1.5"{dash}/>'


def _line(*points: tuple[int, int], stroke: str) -> str:
    path = " ".join(f"{x},{y}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="2"/>'


def _board() -> Iterator[str]:
    height = _pin_y(40) - TOP + 44
    yield _rect(LEFT_X - 24, TOP - 22, RIGHT_X - LEFT_X + 48, height, fill="#eaf2ea", stroke="#3d6b45")
    yield _text((LEFT_X + RIGHT_X) / 2, TOP - 34, "Raspberry Pi, header J8", size=14, anchor="middle", bold=True)


def _pins() -> Iterator[str]:
    for pin, carries in enumerate(HEADER, start=1):
        x = LEFT_X if pin % 2 else RIGHT_X
        fill = COLOURS.get(carries, "#ffffff")
        shape = f'<circle cx="{x}" cy="{_pin_y(pin)}" r="11" fill="{fill}" stroke="#444"/>'
        yield shape + _text(
            x, _pin_y(pin) + 4, str(pin), size=10, anchor="middle", fill="#ffffff" if carries in COLOURS else "#222"
        )
        label = carries if carries in COLOURS else f"GPIO {carries}"
        outside = x - 28 if pin % 2 else x + 28
        yield _text(outside, _pin_y(pin) - 4, label, size=9, anchor="end" if pin % 2 else "start", fill="#555")


def _side(parts: tuple[WiredPart, ...], x: int, width: int, *, is_left: bool) -> Iterator[str]:
    wires = [(pin, part, place) for part in parts for place, (pin, _) in enumerate(part.wires)]
    edge, pins = (x + width, LEFT_X) if is_left else (x, RIGHT_X)
    # Each wire has a lane of its own: the further it goes up or down, the nearer to the parts it does.
    for lane, (pin, part, place) in enumerate(sorted(wires, key=lambda wire: _lane_order(wire[0], wire[1], wire[2]))):
        lane_x = edge + (24 + 9 * lane) * (1 if is_left else -1)
        colour = COLOURS.get(HEADER[pin - 1], OPTIONAL if part.optional else SIGNAL)
        row, pin_row = _wire_y(part, place), _pin_y(pin)
        yield _line((edge, row), (lane_x, row), (lane_x, pin_row), (pins, pin_row), stroke=colour)
    for part in parts:
        yield from _box(part, x, width, is_left=is_left)


def _lane_order(pin: int, part: WiredPart, place: int) -> float:
    """Wires that go down turn in the order of their rows, those that go up against it, so that few cross."""
    away = _wire_y(part, place) - _pin_y(pin)
    return _pin_y(pin) if away > 0 else 10_000 - _pin_y(pin)


def _wire_y(part: WiredPart, place: int) -> int:
    return part.y + 44 + (18 if part.note else 0) + 22 * place


def _box(part: WiredPart, x: int, width: int, *, is_left: bool) -> Iterator[str]:
    colour = OPTIONAL if part.optional else SIGNAL
    yield _rect(x, part.y, width, part.height, fill="#f8fafc", stroke=colour, dashed=part.optional)
    yield _text(x + 12, part.y + 20, part.title, bold=True)
    if part.note:
        yield _text(x + 12, part.y + 38, part.note, size=11, fill="#555")
    inside, anchor = (x + width - 10, "end") if is_left else (x + 10, "start")
    for place, (_, name) in enumerate(part.wires):
        yield _text(inside, _wire_y(part, place) + 4, name, size=12, anchor=anchor)
    if part.supply:
        for place, (net, fill) in enumerate((("+5 V of the servo supply", COLOURS["5V"]), ("GND", COLOURS["GND"]))):
            y = _wire_y(part, len(part.wires) + place)
            yield _text(inside, y + 4, net, size=12, anchor=anchor, fill=fill, bold=True)
    elif not any(HEADER[pin - 1] == "GND" for pin, _ in part.wires):
        other, end = (x + 12, "start") if is_left else (x + width - 12, "end")
        yield _text(other, _wire_y(part, 0) + 4, "other side: GND", size=11, anchor=end, fill="#222")


def _power() -> Iterator[str]:
    y, x = 800, LEFT_X - 60
    yield _rect(40, y, 600, 76, fill="#fdf2e9", stroke=COLOURS["5V"])
    yield _text(52, y + 22, "Servo supply: 5 V, 4 A or more, of its own, with a fuse and 1000 uF", bold=True)
    yield _text(52, y + 42, "+5 V to the servos and the relay module, never to the Pi's 5 V pins;", size=12)
    ground = "GND to them, and to pin 39 of the Pi: without a common ground no signal means anything."
    yield _text(52, y + 60, ground, size=12)
    yield _line((LEFT_X, _pin_y(39)), (x, _pin_y(39)), (x, y), stroke=COLOURS["GND"])


if __name__ == "__main__":
    main()
