"""What the prior of the temperature is worth: few pictures choose it, the others judge it.

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
from train.measuring.metrics import vote_probabilities
from train.measuring.predictions import predict_samples
from train.measuring.predictor import predictor_from_bundle
from train.measuring.samples import photograph_samples

CHOOSING = (12, 24, 48)
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
    """Mean cross-entropy of the pictures that did not choose, its 95th percentile, and nine temperatures in ten."""
    random = np.random.default_rng(0)
    temperatures, held_out = [], []
    for _ in range(DRAWS):
        order = random.permutation(len(targets))
        few, rest = order[:count], order[count:]
        temperatures.append(choose(logits[few], targets[few]))
        held_out.append(losses(logits[rest], targets[rest], temperatures[-1]).mean())
    low, high = np.quantile(temperatures, [0.05, 0.95])
    return f"{np.mean(held_out):.3f} ({np.quantile(held_out, 0.95):.3f}), {low:.2f} to {high:.2f}"


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
        print(f"{count} choose: without a prior {judge(logits, targets, count, without_prior)}")
        with_prior = judge(logits, targets, count, lambda few, own: fit_temperature(few, own, prior))
        print(f"{count} choose: with it {with_prior}")


if __name__ == "__main__":
    main()
