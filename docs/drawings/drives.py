"""The wiring of what moves: the supplies, the servos, and a relay with its solenoid."""

from docs.drawings.budget import SERVO_FUSE_A
from docs.drawings.header import RELAY, SERVO_GROUND, SERVOS
from docs.drawings.symbols import PI_RIGHT, box, capacitor, contact, diode, fuse, raspberry_pi, resistor
from edge.wiring.header import BLACK_GND, BROWN, RED
from edge.wiring.sheet import GREY, Sheet

TWELVE_VOLT = "#e8833a"
"""The solenoid's plus, in a colour of its own: 12 V on a servo's plus would end the servo."""


def power() -> Sheet:
    """Three supplies, one ground, and the switch that cuts what moves."""
    sheet = Sheet("Power: who feeds what", height=780)
    ground = SERVO_GROUND.wire("minus")
    box(sheet, 16, 50, 190, 84, "Supply of the Pi", note="5.1 V, see the table", right=(("USB", 112),))
    sheet.wire((206, 112), (300, 112), colour=RED)
    sheet.rect(300, 50, 164, 120, fill="#eaf2ea", stroke="#3d6b45")
    sheet.text(382, 72, "Raspberry Pi", anchor="middle", bold=True)
    sheet.text(308, 117, "USB-C")
    sheet.text(452, 152, "GND", anchor="end")
    sheet.circle(388, 147, 10, fill=BLACK_GND)
    sheet.text(388, 151.5, str(ground.pin), size=12, anchor="middle", fill="#ffffff")

    box(sheet, 16, 210, 120, 150, "Servo supply", note="6 V", right=(("−", 262), ("+", 336)))
    sheet.wire((136, 262), (464, 262), colour=BLACK_GND)
    sheet.wire((388, 262), (388, 157), colour=BLACK_GND)
    sheet.dot(388, 262)
    sheet.wire((136, 336), (464, 336), colour=RED)
    contact(sheet, 246, 336, is_closed=True)
    sheet.wire((310, 262), (310, 336), colour=GREY)
    sheet.dot(310, 262)
    sheet.dot(310, 336)
    capacitor(sheet, 310, 299, "1000 µF, 16 V")
    sheet.text(464, 281, "− of the servos", anchor="end")
    sheet.text(464, 358, "+ of the servos, a fuse each", anchor="end")

    sheet.text(246, 318, "K", anchor="middle", bold=True)

    box(sheet, 16, 404, 120, 226, "12 V supply", note="light, solenoid", right=(("+", 464), ("−", 606)))
    sheet.wire((136, 464), (464, 464), colour=TWELVE_VOLT)
    sheet.wire((150, 464), (150, 554), (330, 554), colour=TWELVE_VOLT)
    sheet.wire((212, 554), (212, 508), (330, 508), colour=TWELVE_VOLT)
    sheet.wire((386, 508), (420, 508), (420, 606), colour=BLACK_GND)
    sheet.wire((386, 554), (420, 554), colour=BLACK_GND)
    sheet.wire((136, 606), (464, 606), colour=BLACK_GND)
    for place in ((150, 464), (212, 554), (420, 554), (420, 606)):
        sheet.dot(*place)
    fuse(sheet, 192, 464, "fuse")
    fuse(sheet, 181, 554, "fuse")
    contact(sheet, 256, 464, is_closed=True)
    contact(sheet, 256, 508, is_closed=True)
    for name, y in (("K", 508), ("light", 554)):
        sheet.rect(330, y - 14, 56, 28, fill="#ffffff", stroke="#222222", radius=0)
        sheet.text(358, y + 5, name, anchor="middle", bold=True)
    sheet.text(464, 484, "COM of the relay board", anchor="end", size=13)
    sheet.text(464, 628, "− of the solenoid", anchor="end")

    # The two contacts and the button's head are one part.
    sheet.line((256, 418), (256, 450), width=2, dash="5 4")
    sheet.line((256, 476), (256, 496), width=2, dash="5 4")
    sheet.polygon((236, 398), (276, 398), (266, 418), (246, 418), fill=RED)
    sheet.caption(402, "Emergency stop: pressed, it opens both, and stays so.", x=286, width=190)

    sheet.caption(
        656,
        "The light is wired before the stop: it stays on. "
        "K: a car's relay. Its contact feeds the servos while its coil has current; without 12 V, or with a broken wire, they "
        "have none. No wire leads from the servo supply to a 5 V pin of the Pi, nor the other way round. The 12 V side "
        "shares nothing with the Pi: relays part them. A dot joins wires; where two cross without one, they are not joined.",
    )
    return sheet


