"""Choice of the view that a model ships with, on validation pictures after training."""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import keras
import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from edge.decision.vote import DEFAULT_VIEWS
from edge.sight.mask import find_mask
from edge.sight.pyramid import Pyramid
from edge.sight.view import ViewSpec, make_view
from edge.values import Mask
from hardware.frame import Pixels
from train.data.cache import load_pictures
from train.data.pictures import pixels_or_none
from train.data.selection import pictures_in_part
from train.errors import DataError, RunError
from train.files import UnreadableFileError, read_json, write_text
from train.measuring.metrics import vote_probabilities
from train.network.model import predict
from train.runs.run_folder import RunFolder
from train.runs.settings import ViewKind
from train.views.synthetic_trays import SEED, synthetic_tray

log = logging.getLogger("train")

CANDIDATES: tuple[tuple[ViewKind, float, float, tuple[float, ...]], ...] = (
    ("object", 0.0, 0.1, (0.4,)),
    ("object", 0.0, 0.1, ()),
    ("object", 0.0, 0.1, (1.0,)),
    ("object", 0.0, 0.25, ()),
    ("object", 0.0, 0.25, (1.0,)),
    ("object", 0.5, 0.1, (0.4,)),
    ("full", 0.0, 0.1, ()),
)
"""Kind of view, toning, margin and margins of the further looks. The first is taken unless another is significantly better."""
CHUNK = 16
"""Number of pictures whose looks are in memory at once: 2 MB each at 128x128."""


@dataclass(frozen=True, slots=True)
class InputView:
    """A chosen view: its kind ("object" or "full") and how it is made."""

    kind: ViewKind
    spec: ViewSpec

    def looks(self, pixels: Pixels, mask: Mask | None, count: int = DEFAULT_VIEWS) -> NDArray[np.uint8]:
        """The first looks that the bin takes at an item at rest: uint8 (count, size, size, 3).

        Args:
            pixels: RGB uint8 (height, width, 3).
            mask: of the item (``edge.sight.mask.find_mask``); not used by the full view.
            count: number of looks, >= 1.
        """
        shown = mask if self.kind == "object" else None
        picture = Pyramid(pixels)
        return np.stack([make_view(picture, shown, self.spec, number) for number in range(count)])


def load_view(folder: RunFolder) -> InputView:
    """The run's chosen view; before the choice, that of its settings.

    Raises:
        RunError: view.json is damaged.
    """
    if not folder.view_file.exists():
        settings = folder.load_settings()
        return InputView(settings.view, settings.view_spec)
    try:
        raw = read_json(folder.view_file)
        if not isinstance(raw, dict) or raw.get("kind") not in ("object", "full"):
            raise UnreadableFileError('lacks "kind", object or full')
        kind: ViewKind = "full" if raw["kind"] == "full" else "object"
        return InputView(kind, ViewSpec.model_validate(raw.get("spec")))
    except ValidationError as error:
        problem = error.errors()[0]
        reason = f"{'.'.join(map(str, ('spec', *problem['loc'])))}: {problem['msg']}"
    except UnreadableFileError as error:
        reason = str(error)
    raise RunError(f"run {folder.path}: view.json cannot be used: {reason}; delete it to use the settings' view")


