"""Files that are written atomically."""

import os
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write ``text`` atomically: a kill at any moment leaves the old file or the new one. Creates the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
