"""Several models on the same held-out pictures, and whether they have seen these before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress
from scipy.stats import binomtest

from edge.models import SHIPPED, model_path
from train.data.grouping import file_hashes
from train.data.pictures import Picture
from train.data.selection import pictures_in_part
from train.data.split import Split
from train.errors import DataError
from train.measuring.predictions import predict_samples
from train.measuring.predictor import Predictor, predictor_from_bundle, predictor_from_run
from train.measuring.samples import photograph_samples
from train.measuring.share_interval import ShareInterval
from train.measuring.share_text import share_text
from train.runs.run_folder import RunFolder

CHANCE = 0.05
"""Probability of so uneven a count between two equally good models, above which no difference is claimed."""
SHIPPED_SPLIT = Path(__file__).parents[1] / "splits" / "bin8.json"
"""What the models that ship were trained on."""


@dataclass(frozen=True, slots=True, eq=False)
class SharedTest:
    """Several models on the same pictures, by the bin's vote.

    Attributes:
        source: name of the run whose test part it is.
        left_out: number of pictures whose label some model does not know.
        right: name of a model -> whether it answers each picture right, bool (n,), n >= 1; the first is the source.
        seen: name of a model -> what is known of pictures that it has seen before, in a sentence.
    """

    source: str
    left_out: int
    right: Mapping[str, NDArray[np.bool_]]
    seen: Mapping[str, str]

    @classmethod
    def of(cls, models: Mapping[str, Path], progress: Progress | None = None) -> "SharedTest | None":
        """Run every model on the test part of the first run among them.

        Args:
            models: name -> run folder or model file.
            progress: gets a bar for each model; None: no bar.

        Returns:
            None without a run with test pictures, or if no label is known to all models.

        Raises:
            RunError: a model is missing or damaged.
        """
        source, pictures = _test_pictures(models)
        if not pictures:
            return None
        predictors = {name: _predictor(path) for name, path in models.items()}
        known = set.intersection(*(set(one.labels) for one in predictors.values()))
        kept = [one for one in pictures if one.label in known]
        if not kept:
            return None
        found = {
            name: predict_samples(predictor, photograph_samples(kept), progress=progress)
            for name, predictor in predictors.items()
        }
        order = [source, *(name for name in models if name != source)]
        right = {name: found[name].probabilities("vote").argmax(axis=1) == found[name].targets for name in order}
        return cls(source, len(pictures) - len(kept), right, _seen(models, predictors, kept))

    @property
    def pictures(self) -> int:
        """Number of pictures."""
        return len(self.right[self.source])

    def interval(self, name: str) -> ShareInterval:
        """A model's accuracy."""
        return ShareInterval.of(int(self.right[name].sum()), self.pictures)

    def text(self, name: str) -> str:
        """A model's accuracy and its range, in words."""
        return share_text(self.interval(name))

    def sentences(self) -> list[str]:
        """Who is better, whether that is more than chance, and what the models have seen before."""
        lines = [
            f"{self.source} against {name}: {self._difference(name)}" for name in self.right if name != self.source
        ]
        if self.left_out:
            lines.append(f"{self.left_out} of the test pictures are left out: not every model knows their label")
        return lines + [f"{name}: {text}" for name, text in self.seen.items()]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "source": self.source,
            "pictures": self.pictures,
            "left_out": self.left_out,
            "accuracy": {name: self.interval(name).as_dict() for name in self.right},
            "differences": {name: self._difference(name) for name in self.right if name != self.source},
            "seen": dict(self.seen),
        }

    def _difference(self, name: str) -> str:
        mine, other = self.right[self.source], self.right[name]
        better, worse = int((mine & ~other).sum()), int((~mine & other).sum())
        counts = f"right on {better} that it misses, wrong on {worse} that it has right, of {self.pictures}"
        # Sign test: only pictures on which the two disagree count (McNemar 1947, exactly).
        if better == worse or binomtest(better, better + worse).pvalue > CHANCE:
            return f"{counts}: no difference that so many pictures can show"
        return f"{counts}: {'better' if better > worse else 'worse'}, beyond chance"


def _test_pictures(models: Mapping[str, Path]) -> tuple[str, list[Picture]]:
    """The first run with test pictures, and these; "" and none without such a run."""
    for name, path in models.items():
        if path.is_dir():
            try:
                pictures = pictures_in_part(RunFolder(path), "test")
            except DataError:
                continue
            if pictures:
                return name, pictures
    return "", []


def _predictor(path: Path) -> Predictor:
    return predictor_from_run(RunFolder(path)) if path.is_dir() else predictor_from_bundle(path)


def _seen(
    models: Mapping[str, Path], predictors: Mapping[str, Predictor], pictures: Sequence[Picture]
) -> dict[str, str]:
    hashes = set(file_hashes(pictures))
    runs = [RunFolder(path).load_data_hashes() for path in models.values() if path.is_dir()]
    found = {}
    for name, path in models.items():
        manifest = predictors[name].manifest
        found[name] = (
            _seen_by_run(path, hashes) if manifest is None else _seen_by_bundle(path, manifest.data, pictures, runs)
        )
    return found


def _seen_by_run(path: Path, hashes: set[str]) -> str:
    folder = RunFolder(path)
    try:
        own = {one for part in ("train", "val") for one in file_hashes(pictures_in_part(folder, part))}
    except (DataError, OSError):
        return "its training pictures are gone: whether it has seen these cannot be told"
    weights = folder.load_settings().weights
    start = "" if weights in ("none", "imagenet") else f" (what it started from, {Path(weights).name}, may have)"
    if hashes & own:
        return f"HAS SEEN {len(hashes & own)} of these pictures in training: its figure is too good"
    return f"has seen none of these pictures{start}"


def _seen_by_bundle(
    path: Path, data: Mapping[str, str], pictures: Sequence[Picture], runs: Sequence[Mapping[str, str]]
) -> str:
    if data in runs:
        return "was made from one of these runs, or from the same training pictures: has seen none of these"
    if path.resolve() in [model_path(name).resolve() for name in SHIPPED]:
        split = Split.load(SHIPPED_SPLIT)
        # By label and file name, since folders are called otherwise elsewhere.
        own = {tuple(key.split("/")[-2:]) for part in ("train", "val") for key in split.parts[part]}
        same = sum((one.path.parent.name, one.path.name) in own for one in pictures)
        if same:
            return f"HAS SEEN {same} of these pictures, by their names, in training: its figure is too good"
        return "none of these pictures has the name of one of its training pictures"
    sets = ", ".join(data) or "none named"
    return (
        f"its file lists no pictures, only fingerprints of whole data sets ({sets}): whether it has seen these cannot be told; "
        "photographs that were never handed on it has not"
    )
