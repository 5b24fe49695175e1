"""How good a taught bin is: heads fitted to a few pictures of each label, and measured on all the others.

``python -m tests.bench.teaching --bin DIR... [--tray DIR] [--old DIR --new DIR]``, each a folder of label folders.
Features are made once, and kept in ``--cache``. The figures of docs/teaching.md are made by this.
"""

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.inference.bundle import Bundle, read_bundle
from edge.inference.classifier import Classifier
from edge.inference.head import TaughtHead
from edge.inference.head_answers import base_log_probabilities
from edge.inference.runtime import find_runtime
from edge.models import model_path
from edge.teaching.fitting.fit import fit_head
from edge.teaching.pictures.examples import Examples
from edge.teaching.pictures.folder_examples import read_taught_folder
from edge.teaching.pictures.looks import LookTaker

TEACHING_SHARE = 0.6
"""Share of each sequence, from its beginning, that teaches when the order counts."""

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one head was measured at: rates 0..1, on pictures that it was not taught."""

    accuracy: float
    own_error: float
    covered: bool
    later_error: float
    contamination: float
    capture: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.teaching", description=__doc__)
    parser.add_argument("--bin", type=Path, nargs="*", default=[], metavar="DIR", help="pictures of one bin each")
    parser.add_argument("--tray", type=Path, metavar="DIR", help="few pictures, measured by five-fold cross-validation")
    parser.add_argument(
        "--old", type=Path, metavar="DIR", help="pictures of the model's own labels that it did not learn from"
    )
    parser.add_argument(
        "--new", type=Path, metavar="DIR", help="pictures of further labels, taught beside the old ones"
    )
    parser.add_argument("--model", type=model_path, default=model_path("trashnet6"), metavar="FILE")
    parser.add_argument("--draws", type=int, default=10, help="draws of the pictures that teach (default: %(default)s)")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="keep features here")
    options = parser.parse_args()
    bench = TeachingBench(options.model, options.draws, options.cache)
    for folder in options.bin:
        bench.measure_bin(folder)
    if options.tray is not None:
        bench.measure_tray(options.tray)
    if options.old is not None and options.new is not None:
        bench.measure_more_labels(options.old, options.new)


class TeachingBench:
    """Fits heads on a model's features, and prints what they are worth."""

    def __init__(self, model: Path, draws: int, cache: Path | None) -> None:
        self._bundle: Bundle = read_bundle(model)
        assert self._bundle.manifest.features is not None
        self._spec = self._bundle.manifest.features
        self._taker = LookTaker(Classifier(self._bundle, find_runtime()))
        self._draws = draws
        self._cache = cache

    def measure_bin(self, folder: Path) -> None:
        """Only the taught labels; at random and by the order of the sequences."""
        examples = self._examples(folder)
        print(f"{folder.name}: {len(examples.sources)} pictures, the model alone {self._untaught(examples):.1%}")
        for name, count, in_order in (("at random", 10, False), ("at random", 20, False), ("by order", 20, True)):
            found = [self._measure(examples, *split) for split in self._splits(examples, count, in_order=in_order)]
            mean = {key: np.mean([getattr(one, key) for one in found]) for key in Measured.__slots__}
            print(
                f"  {count} a label, {name}: {mean['accuracy']:.1%}; own check {100 * mean['own_error']:+.1f} points, covers "
                f"{mean['covered']:.0%}; check by time {100 * mean['later_error']:+.1f}; contamination "
                f"{mean['contamination']:.1%}, capture {mean['capture']:.1%}"
            )
        areas = [
            np.mean([self._stranger_area(examples, *split, label) for split in self._splits(examples, 10)])
            for label in range(len(examples.labels))
        ]
        print(
            f"  strangers, 10 a label, area under the curve: {np.mean(areas):.3f}; "
            + ", ".join(f"{label} {area:.2f}" for label, area in zip(examples.labels, areas, strict=True))
        )

    def measure_tray(self, folder: Path) -> None:
        """Five-fold, with the taught labels alone and beside the model's own."""
        examples = _only(self._examples(folder), self._bundle.manifest.labels)
        print(f"{folder.name}: {len(examples.sources)} pictures, the model alone {self._untaught(examples):.1%}")
        for only_taught in (True, False):
            rates = []
            for seed in range(self._draws):
                said = np.zeros(len(examples.sources), np.int64)
                fold = _folds(examples.label_index, np.random.default_rng(seed))
                for number in range(5):
                    head = self._fit(_some(examples, np.flatnonzero(fold != number)), only_taught=only_taught)
                    test = np.flatnonzero(fold == number)
                    said[test] = self._votes(head, examples, test).argmax(axis=1)
                rates.append(_balanced(said == examples.label_index, examples.label_index))
            print(f"  five-fold, {'only taught' if only_taught else 'with the old labels'}: {np.mean(rates):.1%}")

    def measure_more_labels(self, old_folder: Path, new_folder: Path) -> None:
        """New labels beside the old ones: what the old ones lose, and how well the new ones are known among all."""
        old, new = self._examples(old_folder), self._examples(new_folder)
        print(f"{old_folder.name}: the model alone {self._untaught(old, balanced=False):.1%} of {len(old.sources)}")
        found = []
        for teach, test in self._splits(new, 20):
            head = self._fit(_some(new, teach), only_taught=False)
            kept = self._votes(head, old, np.arange(len(old.sources)))
            learnt = self._votes(head, new, test)
            right = np.array(head.labels)[learnt.argmax(axis=1)] == np.array(new.labels)[new.label_index[test]]
            same = np.array(head.labels)[kept.argmax(axis=1)] == np.array(old.labels)[old.label_index]
            figures = head.manifest.figures
            assert figures is not None
            assert figures.old is not None
            assert figures.old.after_unseen is not None
            lost = [figures.old.before - after for after in (figures.old.after, figures.old.after_unseen)]
            found.append((same.mean(), _balanced(right, new.label_index[test]), *lost))
        after, learnt_rate, least, most = np.mean(found, axis=0)
        print(
            f"  {len(new.labels)} labels more, 20 each: old {after:.1%}, new {learnt_rate:.1%}; own check: {100 * least:.1f} to "
            f"{100 * most:.1f} lost"
        )

    def _measure(self, examples: Examples, teach: Places, test: Places) -> Measured:
        head = self._fit(_some(examples, teach), only_taught=True)
        votes, true = self._votes(head, examples, test), examples.label_index[test]
        said, figures = votes.argmax(axis=1), head.manifest.figures
        assert figures is not None
        assert figures.accuracy_later is not None
        accuracy = _balanced(said == true, true)
        sure = votes.max(axis=1) >= head.manifest.min_confidence
        bins = [sure & (said == label) for label in range(len(examples.labels))]
        low, high = figures.accuracy_range
        return Measured(
            accuracy,
            figures.accuracy - accuracy,
            low <= accuracy <= high,
            figures.accuracy_later - accuracy,
            float(np.mean([(true[there] != label).mean() if there.any() else 0.0 for label, there in enumerate(bins)])),
            _balanced(sure & (said == true), true),
        )

    def _stranger_area(self, examples: Examples, teach: Places, test: Places, stranger: int) -> float:
        """Probability that a picture of a taught label is nearer than one of the label that was left out."""
        head = self._fit(_some(examples, teach[examples.label_index[teach] != stranger]), only_taught=True)
        near = head.nearness.of(self._spec.real(examples.features[test])).mean(axis=1)
        own, other = near[examples.label_index[test] != stranger], near[examples.label_index[test] == stranger]
        return float(np.mean(own[:, np.newaxis] > other))

    def _fit(self, examples: Examples, *, only_taught: bool) -> TaughtHead:
        return fit_head(examples, self._bundle, only_taught=only_taught)

    def _votes(self, head: TaughtHead, examples: Examples, places: Places) -> NDArray[np.float32]:
        """Probabilities of the votes; of heads of the taught labels alone in the examples' order."""
        votes = head.probabilities(self._spec.real(examples.features[places])).mean(axis=1)
        known = [head.labels.index(label) for label in examples.labels if label in head.labels]
        return votes[:, known] if len(known) == len(head.labels) else votes

    def _untaught(self, examples: Examples, *, balanced: bool = True) -> float:
        manifest = self._bundle.manifest
        real = self._spec.real(examples.features)
        votes = np.exp(base_log_probabilities(real, len(manifest.labels), manifest.temperature)).mean(axis=1)
        right = np.array(manifest.labels)[votes.argmax(axis=1)] == np.array(examples.labels)[examples.label_index]
        return _balanced(right, examples.label_index) if balanced else float(right.mean())

    def _splits(self, examples: Examples, count: int, *, in_order: bool = False) -> Iterator[tuple[Places, Places]]:
        """Pictures that teach, ``count`` of each label, and the others."""
        rng = np.random.default_rng(0)
        early = _early(examples) if in_order else np.ones(len(examples.sources), np.bool_)
        for _ in range(self._draws):
            drawn = []
            for label in range(len(examples.labels)):
                pool = np.flatnonzero((examples.label_index == label) & early)
                drawn.append(rng.choice(pool, min(count, len(pool)), replace=False))
            teach = np.sort(np.concatenate(drawn))
            rest = np.flatnonzero(~early) if in_order else np.setdiff1d(np.arange(len(examples.sources)), teach)
            yield teach, rest

    def _examples(self, folder: Path) -> Examples:
        key = f"{folder.resolve().name}-{self._bundle.manifest.sha256[:12]}.npz"
        kept = None if self._cache is None else self._cache / key
        if kept is not None and kept.is_file():
            with np.load(kept) as stored:
                return _made(tuple(stored["labels"]), stored["features"], stored["index"], tuple(stored["sources"]))
        found = read_taught_folder(folder, self._taker).examples
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.savez(kept, labels=found.labels, features=found.features, index=found.label_index, sources=found.sources)
        return found


