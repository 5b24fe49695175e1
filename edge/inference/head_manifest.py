"""The manifest of a head: its labels, its base model, how its scores become answers, and what it was measured at."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.inference.head_figures import MOST_LABELS, HeadFigures, Label

LabelIndex = Annotated[int, Field(ge=0, lt=MOST_LABELS)]


class _HeadSection(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class BaseAnswers(_HeadSection):
    """How the base model's own answers count. They stand among its features, as their last numbers."""

    labels: int = Field(ge=2, le=MOST_LABELS)
    """Number of the model's labels, and of those numbers."""
    columns: tuple[Annotated[int, Field(ge=-1, lt=MOST_LABELS)], ...]
    """For each label of the head its place among the model's labels; -1: the model does not know it."""
    temperature: float = Field(gt=0, le=100)
    """Divisor of the model's logits before the softmax."""
    weight: float = Field(ge=0, le=10)
    """What the logarithms of the model's probabilities are multiplied by before they are added."""


class HeadManifest(_HeadSection):
    """The manifest, stored in the head's file as ``head.json``."""

    format: Literal[1, 2] = 2
    """1: strangers are told by taught pictures; 2: in the space of the prototypes."""
    created: str = Field(max_length=64)
    """Time of creation, ISO 8601, UTC."""
    labels: tuple[Label, ...] = Field(min_length=2, max_length=MOST_LABELS)
    base_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the flatbuffer of the model whose features it reads."""
    base_name: str = Field(min_length=1, max_length=64)
    numbers: int = Field(gt=0, le=100_000)
    """Length of the model's features."""
    taught: tuple[LabelIndex, ...] = Field((), max_length=MOST_LABELS)
    """Label of each column of the weights that comes from taught pictures; empty: one column for each label."""
    transferred: tuple[LabelIndex, ...] = Field((), max_length=MOST_LABELS)
    """Label of each further column that stands for a label that was not taught: where the model's training pictures would
    lie in this bin, as those of its labels tell that were taught."""
    rehearsed: tuple[LabelIndex, ...] = Field((), max_length=MOST_LABELS)
    """Label of each further column, which comes from the model's own training pictures: together they tell how much an item looks
    like these, and the model's own answer which of them it is."""
    base: BaseAnswers | None = None
    """None: the model's answers do not count."""
    temperature: float = Field(1.0, gt=0, le=1000)
    """Divisor of the logits before the softmax."""
    min_confidence: float = Field(0.0, ge=0, le=1)
    """Least confidence for a bin other than the residual one: below it the asked contamination would be exceeded."""
    least_nearness: float = Field(-1.0, ge=-1, le=1)
    """Items less near to the taught pictures are strangers."""
    figures: HeadFigures | None = None
    """What the fit found out about it; None: it was not measured."""

    @property
    def columns(self) -> tuple[int, ...]:
        """Label of each column of the weights."""
        return (self.taught or tuple(range(len(self.labels)))) + self.transferred + self.rehearsed

    @property
    def untaught(self) -> tuple[str, ...]:
        """Labels that come from the model's own training pictures alone: no picture of this bin taught them."""
        taught = self.taught or range(len(self.labels))
        return tuple(label for index, label in enumerate(self.labels) if index not in taught)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels: expected each one once, got {list(self.labels)}")
        direct = self.taught + self.transferred
        if set(self.columns) != set(range(len(self.labels))) or len(set(direct)) != len(direct):
            raise ValueError("taught, transferred, rehearsed: expected every label, and none twice among the first two")
        if self.rehearsed and self.base is None:
            raise ValueError("base: missing; rehearsed labels need the model's own answers")
        if self.base is not None:
            if len(self.base.columns) != len(self.labels) or self.base.labels >= self.numbers:
                raise ValueError("base.columns: expected one for each label, and fewer labels than numbers")
            if max(self.base.columns) >= self.base.labels or any(
                self.base.columns[label] < 0 for label in self.rehearsed
            ):
                raise ValueError(f"base.columns: expected places among the model's {self.base.labels} labels")
        return self
