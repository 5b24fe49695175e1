"""Recipes: files of settings that differ from the defaults."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.text_file import read_text
from train.errors import SettingsError
from train.runs.settings import Settings

MOST_BYTES = 20_000
"""Largest recipe that is read, twenty times those that ship: Python's TOML takes seconds for a few times more, since its time
grows with the square of a dotted key."""

FOLDER = Path(__file__).parents[1] / "recipes"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe file.

    Attributes:
        name: file name without ``.toml``.
        about: its first comment, one or more lines joined.
        overrides: name of a setting -> value.
    """

    name: str
    about: str
    overrides: dict[str, Any]

    def settings(self) -> Settings:
        """The defaults with the overrides. Raises SettingsError for an unknown name or a value out of range."""
        try:
            return Settings().replaced(**self.overrides)
        except SettingsError as error:
            raise SettingsError(f"recipe {self.name}: {error}") from error


def recipe_names() -> list[str]:
    """Names of the packaged recipes, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_recipe(name: str) -> Recipe:
    """Load a packaged recipe by its name, or a recipe by the path of its ``.toml`` file.

    Raises:
        SettingsError: there is no such recipe, or the file is not TOML.
    """
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        path = Path(name)
    try:
        text = read_text(path, most_bytes=MOST_BYTES)
        raw = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"recipe {name!r}: expected one of {', '.join(recipe_names())}, or a .toml file") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"recipe {path}: not TOML: {error}") from error
    comment = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        comment.append(line.lstrip("# "))
    overrides = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    return Recipe(path.stem, " ".join(comment), overrides)
