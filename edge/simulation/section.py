"""What all parts of a scenario have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0, le=10_000_000)]
Lasting = Annotated[float, Field(gt=0, le=10_000_000)]
Factor = Annotated[float, Field(gt=0, le=100)]


class ScenarioSection(BaseModel):
    """A section of a scenario: frozen, and it refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
