"""Scenarios that ship, each also by its name: ``short`` means the file in this folder, wherever the program is installed."""

from pathlib import Path

FOLDER = Path(__file__).parent

TEMPLATE = FOLDER.parent / "template.yaml"
"""A scenario with every key, explained, to start from."""

SHIPPED = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
"""Names of the scenarios that ship."""


def scenario_path(name: str) -> Path:
    """The file of a scenario.

    Args:
        name: name of one that ships, or the path of any.
    """
    return FOLDER / f"{name}.yaml" if name in SHIPPED else Path(name)
