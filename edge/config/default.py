"""Which configuration is meant where none is named: config.yaml in the current folder, else the default that ships."""

import os
from pathlib import Path

DEFAULT_CONFIG = Path("config.yaml")
"""The configuration in the current folder."""

SERVICE_CONFIG = Path("/etc/sorter/config.yaml")
"""The configuration of the service: ``ExecStart=`` of systemd/sorter.service."""

PACKAGED_CONFIG = Path(__file__).with_name("default.yaml")
"""The working default (simulated bin) as it ships: in the sources a link to config.yaml at the root, in a wheel its text."""


EXAMPLES = {path.stem: path for path in sorted(Path(__file__).with_name("examples").glob("*.yaml"))}
"""Short configurations of real bins to start from, by name; in the sources a link to the folder examples/ at the root."""


def find_config(named: Path | None = None) -> Path:
    """The configuration to use.

    Args:
        named: what ``--config`` says; None: nothing. A file that is named is used whether it is there or not.
    """
    if named is not None:
        return named
    # A link that leads nowhere is somebody's configuration as well: better an error than another bin's.
    return DEFAULT_CONFIG if os.path.lexists(DEFAULT_CONFIG) else PACKAGED_CONFIG


def is_packaged(path: Path) -> bool:
    """Is this the default that ships?"""
    return Path(os.path.abspath(path)) == PACKAGED_CONFIG


def folder_of(path: Path) -> Path:
    """The folder that a configuration's relative paths start from: its own.

    The default that ships is used as if it lay in the current folder: nothing is written where the program is installed.
    """
    return Path.cwd() if is_packaged(path) else path.resolve().parent
