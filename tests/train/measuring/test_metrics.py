"""Measures against scikit-learn, against sums by hand, and for what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("sklearn", reason="install the train extra")

from sklearn import metrics as sklearn_metrics

from train.measuring.metrics import (
    Calibration,
    ClassificationScore,
    RiskCoverage,
    auroc,
    paired_difference,
    vote_probabilities,
)

LABELS = ("glass", "metal", "paper", "trash")
seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, pictures: int = 60) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Coarse logits (n, 3 looks, labels), as an int8 model has them, that know something of the targets (n,)."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, len(LABELS), pictures)
    logits = random.normal(0, 2, (pictures, 3, len(LABELS))) + 2 * np.eye(len(LABELS))[targets][:, None]
    return (np.rint(logits * 2) / 2).astype(np.float32), targets


@given(seeds)
def test_scores_are_those_of_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    targets, predicted = random.integers(0, 4, (2, 40))
    score = ClassificationScore.of(targets, predicted, LABELS)
    for mean, ours in (("macro", score.macro), ("weighted", score.weighted)):
        # Labels that do not occur have no say.
        wanted = sklearn_metrics.precision_recall_fscore_support(
            targets, predicted, labels=np.unique(targets), average=mean, zero_division=0
        )
        assert [ours(score.precision), ours(score.recall), ours(score.f1)] == pytest.approx(wanted[:3])
    assert score.weighted(score.recall) == pytest.approx(score.accuracy)
    told = score.as_dict()
    assert told["weighted"] == {
        "recall": round(score.weighted(score.recall), 4),
        "precision": round(score.weighted(score.precision), 4),
        "f1": round(score.weighted(score.f1), 4),
    }


@given(seeds, st.floats(0.2, 5))
def test_the_vote_is_the_mean_of_softmaxes(seed: int, temperature: float) -> None:
    logits, _ = drawn(seed)
    shares = vote_probabilities(logits, temperature)
    assert shares.sum(axis=1) == pytest.approx(1)
    assert shares.min() >= 0
    alone = [vote_probabilities(logits[:, look : look + 1], temperature) for look in range(3)]
    assert shares == pytest.approx(np.mean(alone, axis=0))
    # Temperature changes how sure one look is, never what it says.
    best = logits[:, 0].max(axis=1)
    assert (logits[np.arange(len(logits)), 0, alone[0].argmax(axis=1)] == best).all()


@given(seeds)
def test_calibration_error_is_the_mean_gap(seed: int) -> None:
    logits, targets = drawn(seed)
    shares = vote_probabilities(logits)
    calibration = Calibration.of(shares, targets)
    gap, confidence = 0.0, shares.max(axis=1)
    for step in range(10):
        inside = (confidence >= step / 10) & ((confidence < (step + 1) / 10) | (step == 9))
        gap += abs(float((confidence - (shares.argmax(axis=1) == targets))[inside].sum())) / len(targets)
    assert calibration.error == pytest.approx(gap, abs=1e-9)
    assert calibration.pictures.sum() == len(targets)
    assert calibration.accuracy @ calibration.pictures == pytest.approx((shares.argmax(axis=1) == targets).sum())


def test_calibration_by_hand() -> None:
    # Three answers at 0.9, of which two are right; one at 0.55, wrong.
    shares = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.55, 0.45]])
    calibration = Calibration.of(shares, np.array([0, 0, 0, 1]))
    assert calibration.pictures.tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0, 3]
    assert calibration.accuracy[9] == pytest.approx(2 / 3)
    assert calibration.error == pytest.approx(0.75 * (0.9 - 2 / 3) + 0.25 * 0.55)
    sure = Calibration.of(np.array([[1.0, 0.0]]), np.array([0]))
    assert sure.error == 0


@given(seeds)
def test_risk_does_not_depend_on_the_order_of_the_pictures(seed: int) -> None:
    random = np.random.default_rng(seed)
    confidence, right = random.integers(1, 6, 50) / 5, random.random(50) < 0.7
    curve = RiskCoverage.of(confidence, right)
    order = random.permutation(50)
    assert RiskCoverage.of(confidence[order], right[order]).risk == pytest.approx(curve.risk)
    assert curve.risk_at(1.0) == pytest.approx(1 - right.mean())
    assert 0 <= curve.risk.min() <= curve.aurc <= curve.risk.max() <= 1
    # Nothing beats being sure of what is right, and nothing is worse than the opposite.
    best, worst = RiskCoverage.of(right * 1.0, right), RiskCoverage.of(1.0 - right, right)
    assert best.aurc - 1e-9 <= curve.aurc <= worst.aurc + 1e-9


def test_risk_by_hand() -> None:
    curve = RiskCoverage.of(np.array([0.5, 0.9, 0.7, 0.7]), np.array([False, True, False, True]))
    # 0.9 is right; the two at 0.7 count half a mistake each; 0.5 is wrong.
    assert curve.risk == pytest.approx([0, 0.25, 1 / 3, 0.5])
    assert curve.aurc == pytest.approx((0.25 + 1 / 3 + 0.5) / 4)
    assert [curve.risk_at(share) for share in (0.0, 0.25, 0.5, 0.75, 0.76)] == pytest.approx([0, 0, 0.25, 1 / 3, 0.5])


@given(seeds)
def test_auroc_is_that_of_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    known, unknown = random.integers(0, 9, 30) * 1.0, random.integers(0, 7, 20) * 1.0
    wanted = sklearn_metrics.roc_auc_score([1] * 30 + [0] * 20, [*known, *unknown])
    assert auroc(known, unknown) == pytest.approx(wanted)
    assert auroc(unknown, known) == pytest.approx(1 - wanted)


@given(seeds)
def test_a_difference_is_that_of_the_accuracies_and_its_error_counts_disagreements(seed: int) -> None:
    one, other = np.random.default_rng(seed).integers(0, 2, (2, 60)).astype(bool)
    points, error = paired_difference(one, other)
    assert points == pytest.approx(one.mean() - other.mean())
    better, worse = int((one & ~other).sum()), int((other & ~one).sum())
    assert error == pytest.approx(np.sqrt((better + worse) / 60 - ((better - worse) / 60) ** 2) / np.sqrt(60))
    assert paired_difference(one, one) == (0.0, 0.0)
