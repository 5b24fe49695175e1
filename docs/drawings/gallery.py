"""Every picture by its name."""

from collections.abc import Callable

from docs.drawings.drives import power, relay, servos
from docs.drawings.frames import frames_plan, frames_section
from docs.drawings.header import PARTS
from docs.drawings.optics import camera_and_light
from docs.drawings.plates import chute_plan, chute_section
from docs.drawings.signals import level, panel, status_light
from docs.drawings.stand import stand
from docs.drawings.turntable import turntable_plan, turntable_section
from edge.wiring.header_map import header_map
from edge.wiring.sheet import Sheet


def _header() -> Sheet:
    return header_map(
        "The header, as in config.yaml",
        PARTS,
        "Grey: not used. Pin 1 lies at the end of the board where the SD card is. Only the flaps are needed; lid, buttons, "
        "end switch, sensors and light are extras.",
    )


PICTURES: dict[str, Callable[[], Sheet]] = {
    "header": _header,
    "power": power,
    "servos": servos,
    "relay": relay,
    "panel": panel,
    "level": level,
    "status-light": status_light,
    "chute-section": chute_section,
    "chute-plan": chute_plan,
    "stand": stand,
    "frames-section": frames_section,
    "frames-plan": frames_plan,
    "turntable-section": turntable_section,
    "turntable-plan": turntable_plan,
    "camera-and-light": camera_and_light,
}
