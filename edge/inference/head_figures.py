"""What a fit measured of its head, on the pictures that it was taught, each judged without itself."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hardware.pictures.names import is_storable

Rate = Annotated[float, Field(ge=0, le=1)]

MOST_LABELS = 1000
"""Largest number of labels of a head, as of a model."""


def _storable(name: str) -> str:
    if not is_storable(name):
        raise ValueError("expected no line breaks or control characters")
    return name


Label = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_storable)]
"""A label: what can name a folder, as labels do in training and on export."""


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class BinFigures(_Figures):
    """Of one bin. None: no such picture.

    Attributes:
        pictures: taught pictures that belong in it.
        capture: share of them that reach it.
        reached: number of taught pictures that reach it, of its things and of others; 0 in heads of which it was not counted.
        contamination: share of what reaches it that belongs elsewhere.
    """

    pictures: int = Field(ge=0)
    capture_before: Rate | None
    capture_after: Rate | None
    reached_before: int = Field(0, ge=0)
    reached_after: int = Field(0, ge=0)
    contamination_before: Rate | None
    contamination_after: Rate | None


class OldLabels(_Figures):
    """Of the model's own labels, on the pictures that it carries for rehearsal: not on this bin's.

    Attributes:
        pictures: their number.
        before: share that the model names rightly.
        after: share that the head names rightly, which knows most of what is like them.
        after_unseen: the same, each picture by a head that does not know it; None: not known. Lower where taught pictures look
            like training pictures, since those of a like camera are told apart least.
    """

    pictures: int = Field(ge=1)
    before: Rate
    after: Rate
    after_unseen: Rate | None = None


class HeadFigures(_Figures):
    """What a head was measured at.

    Attributes:
        pictures: label -> number of its taught pictures.
        accuracy: balanced accuracy on taught pictures, each judged without itself.
        accuracy_range: where the accuracy on new pictures of the same things lies in nine cases of ten: lowest, highest.
        accuracy_later: balanced accuracy on each third of the taught pictures, in their order, by a head of the other two thirds;
            about what is to be expected of other things than were shown. None: a label has too few pictures.
        accuracy_before: of the model without the head, on the same pictures; a label that it lacks counts as wrong.
        confusion: true label -> said label -> number of taught pictures; pairs without any are left out.
        strangers: share of the taught pictures that would be taken for strangers.
        old: the model's own labels; None: only the taught ones count.
        bins: bin -> its figures.
        target: asked contamination.
        warnings: what is wrong with the taught pictures, and what is to be known of the head, one sentence each.
    """

    pictures: dict[Label, int] = Field(max_length=MOST_LABELS)
    accuracy: Rate
    accuracy_range: tuple[Rate, Rate]
    accuracy_later: Rate | None = None
    accuracy_before: Rate
    confusion: dict[Label, dict[Label, int]] = Field(max_length=MOST_LABELS)
    strangers: Rate
    old: OldLabels | None = None
    bins: dict[str, BinFigures] = Field(default_factory=dict, max_length=MOST_LABELS)
    target: Rate
    warnings: tuple[str, ...] = ()
