"""The base class of all sections of the configuration, and types that several of them use."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
"""A fraction, 0..1."""

PositiveSeconds = Annotated[float, Field(gt=0, le=3600)]
"""A duration in seconds, > 0, at most an hour."""

Seconds = Annotated[float, Field(ge=0, le=3600)]
"""A duration in seconds, >= 0, at most an hour."""


class Section(BaseModel):
    """Base of all sections: immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, protected_namespaces=())
