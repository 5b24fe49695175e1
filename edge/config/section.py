"""What all sections of the configuration have in common, and the ranges that several of them use."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
PositiveSeconds = Annotated[float, Field(gt=0, le=3600)]
Seconds = Annotated[float, Field(ge=0, le=3600)]


class Section(BaseModel):
    """A section: frozen, and it refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, protected_namespaces=())
