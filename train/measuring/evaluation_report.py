"""The report of an evaluation: the same figures as tables, as JSON, and as one self-contained HTML page."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from edge.decision.vote import DEFAULT_VIEWS
from edge.sight.mask import find_mask
from train.data.images import uint8
from train.errors import DataError
from train.measuring.bin_confusion import BinConfusion
from train.measuring.evaluation_metrics import mistakes, ood_aurocs
from train.measuring.evaluation_result import EvaluationResult
from train.measuring.in_short import accuracy, contaminating, in_short
from train.measuring.metrics import COVERAGE, ClassificationScore
from train.measuring.plots import History, known_and_unknown, learning_curves, reliability, risk_coverage
from train.measuring.predictions import EVALUATION_MODES, EvaluationMode, PredictionSet
from train.measuring.predictor import Predictor
from train.measuring.saliency import occlusion, overlay
from train.measuring.share_text import NOTHING, WIDE, share_cell, share_text
from train.measuring.unknown_set import UnknownSet
from train.page import figure_svg, picture_uri, render

WORST = 12
"""Largest number of errors, and of flips, on the page; JSON has all of them."""
TITLES: dict[EvaluationMode, str] = {"plain": "one look", "vote": f"vote over {DEFAULT_VIEWS} looks"}


def evaluation_as_dict(
    predictor: Predictor, results: Sequence[EvaluationResult], unknown: Sequence[UnknownSet], history: History
) -> dict[str, Any]:
    """The figures of the page, for JSON."""
    return {
        "model": predictor.name,
        "view": {"kind": predictor.view.kind, **predictor.view.spec.model_dump()},
        "views": DEFAULT_VIEWS,
        "temperature": predictor.temperature,
        "sets": {one.name: one.as_dict() for one in results} | {one.name: one.as_dict() for one in unknown},
        "in_short": {
            **{result.name: in_short(result) for result in results},
            **{one.name: one.sentences() for one in unknown},
        },
        "notes": {result.name: result.exclusion_note for result in results if result.exclusion_note},
        "history": [dict(row) for row in history],
    }


def evaluation_page(
    predictor: Predictor, results: Sequence[EvaluationResult], unknown: Sequence[UnknownSet], history: History
) -> str:
    """The HTML page. Pictures of errors are read again; the saliency of each takes 64 predictions."""
    return render(
        "evaluate.html.j2",
        predictor=predictor,
        titles=TITLES,
        share_cell=share_cell,
        label_cells=label_cells,
        coverage=COVERAGE,
        curves=figure_svg(learning_curves({"": history}), "learning curves") if history else None,
        sets=[_template_values(result) for result in results],
        unknown=[(one, _unknown_histogram(one)) for one in unknown],
    )


def print_evaluation(
    predictor: Predictor, results: Sequence[EvaluationResult], unknown: Sequence[UnknownSet], console: Console
) -> None:
    """Print tables."""
    view = predictor.view
    console.print(f"{predictor.name}, view {view.kind}, toning {view.spec.toning:g}", highlight=False)
    for line in [*(line for result in results for line in in_short(result)), *_unknown_lines(unknown)]:
        console.print(line, highlight=False, soft_wrap=True, markup=False)
    summary = Table(title=f"one look, and the vote over {DEFAULT_VIEWS}; in %")
    for column in ("set", "by", "accuracy", "F1", "ECE", "@80", "own", "lost", "wrong"):
        summary.add_column(column, justify="left" if column in ("set", "by") else "right", no_wrap=True)
    for result in results:
        for mode in EVALUATION_MODES:
            figures, sorting = result.metrics(mode), result.bin_confusion(mode)
            score, is_wide = figures.score, accuracy(result, mode).width > WIDE
            summary.add_row(
                result.name,
                "look" if mode == "plain" else mode,
                _short_accuracy(result, mode),
                *(
                    NOTHING if is_wide else f"{100 * value:.1f}"
                    for value in (score.macro_f1, figures.calibrated.error, figures.risk.risk_at(COVERAGE))
                ),
                *(_landed(sorting) if sorting else ()),
            )
        score = result.metrics("plain").score
        console.print(
            f"\n{result.name}, one look: accuracy {_short_accuracy(result, 'plain').replace(' ±', ' % ±')}"
            + (" %" if accuracy(result, "plain").width > WIDE else f", macro F1 {100 * score.macro_f1:.1f} %")
            + f", {score.pictures} pictures",
            highlight=False,
        )
        table = Table(title="each label, one look, in %")
        for column in ("label", "pictures", "recall", "precision", "F1"):
            table.add_column(column, justify="left" if column == "label" else "right")
        for row, label in enumerate(score.labels):
            table.add_row(label, str(score.confusion[row].sum()), *label_cells(score, row))
        console.print(table)
        if result.exclusion_note:
            console.print(result.exclusion_note, highlight=False, soft_wrap=True)
    console.print(summary)
    console.print(
        "F1: macro. ECE: calibration error. @80: wrong among the 80 % most confident. own, lost: of the items that belong in a "
        "recycling bin those that get there, and those in the residual bin instead; wrong: of all items those in a wrong bin. "
        "Counts in place of shares, and –, where pictures are few.",
        highlight=False,
    )


def label_cells(score: ClassificationScore, row: int) -> tuple[str, str, str]:
    """Recall, precision and F1 of a label in %, as counts or not at all where its pictures are few."""
    confusion = score.confusion
    hits, came = int(confusion[row, row]), int(confusion[row].sum())
    recall = share_cell(hits, came)
    known = came > 0 and "/" not in recall
    return recall, share_cell(hits, int(confusion[:, row].sum())), f"{100 * score.f1[row]:.1f}" if known else NOTHING


def _landed(sorting: BinConfusion) -> tuple[str, str, str]:
    """Items in their own recycling bin, in the residual bin instead, and in a wrong bin."""
    counts = sorting.counts
    recycling, own = int(counts[:-1].sum()), int(np.trace(counts[:-1, :-1]))
    wrong = int(counts[:, :-1].sum()) - own
    return (
        share_cell(own, recycling),
        share_cell(int(counts[:-1, -1].sum()), recycling),
        share_cell(wrong, int(counts.sum())),
    )


def _unknown_lines(unknown: Sequence[UnknownSet]) -> list[str]:
    return [line for one in unknown for line in one.sentences()]


def _unknown_histogram(one: UnknownSet) -> str:
    known = one.beside.predictions
    return figure_svg(
        known_and_unknown(
            known.probabilities("vote").max(axis=1)[known.is_known], one.predictions.probabilities("vote").max(axis=1)
        ),
        "confidence, known and unknown",
    )


def _short_accuracy(result: EvaluationResult, mode: EvaluationMode) -> str:
    """Accuracy in %, with its standard error; where pictures are few, its range."""
    score, interval = result.metrics(mode).score, accuracy(result, mode)
    if interval.width > WIDE:
        return interval.text.removesuffix(" %")
    return f"{100 * score.accuracy:.1f} ± {100 * score.standard_error:.1f}"


def _template_values(result: EvaluationResult) -> dict[str, Any]:
    """Values of a set for the template."""
    predictions = result.predictions
    figures = {mode: result.metrics(mode) for mode in EVALUATION_MODES}
    lines = {
        TITLES[mode]: {"temperature 1": one.raw, f"temperature {predictions.predictor.temperature:g}": one.calibrated}
        if predictions.predictor.temperature != 1
        else {"temperature 1": one.raw}
        for mode, one in figures.items()
    }
    confidence = predictions.probabilities("vote").max(axis=1)
    comparisons = {mode: result.comparison(mode) for mode in EVALUATION_MODES}
    right = accuracy(result)
    vote = comparisons["vote"]
    return {
        "result": result,
        "in_short": in_short(result),
        "accuracy": right,
        "contaminating": contaminating(result),
        "is_wide": right.width > WIDE,
        "ranges": {mode: share_text(accuracy(result, mode)) for mode in EVALUATION_MODES},
        "metrics": figures,
        "sorting": {mode: result.bin_confusion(mode) for mode in EVALUATION_MODES},
        "reliability": figure_svg(reliability(lines), "reliability diagrams"),
        "risk": figure_svg(
            risk_coverage({TITLES[mode]: one.risk for mode, one in figures.items()}, COVERAGE), "risk over coverage"
        ),
        "auroc": ood_aurocs(predictions),
        "histogram": figure_svg(
            known_and_unknown(confidence[predictions.is_known], confidence[~predictions.is_known]),
            "confidence, known and unknown",
        )
        if result.unknown_labels
        else None,
        "strays": result.bin_confusion("vote", known=False) if result.unknown_labels else None,
        "comparisons": comparisons if vote else {},
        "flips": [_flip(result, row) for row in vote.flips[:WORST]] if vote else [],
        "mistakes": [_mistake(result, row) for row in islice(mistakes(predictions), WORST)],
    }


def _view(predictions: PredictionSet, row: int) -> NDArray[np.uint8]:
    """The plain look of a picture, uint8 (size, size, 3)."""
    pixels = predictions.samples[row].pixels_or_none()
    if pixels is None:
        raise DataError(f"evaluate: {predictions.samples[row].name} can no longer be read")
    return uint8(predictions.predictor.view.looks(pixels, find_mask(pixels), 1)[0])


def _mistake(result: EvaluationResult, row: int) -> dict[str, Any]:
    predictions = result.predictions
    view, (description,) = _view(predictions, row), result.describe_predictions([row])
    drops = occlusion(predictions.predictor.logits, view, predictions.predictor.labels.index(description["answer"]))
    return {**description, "view": picture_uri(view), "saliency": picture_uri(overlay(view, drops))}


def _flip(result: EvaluationResult, row: int) -> dict[str, Any]:
    assert result.float32_and_int8 is not None
    (one,), (other,) = (result.describe_predictions([row], answers) for answers in result.float32_and_int8)
    return {**one, "int8": other["answer"], "view": picture_uri(_view(result.predictions, row))}
