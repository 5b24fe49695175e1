"""Measures the light in looks at the tray for the page, in a process of its own: ``light_child LOOK ...`` prints JSON."""

import sys
from pathlib import Path

from edge.errors import SorterError
from edge.sight.light import measure_light
from edge.teaching.pictures.camera_look import CameraLook
from edge.terminal.output import say_error, say_json


def main(argv: list[str]) -> int:
    """Print what was measured."""
    try:
        light = measure_light([CameraLook.read(Path(one)).pixels for one in argv])
    except SorterError as error:
        say_error("sorter: error", str(error))
        return error.exit_code
    say_json(
        {
            "mean": round(light.mean, 1),
            "evenness": round(light.evenness, 3),
            "flicker": round(light.flicker, 4),
            "complaints": list(light.complaints()),
        }
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
