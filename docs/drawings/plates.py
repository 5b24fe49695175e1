"""The bin with a trapdoor and tilting plates, to measure: a section, and the chute of four bins from above."""

from math import cos, radians, sin

from docs.drawings.measure import METAL, WOOD_EDGE, Scale, arrow, dimension, hinge, plank
from docs.drawings.statics import CLEARANCE_MM, SERVO_BODY_MM, Door, GuidePlate
from edge.wiring.sheet import Sheet

DOOR, PLATE = Door(), GuidePlate()
PLATES_TOP_MM = DOOR.fallen_mm[1] + CLEARANCE_MM
"""How deep below the tray a plate that is out may begin: just clear of the open door."""

HINGES_MM = PLATES_TOP_MM + PLATE.height_mm
BIN_MM = 300.0


def chute_section() -> Sheet:
    """A section: door, chute, and a plate on either side; the left one is shown out as well."""
    sheet = Sheet("Chute with tilting plates: section", height=780)
    place = Scale(240, 120, 0.86)
    half, chute, leaf = DOOR.tray_mm / 2, PLATE.chute_mm / 2, DOOR.side_mm / 2
    dimension(sheet, place.at(-half, -52), place.at(half, -52), f"tray {DOOR.tray_mm:g}")
    dimension(sheet, place.at(-leaf, -18), place.at(leaf, -18), f"door {DOOR.side_mm:g}")
    # The tray: rim and door, at home and fallen.
    for side in (-1, 1):
        plank(sheet, place.at(side * half, 0), place.at(side * (leaf + 3), 0), thick=8)
    plank(sheet, place.at(-leaf, 0), place.at(leaf - 2, 0))
    across, down = DOOR.fallen_mm
    plank(sheet, place.at(-leaf, 0), place.at(-leaf + across, down), is_ghost=True)
    _door_drive(sheet, place)
    # The plates: at home a little beyond upright, and the left one out.
    lean, beyond = radians(PLATE.lean_deg), radians(PLATE.beyond_deg)
    for side in (-1, 1):
        foot = place.at(side * chute, HINGES_MM)
        top = side * (chute + PLATE.length_mm * sin(beyond)), HINGES_MM - PLATE.length_mm * cos(beyond)
        plank(sheet, foot, place.at(*top))
        hinge(sheet, foot)
    reach = -chute + PLATE.length_mm * sin(lean), HINGES_MM - PLATE.length_mm * cos(lean)
    plank(sheet, place.at(-chute, HINGES_MM), place.at(*reach), is_ghost=True)
    arrow(sheet, place.at(-40, HINGES_MM - 150), place.at(-130, HINGES_MM - 60), width=3)
    # Measures: depth of the door, of the plates, and the chute's width.
    dimension(sheet, place.at(chute + 64, 4), place.at(chute + 64, PLATES_TOP_MM), f"{PLATES_TOP_MM:.0f}")
    dimension(sheet, place.at(chute + 64, PLATES_TOP_MM), place.at(chute + 64, HINGES_MM), f"{PLATE.height_mm:.0f}")
    dimension(sheet, place.at(-chute, HINGES_MM + 40), place.at(chute, HINGES_MM + 40), f"chute {PLATE.chute_mm:g}")
    sheet.text(*place.at(-chute - 22, HINGES_MM + 45), "bin 1", anchor="end", bold=True)
    sheet.text(*place.at(chute + 22, HINGES_MM + 45), "bin 2", bold=True)
    sheet.text(*place.at(0, HINGES_MM + 74), "last bin: no plate, no flap", anchor="middle", bold=True)
    sheet.caption(
        660,
        f"Millimetres. Solid: home. Dashed: the door, open by {DOOR.crank.drop_deg:.0f} degrees, and the left plate, out. A "
        f"plate is {PLATE.length_mm:.0f} long and leans by {PLATE.lean_deg:g} degrees. First the plate goes out, then the door "
        f"opens. The door's servo sits behind the back wall: horn {DOOR.crank.horn_mm:g}, rod {DOOR.crank.rod_mm:g}, its end "
        f"{DOOR.crank.attach_mm:g} from the hinge, the axle {DOOR.crank.axle_mm[0]:.0f} inwards and "
        f"{DOOR.crank.axle_mm[1]:.0f} below the hinge.",
    )
    return sheet


