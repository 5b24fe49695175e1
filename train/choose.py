"""The view that the model ships with, chosen on validation pictures once the weights are settled."""

import json
import logging
from dataclasses import dataclass

import numpy as np

from edge.view import ViewSpec
from train.cache import Kind, load, load_views
from train.errors import RunError
from train.files import write_text
from train.material import photographs
from train.model import predict
from train.moved import moved_views
from train.runfolder import RunFolder
from train.split import Split

log = logging.getLogger("train")

CANDIDATES: tuple[tuple[Kind, float], ...] = (
    ("object", 0.0),
    ("object", 0.5),
    ("object", 0.8),
    ("object", 1.0),
    ("full", 0.0),
)
"""Kind of view and toning."""


@dataclass(frozen=True, slots=True)
class View:
    """A chosen view: its kind ("object" or "full") and how it is made."""

    kind: Kind
    spec: ViewSpec


def load_view(folder: RunFolder) -> View:
    """The run's chosen view, or the one in its settings before any was chosen.

    Raises:
        RunError: view.json is damaged.
    """
    if not folder.view_file.exists():
        settings = folder.settings()
        return View(settings.view, settings.view_spec)
    try:
        raw = json.loads(folder.view_file.read_text())
        kind: Kind = "full" if raw["kind"] == "full" else "object"
        return View(kind, ViewSpec.model_validate(raw["spec"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"run {folder.path}: view.json cannot be used: {error}; delete it to go by the settings' view"
        ) from error


def choose_view(folder: RunFolder) -> View:
    """Measure the best model with each candidate and write the winner to ``view.json``, with all figures.

    The figure to win by is the mean of two accuracies on validation pictures: as photographed, and with the items
    laid on trays (``train.moved``). Test pictures and field photographs have no say.
    """
    settings, labels, model = folder.settings(), folder.labels(), folder.load_best()
    pictures = Split.load(folder.split_file).take("val", photographs(settings))
    kept, _, _ = load(pictures, labels, settings.cache_side)
    rows = []
    for kind, toning in CANDIDATES:
        spec = settings.view_spec.model_copy(update={"toning": toning})
        views, targets, _ = load_views(pictures, labels, spec, kind)
        accuracy = float((predict(model, views).argmax(axis=1) == targets).mean())
        tray_views, tray_targets = moved_views(kept, spec, kind)
        tray = (
            float((predict(model, tray_views).argmax(axis=1) == tray_targets).mean()) if len(tray_views) else accuracy
        )
        rows.append(
            {
                "kind": kind,
                "toning": toning,
                "val": round(accuracy, 4),
                "val_on_trays": round(tray, 4),
                "mean": round((accuracy + tray) / 2, 4),
            }
        )
        log.info("view %-6s toning %.1f: validation %.3f, on trays %.3f", kind, toning, accuracy, tray)
    best = int(np.argmax([row["mean"] for row in rows]))
    kind, toning = CANDIDATES[best]
    chosen = View(kind, settings.view_spec.model_copy(update={"toning": toning}))
    write_text(
        folder.view_file,
        json.dumps({"kind": kind, "spec": chosen.spec.model_dump(), "candidates": rows}, indent=1) + "\n",
    )
    log.info("view chosen: %s, toning %.1f", kind, toning)
    return chosen
