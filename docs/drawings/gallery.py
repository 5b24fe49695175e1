"""Every picture by its name."""

from collections.abc import Callable

from docs.drawings.drives import power, relay, servos
from docs.drawings.frames import frames_plan, frames_section
from docs.drawings.header_map import header_map
from docs.drawings.optics import camera_and_light
from docs.drawings.plates import chute_plan, chute_section
from docs.drawings.signals import level, panel, status_light
from docs.drawings.svg import Sheet
from docs.drawings.turntable import turntable_plan, turntable_section

PICTURES: dict[str, Callable[[], Sheet]] = {
    "header": header_map,
    "power": power,
    "servos": servos,
    "relay": relay,
    "panel": panel,
    "level": level,
    "status-light": status_light,
    "chute-section": chute_section,
    "chute-plan": chute_plan,
    "frames-section": frames_section,
    "frames-plan": frames_plan,
    "turntable-section": turntable_section,
    "turntable-plan": turntable_plan,
    "camera-and-light": camera_and_light,
}
