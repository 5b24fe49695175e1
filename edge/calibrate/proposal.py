"""Result of a calibration step, before the user has accepted it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Key = tuple[str, ...]
"""A key of the configuration, e.g. ``("bins", "paper", "flap", "home_deg")``."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes of the configuration, with the files that it refers to.

    Attributes:
        settings: key -> its new value: a scalar, list or dict of YAML.
        files: path -> content. They are written before the configuration that refers to them.
    """

    settings: Mapping[Key, object] = field(default_factory=dict)
    files: Mapping[Path, bytes] = field(default_factory=dict)
