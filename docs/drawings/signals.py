"""The wiring of what the bin senses and shows: lid, buttons, end switch, level sensors, status light."""

from docs.drawings.header import END_SWITCH, LID, LIGHT, SERVICE, STOP, TIME_OF_FLIGHT, ULTRASONIC
from docs.drawings.symbols import PI_RIGHT, box, contact, diode, raspberry_pi, resistor
from edge.wiring.sheet import GREY, Sheet

LED_COLOURS = {"ready": "#3d8b45", "sorting": "#f4f4f4", "attention": "#f2b01b", "fault": "#c0392b"}

CONTACTS = (
    (LID, "lid", True, "Lid: reed contact and magnet", "closed while the lid is shut"),
    (STOP, "stop_button", True, "Stop: third contact of the button", "closed until it is pressed"),
    (SERVICE, "service_button", False, "Service button", "closed while it is pressed"),
    (END_SWITCH, "end_switch", False, "End switch of a flap", "closed while the flap is home"),
)
"""Each with its key, whether it is closed at rest, and what it is."""


def panel() -> Sheet:
    """Contacts to ground: a broken wire reads as an open lid, or as a pressed stop button."""
    sheet = Sheet("Lid, stop, service, end switch", height=600)
    wires = []
    for place, (part, key, is_closed, what, state) in enumerate(CONTACTS):
        y = 100 + 110 * place
        signal, ground = part.wire(key), part.wire("GND")
        sheet.wire((PI_RIGHT, y), (440, y), (440, y + 36), (PI_RIGHT, y + 36), colour=ground.drawn)
        sheet.wire((PI_RIGHT, y), (300, y), colour=signal.drawn)
        contact(sheet, 318, y, is_closed=is_closed)
        sheet.text(150, y - 26, what, bold=True)
        sheet.text(PI_RIGHT + 14, y + 24, state)
        wires += [(signal, y), (ground, y + 36)]
    raspberry_pi(sheet, 54, 494, wires)
    sheet.caption(
        520,
        "Drawn with the lid shut, nothing pressed, the flap out. The Pi pulls each pin up to 3.3 V, a contact pulls it "
        "down to ground. A wire that breaks reads as an open lid, a pressed stop, a flap that is not home: nothing moves. "
        "Grounds may share a pin.",
    )
    return sheet


def level() -> Sheet:
    """An ultrasonic sensor with its divider, and a time-of-flight sensor on the I2C bus."""
    sheet = Sheet("Level sensors: one or the other", height=580)
    rows = {"VCC": 104, "trigger": 144, "echo": 184, "GND": 260}
    wires = [(ULTRASONIC.wire(name), y) for name, y in rows.items()]
    for wire, y in wires:
        sheet.wire((PI_RIGHT, y), (344, y), colour=wire.drawn)
    sheet.wire((230, 184), (230, 260), colour=GREY)
    sheet.dot(230, 184)
    sheet.dot(230, 260)
    resistor(sheet, 290, 184, "330 Ω")
    resistor(sheet, 230, 224, "470 Ω", upright=True)
    raspberry_pi(sheet, 54, 290, wires)
    box(
        sheet, 344, 54, 120, 236, "HC-SR04", left=tuple(zip(("Vcc", "Trig", "Echo", "Gnd"), rows.values(), strict=True))
    )
    rows = {"VIN": 364, "SDA": 404, "SCL": 444, "GND": 484}
    wires = [(TIME_OF_FLIGHT.wire(name), y) for name, y in rows.items()]
    for wire, y in wires:
        sheet.wire((PI_RIGHT, y), (344, y), colour=wire.drawn)
    raspberry_pi(sheet, 314, 514, wires)
    box(sheet, 344, 314, 120, 200, "VL53L0X", left=tuple(rows.items()))
    sheet.caption(540, "All VL53L0X wake up at 0x29: a second one needs a bus of its own, or its XSHUT on a pin.")
    return sheet


def status_light() -> Sheet:
    """Four LEDs, each with a resistor, long leg towards the Pi."""
    sheet = Sheet("Status light", height=410)
    wires = [(wire, 104 + 50 * place) for place, wire in enumerate(LIGHT.wires)]
    *signals, (ground, bottom) = wires
    sheet.wire((430, signals[0][1]), (430, bottom), (PI_RIGHT, bottom), colour=ground.drawn)
    for wire, y in signals:
        sheet.wire((PI_RIGHT, y), (320, y), colour=wire.drawn)
        sheet.wire((320, y), (430, y), colour=ground.drawn)
        resistor(sheet, 226, y, "330 Ω")
        diode(sheet, 320, y, fill=LED_COLOURS[wire.terminal])
        sheet.text(380, y - 10, wire.terminal, anchor="middle")
        if y != signals[0][1]:
            sheet.dot(430, y)
    sheet.text(314, 76, "long leg", anchor="end", size=13, fill=GREY)
    sheet.text(330, 76, "short leg", size=13, fill=GREY)
    raspberry_pi(sheet, 54, 334, wires)
    sheet.caption(
        360,
        "The triangle points from the long leg to the short one, which stands at the LED's flat side. The other way round "
        "it stays dark and takes no harm.",
    )
    return sheet