def _made(labels: Sequence[str], features: NDArray[np.int8], index: Places, sources: Sequence[str]) -> Examples:
    return Examples(tuple(map(str, labels)), features, index, np.ones(len(index), np.float32), tuple(map(str, sources)))


def _some(examples: Examples, places: Places) -> Examples:
    """The examples at these places."""
    sources = [examples.sources[place] for place in places]
    return _made(examples.labels, examples.features[places], examples.label_index[places], sources)


def _only(examples: Examples, labels: Sequence[str]) -> Examples:
    """The examples of these labels, in their order; of ``miscellaneous-trash`` as trash."""
    names = ["trash" if name == "miscellaneous-trash" else name for name in examples.labels]
    index = np.array([labels.index(names[place]) if names[place] in labels else -1 for place in examples.label_index])
    places = np.flatnonzero(index >= 0)
    return _made(labels, examples.features[places], index[places], [examples.sources[place] for place in places])


def _early(examples: Examples) -> NDArray[np.bool_]:
    """Whether each picture stands in the first part of its sequence: names that differ in their last number alone."""
    sequences = defaultdict(list)
    for place, source in enumerate(examples.sources):
        found = re.match(r"(.*?)(\d+)_?$", Path(source).stem)
        head, number = (found[1], int(found[2])) if found else (Path(source).stem, 0)
        sequences[examples.label_index[place], head].append((number, place))
    early = np.zeros(len(examples.sources), np.bool_)
    for members in sequences.values():
        for _, place in sorted(members)[: round(TEACHING_SHARE * len(members))]:
            early[place] = True
    return early


def _folds(index: Places, rng: np.random.Generator) -> Places:
    """Number of the fold of each picture, 0 to 4, each label spread evenly."""
    folds = np.zeros(len(index), np.int64)
    for label in np.unique(index):
        own = rng.permutation(np.flatnonzero(index == label))
        folds[own] = (np.arange(len(own)) + rng.integers(5)) % 5
    return folds


def _balanced(right: NDArray[np.bool_], index: Places) -> float:
    return float(np.mean([right[index == label].mean() for label in np.unique(index)]))


if __name__ == "__main__":
    main()
