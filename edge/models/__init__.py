"""The models that ship, each also by its name: ``trashnet6`` means the file in this folder, wherever the program is installed."""

from pathlib import Path

FOLDER = Path(__file__).parent

SHIPPED = tuple(sorted(path.stem for path in FOLDER.glob("*.tflite")))
"""Names of the models that ship."""


def model_path(name: str) -> Path:
    """The file of a model.

    Args:
        name: name of one that ships, or the path of any.
    """
    return FOLDER / f"{name}.tflite" if name in SHIPPED else Path(name)


def is_shipped(file: Path) -> bool:
    """Whether a file is that of a model that ships: every release has it, each in a folder of its own."""
    return file.resolve().parent == FOLDER.resolve()
