"""Options that several commands share."""

import argparse
from pathlib import Path

DEFAULT_CONFIG = Path("config.yaml")


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """``--config`` and ``--set``."""
    parser.add_argument(
        "--config", type=Path, default=DEFAULT_CONFIG, metavar="FILE", help="configuration (default: config.yaml)"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="overrides",
        metavar="KEY=VALUE",
        help="override one key, e.g. --set camera.fps=30; may be given several times",
    )
