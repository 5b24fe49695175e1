"""Shortcut learning: accuracy without the item's shape, from colours, the border, or file measures alone."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from train.exploring.file_record import FileRecord

FOLDS = 5
"""Folds of the cross-validation."""
LIMITS = {"colours": (0.35, 0.60), "border": (0.15, 0.35), "file": (0.10, 0.25), "data set": (0.10, 0.25)}
"""Gain from which the verdict is "look", and "bad". Colours are allowed more: cardboard is brown in the bin as well."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Accuracy of one kind of clue alone. All figures are shares, 0..1.

    Attributes:
        clue: "colours", "border", "file" or "data set".
        scope: a data set's name, or "all".
        pictures: number of pictures.
        majority: share of the most frequent label, the accuracy of always predicting it.
        nearest: accuracy of the nearest neighbour, similar pictures in one fold; None where it does not apply.
        linear: accuracy of a logistic regression, likewise.
        standard_error: of the better one, groups of similar pictures counted once.
    """

    clue: str
    scope: str
    pictures: int
    majority: float
    nearest: float | None
    linear: float | None
    standard_error: float

    @property
    def best(self) -> float:
        """The better of the two."""
        return max(self.nearest or 0.0, self.linear or 0.0)

    @property
    def gain(self) -> float:
        """Accuracy rescaled: 0 at the majority's accuracy, 1 at an accuracy of 1; never below 0."""
        return max(0.0, (self.best - self.majority) / max(1.0 - self.majority, 1e-6))

    @property
    def verdict(self) -> str:
        """One of "good", "look", "bad", by ``LIMITS``; two standard errors are subtracted first."""
        look, bad = LIMITS[self.clue]
        sure = (self.best - 2 * self.standard_error - self.majority) / max(1.0 - self.majority, 1e-6)
        return "bad" if sure >= bad else "look" if sure >= look else "good"

    def to_json(self) -> dict[str, Any]:
        """The figures with gain and verdict, for JSON."""
        return {**asdict(self), "gain": round(self.gain, 4), "verdict": self.verdict}


def scopes(records: Sequence[FileRecord]) -> list[str]:
    """Scopes of the probes: each data set, and "all" together if there are several."""
    names = sorted({record.data_set for record in records})
    return ["all", *names] if len(names) > 1 else names


def probe_all(
    records: Sequence[FileRecord],
    groups: NDArray[np.int64],
    seed: int,
    advance: Callable[[int], None] = lambda done: None,
) -> list[Probe]:
    """Every clue in every scope. ``groups`` (n,): group of each picture; ``advance(1)`` is called after each clue."""
    clues = {
        "border": np.stack([record.border_histogram for record in records]),
        "colours": np.stack([record.colour_histogram for record in records]),
        "file": np.stack([file_measures(record) for record in records]),
    }
    found: list[Probe] = []
    sets = np.asarray([record.data_set for record in records])
    names = np.asarray([record.picture.label for record in records])
    for scope in scopes(records):
        chosen = np.flatnonzero((sets == scope) | (scope == "all"))
        labels = names[chosen]
        for clue, rows in clues.items():
            result = probe(clue, scope, rows[chosen], labels, groups[chosen], seed)
            if result is not None:
                found.append(result)
            advance(1)
        if scope == "all":
            found.append(_data_set_probe(labels, sets))
    return found


def probe(
    clue: str, scope: str, rows: NDArray[np.float32], labels: NDArray[Any], groups: NDArray[np.int64], seed: int
) -> Probe | None:
    """Cross-validated accuracy of the label from ``rows`` alone; a group is in one fold.

    Args:
        clue: name of the clue.
        scope: name of the scope.
        rows: float32 (n, features).
        labels: str (n,).
        groups: (n,).
        seed: of the folds.

    Returns:
        None where fewer than two labels have a group for every fold (labels with fewer are left out).
    """
    usable = [label for label in np.unique(labels) if len(np.unique(groups[labels == label])) >= FOLDS]
    if len(usable) < 2:
        return None
    is_usable = np.isin(labels, usable)
    rows, labels, groups = rows[is_usable], labels[is_usable], groups[is_usable]
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    models = {
        "nearest": make_pipeline(StandardScaler(), KNeighborsClassifier(1, algorithm="brute"))
        if clue == "file"  # pixels, ratios and quality have no common unit; shares of colours have
        else KNeighborsClassifier(1, algorithm="brute"),
        "linear": make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=200, tol=1e-2)),
    }
    share = {
        name: float((cross_val_predict(model, rows, labels, groups=groups, cv=folds) == labels).mean())
        for name, model in models.items()
    }
    best = max(share.values())
    return Probe(
        clue=clue,
        scope=scope,
        pictures=len(labels),
        majority=_majority(labels),
        nearest=share["nearest"],
        linear=share["linear"],
        standard_error=float(np.sqrt(best * (1 - best) / len(np.unique(groups)))),
    )


def file_measures(record: FileRecord) -> NDArray[np.float32]:
    """Size, shape and JPEG quality (0 for no JPEG), float32 (4,).

    Not the bytes: pictures saved in one way differ in them by what they show.
    """
    return np.asarray(
        [np.log(record.width), np.log(record.height), np.log(record.aspect), record.quality or 0.0], np.float32
    )


def _data_set_probe(labels: NDArray[Any], sets: NDArray[Any]) -> Probe:
    """Always predict the most frequent label of the picture's data set."""
    right = sum(_majority(labels[sets == name]) * int((sets == name).sum()) for name in np.unique(sets))
    share = right / len(labels)
    return Probe(
        "data set",
        "all",
        len(labels),
        _majority(labels),
        None,
        share,
        float(np.sqrt(share * (1 - share) / len(labels))),
    )


def _majority(labels: NDArray[Any]) -> float:
    return float(np.unique(labels, return_counts=True)[1].max() / len(labels))
