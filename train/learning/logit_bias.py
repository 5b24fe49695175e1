"""Logit adjustment after training: a bias for each label, so that no label is predicted too often."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import chi2

from train.data.selection import pictures_in_part
from train.errors import DataError
from train.files import write_text
from train.measuring.metrics import vote_probabilities
from train.measuring.predictions import predict_samples
from train.measuring.predictor import predictor_from_model
from train.measuring.samples import EvaluationSample, photograph_samples, photograph_tray_samples
from train.measuring.view_choice import load_view
from train.network.model import HEAD_NAME
from train.runs.run_folder import RunFolder, save_model

log = logging.getLogger("train")

PRIOR_STANDARD_DEVIATION = 0.3
"""Standard deviation of the normal prior of a label's bias, in logits at temperature 1: it limits the bias for few pictures."""
CHANCE = 0.05
"""Largest probability that a bias fits as well by chance with which it is applied; the field's usual choice."""
LOG_TEMPERATURES = (-3.0, 3.0)
"""Logarithms of the temperatures tried, 0.05 to 20: far beyond those of trained networks."""
TRAYS = "on trays"
"""Name of the set of items on synthetic trays."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledLogits:
    """Logits and labels of one set: logits float32 (n, looks, labels), label indices int64 (n,), n >= 1."""

    logits: NDArray[np.float32]
    targets: NDArray[np.int64]

    def loss(self, temperature: float, bias: NDArray[np.float64]) -> float:
        """Cross-entropy of the vote, all labels of the set having the same weight."""
        shares = self._shares(temperature, bias)[np.arange(len(self.targets)), self.targets]
        weights = 1 / np.bincount(self.targets)[self.targets]
        return float(-(weights * np.log(np.maximum(shares, 1e-12))).sum() / weights.sum())

    def accuracy(self, bias: NDArray[np.float64]) -> float:
        """Accuracy of the vote, 0..1."""
        return float((self._shares(1.0, bias).argmax(axis=1) == self.targets).mean())

    def _shares(self, temperature: float, bias: NDArray[np.float64]) -> NDArray[np.float64]:
        # In float64: the optimizer's finite differences are too small for float32.
        return vote_probabilities(self.logits + bias, temperature)


def fit_logit_adjustment(sets: Sequence[LabelledLogits]) -> NDArray[np.float64]:
    """The bias with the lowest cross-entropy, fitted together with a temperature: float64 (labels,), mean 0.

    Vector scaling (Guo et al. 2017) with one scale for all labels. All sets have the same weight, and in each set all
    labels, since the frequencies of labels in the bin are not known. The prior of a bias is normal about 0 with the standard
    deviation ``PRIOR_STANDARD_DEVIATION``.
    """
    labels, pictures = sets[0].logits.shape[-1], sum(len(one.targets) for one in sets)

    def loss(values: NDArray[np.float64]) -> float:
        temperature, shifts = float(np.exp(values[0])), values[1:] - values[1:].mean()
        fit = np.mean([one.loss(temperature, temperature * shifts) for one in sets])
        return float(fit + (shifts**2).sum() / (2 * PRIOR_STANDARD_DEVIATION**2 * pictures))

    # SciPy's line search divides by a slope that may be 0, and then tries another step.
    with np.errstate(divide="ignore", invalid="ignore"):
        found = minimize(loss, np.zeros(1 + labels)).x
    bias: NDArray[np.float64] = np.exp(found[0]) * (found[1:] - found[1:].mean())
    return bias


def reason_against(sets: Sequence[LabelledLogits], bias: NDArray[np.float64], pictures: int) -> str:
    """Why a bias had better not be applied; "" where it may be.

    Args:
        sets: what it was fitted on.
        bias: float64 (labels,).
        pictures: number of different pictures in the sets, >= 1: one on a tray is no further witness.
    """
    none = np.zeros_like(bias)
    before, after = (sum(len(one.targets) * one.accuracy(each) for one in sets) for each in (none, bias))
    if round(after) < round(before):
        return f"the vote is right on {round(after)} with it, on {round(before)} without"
    gain = 2 * pictures * (_least_loss(sets, none) - _least_loss(sets, bias))
    chance = float(chi2.sf(max(gain, 0.0), len(bias) - 1))
    if chance > CHANCE:
        return f"{pictures} pictures cannot tell it from chance (likelihood ratio test: {chance:.2f})"
    return ""


def _least_loss(sets: Sequence[LabelledLogits], bias: NDArray[np.float64]) -> float:
    """Mean cross-entropy of the sets at the temperature that suits them best."""
    found = minimize_scalar(
        lambda log: float(np.mean([one.loss(float(np.exp(log)), bias) for one in sets])), bounds=LOG_TEMPERATURES
    )
    return float(found.fun)


def apply_logit_adjustment(folder: RunFolder, model: keras.Model) -> None:
    """Fit a finished run's bias on its validation pictures, add it to its best model's last layer, and write ``bias.json``.

    Where the pictures speak against it or cannot tell (``reason_against``), the bias is 0 and the log says why.
    The pictures are the photographs through the chosen view, and their items on synthetic trays
    (``train.views.synthetic_trays``).

    Args:
        folder: of the run.
        model: the run's best; its last layer is changed and saved.

    Raises:
        DataError: no validation picture can be read.
    """
    labels = folder.load_labels()
    pictures = pictures_in_part(folder, "val")
    samples: dict[str, list[EvaluationSample]] = {
        source: photograph_samples([one for one in pictures if one.data_set == source])
        for source in sorted({one.data_set for one in pictures})
    }
    samples[TRAYS] = photograph_tray_samples(pictures, labels, folder.load_settings().cache_side)
    predictor = predictor_from_model(model, folder.path.name, labels, load_view(folder))
    logits = {}
    for name, own in samples.items():
        if not own:
            continue
        try:
            predictions = predict_samples(predictor, own)
        except DataError:
            log.warning("bias: none of the %d pictures of %s can be read: the set is left out", len(own), name)
            continue
        logits[name] = LabelledLogits(predictions.logits, predictions.targets)
    if not logits:
        raise DataError("data: no readable validation picture to adjust the logits with")
    sets = [*logits.values()]
    bias = fit_logit_adjustment(sets)
    witnesses = sum(len(one.targets) for name, one in logits.items() if name != TRAYS) or len(logits[TRAYS].targets)
    if reason := reason_against(sets, bias, witnesses):
        bias = np.zeros_like(bias)
    head = model.get_layer(HEAD_NAME)
    kernel, old = head.get_weights()
    head.set_weights([kernel, old + bias.astype(np.float32)])
    save_model(model, folder.best_file)
    rows = {
        name: {
            "pictures": len(one.targets),
            "before": round(one.accuracy(np.zeros_like(bias)), 4),
            "after": round(one.accuracy(bias), 4),
        }
        for name, one in logits.items()
    }
    values = dict(zip(labels, bias.round(4).tolist(), strict=True))
    report = {"bias": values, "reason_against": reason, "accuracy": rows}
    write_text(folder.bias_file, json.dumps(report, indent=1) + "\n")
    if reason:
        log.info("no bias is applied: %s", reason)
        return
    log.info("bias: %s", ", ".join(f"{label} {value:+.2f}" for label, value in values.items()))
    for name, row in rows.items():
        log.info("  %s (%d): vote %.3f, before %.3f", name, row["pictures"], row["after"], row["before"])
