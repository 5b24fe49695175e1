"""The manifest of a head: its labels, its base model, its thresholds."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class HeadManifest(BaseModel):
    """The manifest, stored in the head's file as ``head.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: Literal[1] = 1
    created: str = Field(max_length=64)
    """Time of creation, ISO 8601, UTC."""
    labels: tuple[str, ...] = Field(min_length=2, max_length=1000)
    base_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the flatbuffer of the model whose features it reads."""
    base_name: str = Field(min_length=1, max_length=64)
    numbers: int = Field(gt=0, le=100_000)
    """Length of the model's features."""
    temperature: float = Field(1.0, gt=0, le=1000)
    """Divisor of the logits before the softmax."""
    min_confidence: float = Field(0.0, ge=0, le=1)
    """Least confidence for a bin other than the residual one: below it the asked contamination would be exceeded."""
    least_nearness: float = Field(-1.0, ge=-1, le=1)
    """Items less near to the taught pictures are strangers."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels: expected each one once, got {list(self.labels)}")
        return self