def servos() -> Sheet:
    """Three servos: signals from the Pi, current from their own supply."""
    sheet = Sheet("Flap servos", height=560)
    plus, minus = 456, 428
    rows = [100, 220, 340]
    wires = [(part.wire("signal"), y) for part, y in zip(SERVOS.values(), rows, strict=True)]
    ground = SERVO_GROUND.wire("minus")
    sheet.wire((plus, rows[0] + 26), (plus, 490), colour=RED)
    sheet.wire((minus, rows[0] + 54), (minus, 490), colour=BLACK_GND)
    for (name, y), (wire, _) in zip(zip(SERVOS, rows, strict=True), wires, strict=True):
        sheet.wire((PI_RIGHT, y), (230, y), colour=wire.drawn)
        resistor(sheet, 183, y, "1 kΩ")
        sheet.wire((360, y + 26), (plus, y + 26), colour=RED)
        fuse(sheet, 394, y + 26, f"{SERVO_FUSE_A:g} A")
        sheet.wire((360, y + 54), (minus, y + 54), colour=BROWN)
        sheet.dot(plus, y + 26)
        sheet.dot(minus, y + 54)
        box(
            sheet,
            230,
            y - 38,
            130,
            106,
            name,
            left=(("orange", y),),
            right=(("red +", y + 26), ("brown −", y + 54)),
        )
    sheet.wire((PI_RIGHT, 440), (minus, 440), colour=BLACK_GND)
    sheet.dot(minus, 440)
    raspberry_pi(sheet, 54, 470, [*wires, (ground, 440)])
    box(sheet, 230, 490, 234, 54, "Servo rail", note="behind stop and capacitor")
    sheet.caption(500, "Signal: orange, yellow or white. Minus: brown or black.", width=200)
    return sheet


def relay() -> Sheet:
    """A relay board without its jumper, and a solenoid with a supply and a diode of its own."""
    sheet = Sheet("Flap on a relay, with a solenoid", height=600)
    rows = {"JD-VCC": 130, "VCC": 170, "IN": 210, "GND": 250}
    wires = [(RELAY.wire(name), y) for name, y in rows.items()]
    for wire, y in wires:
        sheet.wire((PI_RIGHT, y), (196, y), colour=wire.drawn)
    raspberry_pi(sheet, 54, 280, wires)
    box(
        sheet,
        196,
        54,
        190,
        226,
        "Relay board",
        note="jumper JD-VCC to VCC: off",
        left=tuple(rows.items()),
        right=(("COM", 140), ("NO", 190), ("NC, free", 240)),
    )
    # From NO to the solenoid and back, with the diode across it.
    sheet.wire((386, 190), (420, 190), (420, 340), (386, 340), colour=TWELVE_VOLT)
    sheet.wire((420, 340), (420, 416), colour=TWELVE_VOLT)
    sheet.dot(420, 340)
    sheet.wire((120, 340), (226, 340), colour=BLACK_GND)
    sheet.dot(196, 340)
    sheet.wire((196, 340), (196, 416), (420, 416), colour=GREY)
    diode(sheet, 306, 416)
    sheet.text(306, 440, "1N4007, its band on the plus side", anchor="middle")
    box(sheet, 226, 306, 160, 66, "Solenoid", left=(("−", 340),), right=(("+", 340),))
    # From the supply through fuse and stop to COM.
    sheet.wire((120, 480), (456, 480), (456, 140), (386, 140), colour=TWELVE_VOLT)
    fuse(sheet, 180, 480, "fuse")
    contact(sheet, 270, 480, is_closed=True)
    sheet.text(270, 506, "emergency stop", anchor="middle")
    box(sheet, 16, 310, 104, 196, "12 V supply", right=(("−", 340), ("+", 480)))
    sheet.caption(
        540,
        "config.yaml: active_high: false. A low IN switches the relay on, and the board's LED lights. At rest the LED is "
        "dark, the solenoid has let go, and a spring holds the flap.",
    )
    return sheet