def choose_view(folder: RunFolder, model: keras.Model) -> InputView:
    """Evaluate the run's best model with each candidate, and write the chosen one to ``view.json`` with all figures.

    Candidates are compared by the mean of two accuracies on validation pictures: as photographed, and with the items on
    synthetic trays (``train.views.synthetic_trays``); each by the bin's vote over ``DEFAULT_VIEWS`` looks. Test pictures
    and field photographs are not used. The first candidate is chosen unless another is better by more than the standard
    error (one-standard-error rule, Breiman et al. 1984), since smaller differences are chance.

    Raises:
        DataError: no validation picture can be read.
    """
    settings, labels = folder.load_settings(), folder.load_labels()
    pictures = pictures_in_part(folder, "val")
    candidates = [
        InputView(
            kind,
            settings.view_spec.model_copy(update={"toning": toning, "margin": margin, "look_margins": look_margins}),
        )
        for kind, toning, margin, look_margins in CANDIDATES
    ]
    cached, _, _ = load_pictures(pictures, labels, settings.cache_side)
    photograph_accuracies = _accuracies(
        model, candidates, ((pixels_or_none(one), labels.index(one.label)) for one in pictures)
    )
    if photograph_accuracies is None:
        raise DataError("data: no readable validation picture to choose the view with")
    trays = ((synthetic_tray(one, np.random.default_rng((SEED, row))), one.target) for row, one in enumerate(cached))
    tray_accuracies = _accuracies(model, candidates, trays)
    tray_accuracies = photograph_accuracies if tray_accuracies is None else tray_accuracies
    means = [(val + tray) / 2 for val, tray in zip(photograph_accuracies, tray_accuracies, strict=True)]
    rows = []
    for view, val, tray, mean in zip(candidates, photograph_accuracies, tray_accuracies, means, strict=True):
        varied = view.spec.model_dump(include={"toning", "margin", "look_margins"})
        figures = {"val": round(val, 4), "val_on_trays": round(tray, 4), "mean": round(mean, 4)}
        rows.append({"kind": view.kind, **varied, **figures})
        log.info("view %s: validation %.3f, on trays %.3f", _describe(view), val, tray)
    chosen = candidates[select_candidate(means, len(pictures))]
    write_text(
        folder.view_file,
        json.dumps({"kind": chosen.kind, "spec": chosen.spec.model_dump(), "candidates": rows}, indent=1) + "\n",
    )
    log.info("view chosen: %s", _describe(chosen))
    return chosen


def select_candidate(accuracies: Sequence[float], pictures: int) -> int:
    """Index of the chosen candidate: the first, or the best if it is better by more than a standard error. Accuracies 0..1."""
    best = int(np.argmax(accuracies))
    error = np.sqrt(accuracies[0] * (1 - accuracies[0]) / max(pictures, 1))
    return best if accuracies[best] - accuracies[0] > error else 0


def _describe(view: InputView) -> str:
    margins = "/".join(f"{margin:g}" for margin in (view.spec.margin, *view.spec.look_margins))
    return view.kind if view.kind == "full" else f"{view.kind}, margins {margins}, toning {view.spec.toning:g}"


def _accuracies(
    model: keras.Model, candidates: Sequence[InputView], pictures: Iterable[tuple[Pixels | None, int]]
) -> list[float] | None:
    """Accuracy of the vote with each candidate, on the pictures (and their label indices) that are not None.

    None where all are None. Pictures are read once, ``CHUNK`` at a time: photographs at full size would fill the memory.
    """

    def all_looks(pixels: Pixels) -> NDArray[np.uint8]:
        mask = find_mask(pixels)
        return np.concatenate([view.looks(pixels, mask) for view in candidates])

    readable = ((pixels, target) for pixels, target in pictures if pixels is not None)
    right: list[NDArray[np.bool_]] = []
    with ThreadPoolExecutor(2) as pool:
        for chunk in _chunks(readable):
            looks = np.concatenate(list(pool.map(all_looks, [pixels for pixels, _ in chunk])))
            logits = _predict_once(model, looks)
            votes = logits.reshape(len(chunk) * len(candidates), DEFAULT_VIEWS, -1)
            answers = vote_probabilities(votes).argmax(axis=1).reshape(len(chunk), len(candidates))
            right.append(answers == np.array([[target] for _, target in chunk]))
    return [float(share) for share in np.concatenate(right).mean(axis=0)] if right else None


def _chunks(pictures: Iterator[tuple[Pixels, int]]) -> Iterator[list[tuple[Pixels, int]]]:
    while chunk := list(islice(pictures, CHUNK)):
        yield chunk


def _predict_once(model: keras.Model, looks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """``predict``, with equal looks predicted once: candidates have many looks in common."""
    place: dict[bytes, int] = {}
    places = [place.setdefault(one.tobytes(), len(place)) for one in looks]
    _, first = np.unique(places, return_index=True)
    return predict(model, looks[first])[places]
