"""Reads a configuration for the page, in a process of its own: ``settings_child FOLDER CONFIG [KEY=VALUE ...]`` prints JSON.

Relative paths in what is overridden belong to ``FOLDER``.
"""

import os
import sys
from pathlib import Path

from edge.config.file import load_config
from edge.errors import SorterError
from edge.terminal.output import say_json


def main(argv: list[str]) -> int:
    """Print what the page needs, or ``problems``."""
    folder, config_file, *overrides = argv
    os.chdir(folder)
    try:
        config = load_config(Path(config_file), overrides)
    except SorterError as error:
        say_json({"problems": error.problems})
        return 0
    say_json(
        {
            "event_log": str(config.event_log.file),
            "images": str(config.event_log.images),
            "teaching_folder": str(config.teaching_folder),
            "head_file": str(config.head_file),
            "bins": list(config.bins),
            "labels": config.decision.labels,
            "residual_bin": config.decision.residual_bin,
            "hazards": config.decision.hazards,
            "simulated": config.camera.kind == "sim",
        }
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
