"""How near an item is to what a head was taught: what strangers are told by."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import TINY

Reals = NDArray[np.float32]


class Nearness(Protocol):
    """How near features are to what was taught."""

    @property
    def rows(self) -> Reals:
        """What features are multiplied by: float32 (rows, numbers)."""

    def of(self, features: Reals) -> Reals:
        """Nearness, -1..1: float32 (...); low for what was never taught.

        Args:
            features: float32 (..., numbers), see ``FeatureSpec.real``.
        """


@dataclass(frozen=True, slots=True, eq=False)
class PrototypeSpace:
    """The cosine to the nearest known prototype in the space that all prototypes of a discriminant span, seen from their mean.

    In that space the variance within a label is the same in all directions, and what no label differs in does not count.

    Attributes:
        rows: float32 (dimensions, numbers).
        offset: float32 (dimensions,), subtracted from the products with them.
        directions: float32 (prototypes, dimensions), of unit length.

    Raises:
        ValueError: shapes do not agree, or a number is not finite.
    """

    rows: Reals
    offset: Reals
    directions: Reals

    def __post_init__(self) -> None:
        dimensions = len(self.rows)
        if not dimensions or self.offset.shape != (dimensions,) or self.directions.shape[1:] != (dimensions,):
            raise ValueError(
                f"space: expected an offset, and directions of labels, of at least one dimension; got rows {self.rows.shape}, "
                f"offset {self.offset.shape}, directions {self.directions.shape}"
            )
        if not len(self.directions) or not (np.isfinite(self.offset).all() and np.isfinite(self.directions).all()):
            raise ValueError("space: expected finite directions of at least one label, and a finite offset")

    def of(self, features: Reals) -> Reals:
        """See ``Nearness.of``."""
        places = features @ self.rows.T - self.offset
        length = np.maximum(np.linalg.norm(places, axis=-1), TINY)
        cosines: Reals = (places @ self.directions.T).max(axis=-1) / length
        return cosines


@dataclass(frozen=True, slots=True, eq=False)
class TaughtPictures:
    """The cosine to the nearest taught picture: heads of format 1.

    Attributes:
        rows: float32 (pictures, numbers). Their products with features are cosines.
    """

    rows: Reals

    def of(self, features: Reals) -> Reals:
        """See ``Nearness.of``."""
        nearest: Reals = (features @ self.rows.T).max(axis=-1)
        return nearest
