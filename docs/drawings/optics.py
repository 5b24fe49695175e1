"""Camera and light over the tray, to measure."""

from docs.drawings.camera_views import CAMERAS, light_distance
from docs.drawings.measure import Scale, dimension, plank
from docs.drawings.statics import Door
from edge.wiring.sheet import Sheet

LAMP_SHARE = 0.5
"""Height of the lamps as a share of the camera's: lower ones throw long shadows, higher ones are mirrored in flat things."""

DRAWN = CAMERAS[1]


def camera_and_light() -> Sheet:
    """The tray with the trapdoor under a Camera Module 3 with pictures of 640 x 480."""
    sheet = Sheet("Camera and light over the tray", height=520)
    width = Door().tray_mm
    height = DRAWN.height(width, width)
    lamp_height = height * LAMP_SHARE
    reach = light_distance(height, lamp_height, width)
    place = Scale(240, 400, 0.58)
    camera = place.at(0, -height)
    sheet.polygon(camera, place.at(-width / 2, 0), place.at(width / 2, 0), fill="#eef6fb", stroke="#9cc3dd")
    plank(sheet, place.at(-width / 2, 0), place.at(width / 2, 0), thick=8)
    sheet.rect(camera[0] - 14, camera[1] - 20, 28, 18, fill="#4a5560", stroke="#222222", radius=2)
    sheet.text(camera[0] + 22, camera[1] - 6, "camera")
    for side in (-1, 1):
        x, y = place.at(side * reach, -lamp_height)
        sheet.polygon((x - 5, y - 22), (x + 5, y - 22), (x + 5, y + 22), (x - 5, y + 22), fill="#f7d774")
        sheet.line((x - side * 12, y - 26), (x - side * 12, y + 26), width=1.5, dash="3 2")
        mirror = place.at(side * width / 2, 0)
        sheet.line((x, y), mirror, camera, colour="#c9a227", width=1.5, dash="5 4")
    dimension(sheet, place.at(-width / 2, 40), place.at(width / 2, 40), f"tray {width:g}")
    dimension(sheet, place.at(0, -8), place.at(0, -height + 8), f"{height:.0f}")
    dimension(sheet, place.at(0, -lamp_height - 92), place.at(reach, -lamp_height - 92), f"{reach:.0f}")
    lamp = place.at(-reach, -lamp_height)
    sheet.text(lamp[0] - 10, lamp[1] - 48, "LED strip,")
    sheet.text(lamp[0] - 10, lamp[1] - 32, "behind paper")
    sheet.caption(
        446,
        f"Millimetres, for {DRAWN.name} with pictures of 640 x 480 of a square tray. Both strips lie at half the camera's "
        "height. Dashed: what a flat thing at the tray's edge would mirror into the camera; nothing nearer does.",
    )
    return sheet
