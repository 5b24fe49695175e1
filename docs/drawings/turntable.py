"""The carousel, to measure: a section through gate and chute, and the bins from above."""

from math import cos, radians, sin, tan

from docs.drawings.measure import METAL, Scale, arrow, dimension, hinge, plank
from docs.drawings.statics import Gate, TurningChute
from edge.wiring.sheet import GREY, Sheet

FUNNEL_MM, SLOPE_DEG = 300.0, 40.0
BIN_RADIUS_MM, BIN_AT_MM = 110.0, 240.0
POSITIONS = {"paper": 90, "glass": 180, "packaging": -90}
"""Where the bins of docs/carousel.md stand, in degrees from home."""


def turntable_section() -> Sheet:
    """A section: two leaves above, a chute that turns below."""
    sheet = Sheet("Turntable: section", height=690)
    gate, chute = Gate(), TurningChute()
    place = Scale(240, 120, 0.9)
    half, drop = gate.side_mm / 2, radians(gate.drop_deg)
    dimension(sheet, place.at(-half - 80, -50), place.at(half + 80, -50), f"tray {gate.side_mm + 160:g}")
    dimension(sheet, place.at(-half, -18), place.at(half, -18), f"gate {gate.side_mm:g}")
    for side in (-1, 1):
        plank(sheet, place.at(side * (half + 80), 0), place.at(side * (half + 2), 0), thick=8)
        plank(sheet, place.at(side * (half - 2), 0), place.at(side * 2, 0))
        plank(sheet, place.at(side * half, 0), place.at(side * half * (1 - cos(drop)), half * sin(drop)), is_ghost=True)
        hinge(sheet, place.at(side * half, 0))
    # The chute: a funnel with a sloping floor, on the motor's shaft.
    top, fall = half * sin(drop) + 20, FUNNEL_MM * tan(radians(SLOPE_DEG))
    left, right = -FUNNEL_MM / 2, FUNNEL_MM / 2
    mouth = chute.reach_mm, top + fall + (chute.reach_mm - right) * tan(radians(SLOPE_DEG))
    plank(sheet, place.at(left, top), place.at(left, top + 30))
    plank(sheet, place.at(left, top + 30), place.at(mouth[0], mouth[1] + 30))
    plank(sheet, place.at(right, top), place.at(right, top + fall - 80))
    axis = top + 30 + fall / 2
    sheet.rect(*place.at(-21, axis + 50), 42 * 0.9, 40 * 0.9, fill="#4a5560", stroke="#222222", radius=2)
    sheet.line(place.at(0, axis + 2), place.at(0, axis + 50), colour=METAL, width=5)
    plank(sheet, place.at(-50, axis + 94), place.at(50, axis + 94), thick=8)
    for side in (-1, 1):
        plank(sheet, place.at(side * 46, axis + 94), place.at(side * 46, axis + 190), thick=8)
    sheet.line(place.at(0, 12), place.at(0, axis + 40), colour=GREY, width=1, dash="10 4 2 4")
    arrow(sheet, place.at(40, 150), place.at(100, 200), width=3)
    dimension(sheet, place.at(left - 14, 0), place.at(left - 14, top), f"{top:.0f}", is_left=True)
    dimension(sheet, place.at(0, axis + 222), place.at(chute.reach_mm, axis + 222), f"reach {chute.reach_mm:g}")
    sheet.text(*place.at(-34, axis + 76), "NEMA 17", anchor="end")
    sheet.text(*place.at(-62, axis + 150), "pedestal", anchor="end")
    sheet.text(*place.at(half + 12, 28), f"2 leaves of {half:g}", size=13)
    sheet.caption(
        590,
        f"Millimetres. Solid: closed. Dashed: the leaves, open by {gate.drop_deg:g} degrees. The chute, {FUNNEL_MM:g} wide, "
        f"slopes by {SLOPE_DEG:g} degrees and turns about the axis; its motor stands on a pedestal between the bins, since a "
        "beam from the side would stop the mouth. A spring closes each leaf, one solenoid pulls both "
        "open. The tray's rim stays where it is.",
    )
    return sheet


def turntable_plan() -> Sheet:
    """From above: the chute, the bins around it, home and its switch."""
    sheet = Sheet("Turntable: from above, three bins", height=530)
    chute = TurningChute()
    place = Scale(240, 190, 0.62)
    across = BIN_AT_MM + BIN_RADIUS_MM
    for name, angle in POSITIONS.items():
        x, y = round(BIN_AT_MM * sin(radians(angle))), -round(BIN_AT_MM * cos(radians(angle)))
        sheet.circle(*place.at(x, y), BIN_RADIUS_MM * place.per_mm, fill="#eef3f7", stroke=GREY)
        sheet.text(
            place.at(x, y)[0] + (x > 0) * 22 - (x < 0) * 22, place.at(x, y)[1] + 4, name, anchor="middle", bold=True
        )
        beside = place.at(x, y)[1] + 22
        sheet.text(
            place.at(x, y)[0] + (x > 0) * 22 - (x < 0) * 22, beside, f"{angle}°".replace("-", "−"), anchor="middle"
        )
    sheet.circle(*place.at(0, 0), FUNNEL_MM / 2 * place.per_mm, fill="#efe0c5")
    sheet.polygon(
        *(place.at(x, y) for x, y in ((-60, -110), (60, -110), (60, -chute.reach_mm), (-60, -chute.reach_mm))),
        fill="#efe0c5",
    )
    arrow(sheet, place.at(0, 40), place.at(0, -170), width=4)
    sheet.rect(*place.at(64, -chute.reach_mm - 6), 22, 12, fill="#4a5560", stroke="#222222", radius=2)
    sheet.text(*place.at(108, -chute.reach_mm + 12), "home switch")
    sheet.text(*place.at(0, -chute.reach_mm - 16), "home, 0°", anchor="middle", bold=True)
    sheet.text(*place.at(0, 76), "chute", anchor="middle")
    dimension(sheet, place.at(-across, 384), place.at(across, 384), f"{2 * across:g}")
    sheet.caption(
        456,
        "Millimetres. The chute is drawn at home, where no bin stands; a residual bin that is the nearest one makes the "
        "shortest way. Four bins: 60°, 120°, −60°, −120°.",
    )
    return sheet
