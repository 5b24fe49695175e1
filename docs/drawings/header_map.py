"""The overview: every pin of the header, and what the bin has wired to it."""

from docs.drawings.header import HEADER, PARTS, HeaderWire, WiredPart
from docs.drawings.svg import GREY, Sheet

ROW, TOP = 33, 76
LEFT_X, RIGHT_X = 226, 254


def header_map() -> Sheet:
    """The header as it lies on the board, with the wires that leave it."""
    sheet = Sheet("The header, as in config.yaml", height=TOP + 20 * ROW + 66)
    sheet.rect(LEFT_X - 16, TOP - 18, RIGHT_X - LEFT_X + 32, 20 * ROW + 4, fill="#eaf2ea", stroke="#3d6b45")
    users = _users()
    for pin in range(1, 41):
        is_left = pin % 2 == 1
        x, y = LEFT_X if is_left else RIGHT_X, TOP + ROW * ((pin - 1) // 2)
        way, anchor = (-1, "end") if is_left else (1, "start")
        wires = users.get(pin, [])
        if wires:
            sheet.wire((x + 11 * way, y), (x + 34 * way, y), colour=wires[0][1].drawn)
        sheet.circle(x, y, 11, fill=wires[0][1].drawn if wires else "#ffffff", stroke="#222222" if wires else GREY)
        dark = bool(wires) and wires[0][1].drawn in ("#222222", "#c0392b", "#2e6fb7", "#3d8b45", "#8e44ad")
        sheet.text(x, y + 4.5, str(pin), size=12, anchor="middle", fill="#ffffff" if dark else "#222222")
        place = x + 40 * way
        carries = HEADER[pin - 1]
        if not wires:
            name = f"GPIO {carries}" if carries.isdigit() else carries.replace("3V3", "3.3 V").replace("5V", "5 V")
            sheet.text(x + 20 * way, y + 5, name, size=12.5, anchor=anchor, fill="#767f88")
            continue
        sheet.text(place, y - 2, _names(wires), size=13, anchor=anchor, bold=True)
        sheet.text(place, y + 12, wires[0][1].label, size=12.5, anchor=anchor, fill=GREY)
    sheet.caption(
        sheet.height - 50,
        "Grey: not used. Pin 1 lies at the end of the board where the SD card is. Only the flaps are needed; lid, buttons, "
        "end switch, sensors and light are extras.",
    )
    return sheet


def _users() -> dict[int, list[tuple[WiredPart, HeaderWire]]]:
    users: dict[int, list[tuple[WiredPart, HeaderWire]]] = {}
    for part in PARTS:
        for wire in part.wires:
            users.setdefault(wire.pin, []).append((part, wire))
    return users


def _names(wires: list[tuple[WiredPart, HeaderWire]]) -> str:
    if len(wires) > 1:
        return " and ".join(part.name.split()[0] for part, _ in wires)
    part, wire = wires[0]
    return (
        f"{part.name}: {wire.terminal.removesuffix('_button').replace('_', ' ')}" if len(part.wires) > 2 else part.name
    )
