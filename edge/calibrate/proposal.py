"""What a step of the calibration has found, before anybody has agreed to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Key = tuple[str, ...]
"""A key of the configuration, e.g. ``("bins", "paper", "flap", "home_deg")``."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes of the configuration, with the files that they name.

    Attributes:
        settings: key -> its new value, as YAML knows it.
        files: path -> content, written before the configuration that names them.
    """

    settings: Mapping[Key, Any] = field(default_factory=dict)
    files: Mapping[Path, bytes] = field(default_factory=dict)
