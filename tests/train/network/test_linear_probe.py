"""Linear probe: finds what features tell, on any scale of them, and no data set drowns another."""

import numpy as np
import pytest

from train.network.linear_probe import balanced_weights, fit_probe


def clouds(each: int, labels: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features of several labels that lie apart, some of them tiny, some huge, some constant."""
    random = np.random.default_rng(seed)
    targets = np.repeat(np.arange(labels), each)
    features = np.eye(labels, 8)[targets] * 4 + random.normal(0, 0.4, (len(targets), 8))
    scales = np.array([1e-3, 1.0, 50.0, 1.0, 1.0, 1.0, 0.0, 1.0])
    return (features * scales + 3).astype(np.float32), targets


@pytest.mark.parametrize("labels", [2, 3, 5])
def test_labels_that_lie_apart_are_told_apart(labels: int) -> None:
    features, targets = clouds(30, labels)
    probe = fit_probe(features, targets, ["one"] * len(targets), labels)
    held_out, truth = clouds(20, labels, seed=1)
    logits = probe.logits(held_out)
    assert logits.shape == (20 * labels, labels)
    assert (logits.argmax(axis=1) == truth).mean() > 0.95


def test_a_label_without_pictures_is_never_said() -> None:
    features, targets = clouds(30, 2)
    probe = fit_probe(features, targets * 2, ["one"] * len(targets), 4)  # labels 0 and 2 of four
    answers = probe.logits(np.concatenate([features, features * 3, -features])).argmax(axis=1)
    assert set(answers.tolist()) <= {0, 2}


def test_every_label_and_every_set_of_a_label_weighs_the_same() -> None:
    targets = np.array([0] * 90 + [0] * 10 + [1] * 7)
    sets = ["large"] * 90 + ["small"] * 10 + ["large"] * 7
    weights = balanced_weights(targets, sets)
    assert weights.mean() == pytest.approx(1.0)
    assert weights[:90].sum() == pytest.approx(weights[90:100].sum())
    assert weights[:100].sum() == pytest.approx(weights[100:].sum())


def test_a_small_set_changes_what_a_large_one_would_say() -> None:
    random = np.random.default_rng(2)
    # In the large set the first feature tells the labels apart, in the small one the second, and there the first misleads.
    large = np.stack([np.repeat([-1.0, 1.0], 200), random.normal(0, 1, 400)], axis=1)
    small = np.stack([np.repeat([0.3, -0.3], 10), np.repeat([-1.0, 1.0], 10)], axis=1)
    features = np.concatenate([large, small]).astype(np.float32)
    targets = np.array([0] * 200 + [1] * 200 + [0] * 10 + [1] * 10)
    sets = ["large"] * 400 + ["small"] * 20
    probe = fit_probe(features, targets, sets, 2, strength=1.0)
    assert (probe.logits(small.astype(np.float32)).argmax(axis=1) == targets[400:]).all()
    alone = fit_probe(features[:400], targets[:400], sets[:400], 2, strength=1.0)
    assert (alone.logits(small.astype(np.float32)).argmax(axis=1) == targets[400:]).mean() < 0.5


def test_a_feature_that_hardly_varies_leaves_the_others_their_steps_in_8_bits() -> None:
    random = np.random.default_rng(4)
    targets = np.repeat([0, 1, 2], 40)
    telling = np.eye(3)[targets] + random.normal(0, 0.2, (120, 3))
    hardly = np.eye(3)[targets][:, :1] * 2e-4 + random.normal(0, 5e-5, (120, 1))
    features = np.concatenate([telling, hardly], axis=1).astype(np.float32)
    probe = fit_probe(features, targets, ["one"] * 120, 3)
    step = np.abs(probe.kernel).max(axis=0) / 127
    rounded = np.rint(probe.kernel / step) * step
    assert ((features @ rounded + probe.bias).argmax(axis=1) == targets).mean() > 0.95
