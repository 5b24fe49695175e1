"""The bin with a flap for each bin, to measure: a section through a plate in a frame, and the rings of four bins from above."""

from math import cos, radians, sin

from docs.drawings.measure import METAL, WOOD_EDGE, Scale, arrow, dimension, hinge, plank
from docs.drawings.statics import SERVO_BODY_MM, NestedPlates
from edge.wiring.sheet import Sheet

RING_COLOURS = ("#f7efe0", "#d5e8d4", "#dae8fc", "#f8dcc8")
SIDES = ("left", "right", "top", "bottom")
"""Where the hinge of the plate and of each frame around it lies, seen from above; its bin lies on the other side."""


def frames_section() -> Sheet:
    """A section: the plate falls to the right, the frame with the plate in it to the left."""
    sheet = Sheet("One flap a bin: section, two bins", height=700)
    bin_ = NestedPlates(2)
    place = Scale(240, 120, 1.0)
    half, frame, plate = bin_.tray_mm / 2, bin_.side_mm(1) / 2, bin_.side_mm(0) / 2
    drop = radians(bin_.crank.drop_deg)
    dimension(sheet, place.at(-half, -50), place.at(half, -50), f"tray {bin_.tray_mm:g}")
    dimension(sheet, place.at(-plate, -18), place.at(plate, -18), f"plate {bin_.plate_mm:g}")
    # Fixed: rim, walls, divider.
    for side in (-1, 1):
        plank(sheet, place.at(side * half, 0), place.at(side * (frame + 2), 0), thick=8)
        plank(sheet, place.at(side * half, 0), place.at(side * half, 400), thick=8)
    plank(sheet, place.at(0, bin_.wall_mm), place.at(0, 400), thick=8)
    dimension(sheet, place.at(14, 4), place.at(14, bin_.wall_mm), f"{bin_.wall_mm:.0f}")
    sheet.line(place.at(-8, bin_.notch_mm), place.at(8, bin_.notch_mm), width=2)
    sheet.text(*place.at(12, bin_.notch_mm + 5), f"notch {bin_.notch_mm:.0f}", size=13)
    # Moving: the plate in its frame, at home and fallen.
    plank(sheet, place.at(-plate + 2, 0), place.at(plate - 2, 0))
    for side in (-1, 1):
        plank(sheet, place.at(side * (plate + 2), 0), place.at(side * (frame - 3), 0))
    plank(sheet, place.at(-plate, 0), place.at(-plate + 2 * plate * cos(drop), 2 * plate * sin(drop)), is_ghost=True)
    plank(sheet, place.at(frame, 0), place.at(frame - 2 * frame * cos(drop), 2 * frame * sin(drop)), is_ghost=True)
    _drive(sheet, place, bin_, hinge_mm=-plate, way=1)
    _drive(sheet, place, bin_, hinge_mm=frame, way=-1)
    arrow(sheet, place.at(86, 250), place.at(140, 310), width=3)
    arrow(sheet, place.at(-86, 250), place.at(-140, 310), width=3)
    sheet.text(*place.at(half - 96, 340), "bin of the", anchor="middle")
    sheet.text(*place.at(half - 96, 358), "plate", anchor="middle", bold=True)
    sheet.text(*place.at(-half + 96, 340), "bin of the", anchor="middle")
    sheet.text(*place.at(-half + 96, 358), "frame", anchor="middle", bold=True)
    sheet.caption(
        550,
        f"Millimetres. Solid: home. Dashed: open, fallen by {bin_.crank.drop_deg:.0f} degrees. Horn {bin_.crank.horn_mm:g}, "
        f"rod {bin_.crank.rod_mm:g}, its end {bin_.crank.attach_mm:g} from the hinge; the servo's axle "
        f"{bin_.crank.axle_mm[0]:.0f} inwards and {bin_.crank.axle_mm[1]:.0f} below the hinge. The plate's servo hangs at the "
        "frame, the frame's at the fixed rim, both beside the plate and not in its way; the wall has a notch at that side, "
        f"{bin_.notch_mm:.0f} deep. Horn and rod lie in one line at home and when open: the weight pulls through "
        "the axle, and no pulse is needed.",
    )
    return sheet