def _door_drive(sheet: Sheet, place: Scale) -> None:
    """The door's servo with horn and rod in one line, as they lie at home."""
    crank, hinge_mm = DOOR.crank, -DOOR.side_mm / 2
    axle_x, axle_y = crank.axle_mm
    share = crank.horn_mm / (crank.horn_mm + crank.rod_mm)
    tip = place.at(hinge_mm + axle_x + (crank.attach_mm - axle_x) * share, axle_y * (1 - share))
    axle, end = place.at(hinge_mm + axle_x, axle_y), place.at(hinge_mm + crank.attach_mm, 0)
    wide, high = (mm * place.per_mm for mm in SERVO_BODY_MM)
    sheet.rect(axle[0] - wide / 2, axle[1] - high / 4, wide, high, fill="#4a5560", stroke="#222222", radius=2)
    sheet.line(axle, tip, colour="#111111", width=6)
    sheet.line(tip, end, colour=METAL, width=3)
    for joint in (axle, tip, end):
        sheet.circle(*joint, 3.5, fill="#ffffff")
    hinge(sheet, place.at(hinge_mm, 0))


def chute_plan() -> Sheet:
    """From above: the chute, three plates as its walls, and four bins."""
    sheet = Sheet("Chute with tilting plates: from above", height=520)
    place = Scale(240, 180, 0.48)
    chute, bin_half = PLATE.chute_mm / 2, BIN_MM / 2
    _square(sheet, place, (0, 0), bin_half, "#f7efe0")
    for number, (x, y) in enumerate(((-1, 0), (1, 0), (0, 1)), start=1):
        centre = x * (chute + bin_half), y * (chute + bin_half)
        _square(sheet, place, centre, bin_half, "#eef3f7")
        arrow(sheet, place.at(60 * x, 60 * y), place.at(215 * x, 215 * y), width=4)
        along = ((x * chute, -chute), (x * chute, chute)) if x else ((-chute, y * chute), (chute, y * chute))
        sheet.line(*(place.at(*end) for end in along), colour="#c0392b", width=5)
        words = place.at(centre[0] * 1.06, centre[1] * 1.06)
        sheet.text(words[0], words[1] + (34 if x else 24), f"bin {number}", anchor="middle", bold=True)
    sheet.text(*place.at(0, -60), "last bin,", anchor="middle", bold=True)
    sheet.text(*place.at(0, -22), "below", anchor="middle", bold=True)
    corner = place.at(-chute, -chute - 90)
    sheet.rect(*corner, 2 * chute * place.per_mm, 76 * place.per_mm, fill="#eaf2ea", stroke="#3d6b45")
    sheet.text(*place.at(0, -chute - 44), "Pi, supplies", anchor="middle")
    width = 2 * chute + 2 * BIN_MM
    dimension(sheet, place.at(-width / 2, 500), place.at(width / 2, 500), f"{width:g}")
    sheet.caption(
        446,
        "Millimetres. Red: the plates, each with its hinge at its foot. Two bins: plate 1 alone. Three: 1 and 2. Four: all. The "
        "back wall stays: behind it sit the door's servo and the electronics.",
    )
    return sheet


def _square(sheet: Sheet, place: Scale, centre: tuple[float, float], half: float, fill: str) -> None:
    x, y = place.at(centre[0] - half, centre[1] - half)
    sheet.rect(x, y, 2 * half * place.per_mm, 2 * half * place.per_mm, fill=fill, stroke=WOOD_EDGE, radius=0)
