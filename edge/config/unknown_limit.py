"""The value of ``decision.unknown``: model, never, or a number."""

import math
from typing import Annotated, Literal

from pydantic import BeforeValidator


def _model_never_or_number(value: object) -> object:
    """Validate it before pydantic does, whose messages name the types of the union."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if value not in ("model", "never") and not number:
        raise ValueError("expected model, never or a number")
    return value


UnknownLimit = Annotated[float | Literal["model", "never"], BeforeValidator(_model_never_or_number)]
"""The least score of an item that the model knows: its own, none, or a number."""