def _drive(sheet: Sheet, place: Scale, bin_: NestedPlates, *, hinge_mm: float, way: int) -> None:
    """A servo with horn and rod at home; ``way`` is 1 where the plate lies to the right of its hinge."""
    crank = bin_.crank
    axle_x, axle_y = crank.axle_mm
    length = crank.horn_mm + crank.rod_mm
    tip_x = axle_x + (crank.attach_mm - axle_x) * crank.horn_mm / length
    tip_y = axle_y - axle_y * crank.horn_mm / length
    wide, high = SERVO_BODY_MM
    x, y = place.at(hinge_mm + way * axle_x - wide / 2, axle_y - high / 4)
    sheet.rect(x, y, wide, high, fill="#4a5560", stroke="#222222", radius=2)
    axle = place.at(hinge_mm + way * axle_x, axle_y)
    tip = place.at(hinge_mm + way * tip_x, tip_y)
    sheet.line(axle, tip, colour="#111111", width=6)
    sheet.line(tip, place.at(hinge_mm + way * crank.attach_mm, 0), colour=METAL, width=3)
    for joint in (axle, tip, place.at(hinge_mm + way * crank.attach_mm, 0)):
        sheet.circle(*joint, 3.5, fill="#ffffff")
    hinge(sheet, place.at(hinge_mm, 0))


def frames_plan() -> Sheet:
    """From above: the plate, three frames around it, and the fixed rim."""
    bin_ = NestedPlates(4)
    sheet = Sheet("One flap a bin: from above, four", height=640)
    place = Scale(240, 300, 0.92)
    half = bin_.tray_mm / 2
    _square(sheet, place, half, "#ffffff")
    for ring in reversed(range(4)):
        _square(sheet, place, bin_.side_mm(ring) / 2 - 1, RING_COLOURS[ring])
    for ring, side in enumerate(SIDES):
        reach = bin_.side_mm(ring) / 2 - 3
        along = reach - 10
        ends = {
            "left": ((-reach, -along), (-reach, along)),
            "right": ((reach, -along), (reach, along)),
            "top": ((-along, -reach), (along, -reach)),
            "bottom": ((-along, reach), (along, reach)),
        }[side]
        sheet.line(*(place.at(*end) for end in ends), colour="#c0392b", width=5)
    names = (("plate", 1, 0), ("frame 1", -1, 0), ("frame 2", 0, 1), ("frame 3", 0, -1))
    for name, x, y in names:
        arrow(sheet, place.at(28 * x, 28 * y), place.at(104 * x, 84 * y), width=4)
        where = place.at(68 * x, 108 * y + (-14 if x else 6))
        sheet.text(*where, f"bin of {name}" if y else name, anchor="middle", bold=True)
    axle_mm = bin_.crank.axle_mm[0]
    for ring, side in enumerate(SIDES):
        edge = bin_.side_mm(ring) / 2
        along = (edge - axle_mm) * (-1 if side in ("left", "top") else 1)
        wide, high = SERVO_BODY_MM
        is_level = side in ("left", "right")
        corner = (along - wide / 2, edge) if is_level else (edge, along - wide / 2)
        size = (wide, high) if is_level else (high, wide)
        width, height = (mm * place.per_mm for mm in size)
        sheet.rect(*place.at(*corner), width, height, fill="none", stroke="#222222", radius=2, dash="3 2")
    dimension(sheet, place.at(-half, -half - 12), place.at(half, -half - 12), f"{bin_.tray_mm:g}")
    sheet.caption(
        540,
        f"Millimetres. Plate {bin_.side_mm(0):g}, frames of {bin_.frame_mm:g}: {bin_.side_mm(1):g}, {bin_.side_mm(2):g}, "
        f"{bin_.side_mm(3):g}; rim {bin_.rim_mm:g} wide, fixed, of the same colour. Red: the hinge of each; what falls slides "
        "the other way, as its arrow shows. Dashed: the servos below. Two bins: plate and frame 1. Three: and frame 2. Below, "
        "walls from corner to corner part the bins.",
    )
    return sheet


def _square(sheet: Sheet, place: Scale, half: float, fill: str) -> None:
    x, y = place.at(-half, -half)
    side = 2 * half * place.per_mm
    sheet.rect(x, y, side, side, fill=fill, stroke=WOOD_EDGE, radius=0)
