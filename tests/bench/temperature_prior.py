"""What the prior of the temperature and the least gain are worth: few pictures choose the temperature, the others judge it.

``python -m tests.bench.temperature_prior MODEL.tflite DIR``, DIR with pictures that the model has not learnt from.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.measuring.prior import shipped_prior
from convert.measuring.temperature import fit_temperature
from train.data.pictures import find_data, spelt_as
from train.measuring.metrics import Calibration, vote_probabilities
from train.measuring.predictions import predict_samples
from train.measuring.predictor import predictor_from_bundle
from train.measuring.samples import photograph_samples

CHOOSING = (12, 30, 48)
"""Numbers of pictures that choose."""
DRAWS = 300
GRID = np.exp(np.linspace(np.log(0.05), np.log(4), 90))
"""Temperatures among which the one without a prior is searched: the range that conversion had before it had a prior."""

Choose = Callable[[NDArray[np.float32], NDArray[np.int64]], float]


def losses(logits: NDArray[np.float32], targets: NDArray[np.int64], temperature: float) -> NDArray[np.float64]:
    """Cross-entropy of the vote for each picture, in nats."""
    shares = vote_probabilities(logits, temperature)[np.arange(len(targets)), targets]
    found: NDArray[np.float64] = -np.log(np.maximum(shares, 1e-12))
    return found


def without_prior(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """The temperature with the lowest cross-entropy."""
    return float(GRID[np.argmin([losses(logits, targets, float(one)).mean() for one in GRID])])


def judge(logits: NDArray[np.float32], targets: NDArray[np.int64], count: int, choose: Choose) -> str:
    """Means over the pictures that did not choose, their 95th percentile over the draws, and nine temperatures in ten."""
    random = np.random.default_rng(0)
    temperatures, held_out, errors, worse = [], [], [], 0
    for _ in range(DRAWS):
        order = random.permutation(len(targets))
        few, rest = order[:count], order[count:]
        temperatures.append(choose(logits[few], targets[few]))
        held_out.append(losses(logits[rest], targets[rest], temperatures[-1]).mean())
        errors.append(calibration_error(logits[rest], targets[rest], temperatures[-1]))
        worse += errors[-1] > calibration_error(logits[rest], targets[rest], 1.0) + 1e-9
    low, high = np.quantile(temperatures, [0.05, 0.95])
    return (
        f"cross-entropy {np.mean(held_out):.3f} ({np.quantile(held_out, 0.95):.3f}), "
        f"calibration error {np.mean(errors):.3f} ({np.quantile(errors, 0.95):.3f}), worse than uncalibrated in "
        f"{100 * worse / DRAWS:.0f} % of the draws, T {low:.2f} to {high:.2f}"
    )


def calibration_error(logits: NDArray[np.float32], targets: NDArray[np.int64], temperature: float) -> float:
    """Expected calibration error of the vote, 0..1."""
    return Calibration.of(vote_probabilities(logits, temperature), targets).error


def main() -> None:
    """Print a line for each number of pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    predictor, prior = predictor_from_bundle(options.model), shipped_prior()
    pictures = spelt_as(find_data([options.data]).pictures, predictor.labels)
    answers = predict_samples(predictor, photograph_samples(pictures))
    logits, targets = answers.logits[answers.is_known], answers.targets[answers.is_known]
    right = (vote_probabilities(logits).argmax(axis=1) == targets).mean()
    print(f"{len(targets)} pictures, {100 * right:.1f} % right")
    for count in CHOOSING:
        for name, choose in {
            "uncalibrated": lambda few, own: 1.0,
            "without a prior": without_prior,
            "with it": lambda few, own: fit_temperature(few, own, prior),
        }.items():
            print(f"{count} choose: {name}: {judge(logits, targets, count, choose)}", flush=True)


if __name__ == "__main__":
    main()
