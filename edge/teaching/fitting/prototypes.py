"""Where the pictures of each label lie: the taught ones, and what the model's own training pictures say of this bin."""

from dataclasses import dataclass

import numpy as np

from edge.inference.features import TINY
from edge.teaching.fitting.discriminant import Matrix


@dataclass(frozen=True, slots=True)
class Prototypes:
    """The prototypes of a head's columns, as mixtures of the means of groups: first the taught ones, then the rehearsal's.

    A bin's camera, light and tray move the pictures of all labels alike. How far, the taught labels that have rehearsal tell;
    with that *shift* added, rehearsal says where pictures of a label are to be expected in this bin. For a taught label that
    counts like some pictures more; for a label that was not taught it is all that is known.

    Attributes:
        taught: for each taught group the number of the rehearsal group of the same label; -1: the label has none.
        transferred: numbers of the rehearsal groups whose labels were not taught, and are expected where the shift says.
        rehearsed: number of rehearsal groups, each of which has a column of its own, as in training.
        prior_pictures: as how many pictures of a taught label the expectation counts, >= 0.
    """

    taught: tuple[int, ...]
    transferred: tuple[int, ...] = ()
    rehearsed: int = 0
    prior_pictures: float = 0.0

    def mixture(self, counts: Matrix) -> Matrix:
        """Share of each group's mean in each prototype: (groups, prototypes).

        Args:
            counts: (groups,), how many pictures each counts for.
        """
        groups = np.eye(len(counts))
        taught, rehearsal = groups[: len(self.taught)], groups[len(self.taught) :]
        shift = self._shift(counts, groups)
        columns = []
        for mean, count, place in zip(taught, counts, self.taught, strict=False):
            if place < 0:
                columns.append(mean)
                continue
            expected = rehearsal[place] + shift
            columns.append((count * mean + self.prior_pictures * expected) / max(count + self.prior_pictures, TINY))
        columns += [rehearsal[place] + shift for place in self.transferred]
        columns += list(rehearsal[: self.rehearsed])
        return np.stack(columns, axis=1)

    def _shift(self, counts: Matrix, groups: Matrix) -> Matrix:
        """From the rehearsal to this bin: the mean over the taught labels that have rehearsal, (groups,); 0 if there are none."""
        shift, total = np.zeros(len(groups)), 0.0
        for number, place in enumerate(self.taught):
            if place >= 0:
                # More pictures tell more of the shift, up to a bound: each label also moves in a way of its own.
                weight = 1.0 / (1.0 / max(counts[number], TINY) + 1.0 / max(self.prior_pictures, 1.0))
                shift += weight * (groups[number] - groups[len(self.taught) + place])
                total += weight
        return shift / max(total, TINY)
