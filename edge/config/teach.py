"""The section ``teach``: where what the owner teaches is kept, and how much of it."""

from pathlib import Path

from pydantic import Field

from edge.config.section import Section

FOLDER_NAME = "teaching"
"""Name of the folder beside the event log, unless the configuration names another."""

HEAD_NAME = "bin.head"
"""Name of the taught head in use in that folder, unless the configuration names another file."""


class TeachConfig(Section):
    """What the owner teaches. ``folder`` None: a folder beside the event log."""

    folder: Path | None = None
    budget_mb: float = Field(100.0, ge=1, le=100_000)
