"""Small configurations, independent of the one that ships."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.paths import MODEL

BINS = {
    "cardboard": "paper",
    "glass": "glass",
    "metal": "packaging",
    "paper": "paper",
    "plastic": "packaging",
    "trash": "residual",
}


def config_tree() -> dict[str, Any]:
    """A small, complete configuration as YAML would give it, independent of the one that ships."""
    servo = {"kind": "servo", "home_deg": -45, "open_deg": 45, "travel_s": 0.4}
    return {
        "camera": {"kind": "sim", "width": 320, "height": 240},
        # What one run saw is not to be there in the next, unless a test is about that.
        "tray": {"memory": None},
        "model": {"file": str(MODEL)},
        "decision": {"labels": dict(BINS), "residual_bin": "residual"},
        "bins": {
            "paper": {"flap": servo | {"pin": 12}},
            "glass": {"flap": servo | {"pin": 13}},
            "packaging": {"flap": servo | {"pin": 18}},
            "residual": {"flap": {"kind": "relay", "pin": 23, "active_high": True, "travel_s": 0.3}},
        },
        "event_log": {"file": "state/events.sqlite", "images": "state/images"},
        "simulation": {"speed": 0},
    }


def merged(tree: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``tree`` with the changes of a nested mapping."""
    out = dict(tree)
    for key, value in changes.items():
        both_sections = isinstance(value, Mapping) and isinstance(out.get(key), dict)
        out[key] = merged(out[key], value) if both_sections else value
    return out


def write_config(path: Path, changes: Mapping[str, Any] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(merged(config_tree(), changes or {}), sort_keys=False), encoding="utf-8")
    return path
