"""What all sections of a scenario have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MOST_SECONDS = 10_000_000
"""Longest time in a scenario, in seconds: four months."""

Seconds = Annotated[float, Field(ge=0, le=MOST_SECONDS)]
Lasting = Annotated[float, Field(gt=0, le=MOST_SECONDS)]
Factor = Annotated[float, Field(gt=0, le=100)]


class ScenarioSection(BaseModel):
    """A section of a scenario: frozen, and it refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
