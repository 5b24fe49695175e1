"""Settings given as text: ``name=value`` on the command line."""

import dataclasses
from typing import Any

from train.errors import SettingsError
from train.runs.settings import NAMES, Settings, ViewKind


def parse_settings(pairs: list[str]) -> dict[str, Any]:
    """Parse ``name=value`` texts to names and values of the fields' types.

    Raises:
        SettingsError: a text is not name=value, a name is unknown, or a value has the wrong type.
    """
    changes: dict[str, Any] = {}
    for pair in pairs:
        name, found, text = pair.partition("=")
        if not found:
            raise SettingsError(f"settings: expected name=value, got {pair!r}")
        changes[name.strip()] = _parse_value(name.strip(), text.strip())
    return changes


def _parse_value(name: str, text: str) -> Any:
    """``text`` as the type of the field ``name``; tuples are comma-separated."""
    kinds: dict[str, Any] = {field.name: field.type for field in dataclasses.fields(Settings)}
    if name not in kinds:
        raise SettingsError(f"settings: unknown {name!r}; known are {', '.join(NAMES)}")
    kind = kinds[name]
    try:
        if kind is int:
            return int(text)
        if kind is float:
            return float(text)
    except ValueError as error:
        raise SettingsError(f"settings: {name} takes a number ({kind.__name__}), got {text!r}") from error
    if kind in (str, ViewKind):
        return text
    return tuple(part for part in text.split(",") if part)
