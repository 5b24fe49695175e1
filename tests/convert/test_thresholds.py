"""Thresholds from a target: no more is promised than was counted, and as much is let through as the target allows."""

import io
import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("keras", reason="conversion needs the training packages")

from rich.console import Console

from convert.conversion import calibrate
from convert.manifest_draft import suggested_bins
from convert.measuring.answers import ModelAnswers
from convert.measuring.parity import Parity
from convert.measuring.split_answers import SplitAnswers
from convert.measuring.thresholds import LEAST_ITEMS, bin_confusion, choose_threshold, choose_thresholds, wilson_upper
from convert.options import ThresholdTargets
from edge.inference.manifest import Manifest, OutOfDistributionSpec
from tests.builders.configuration import BINS
from tests.builders.models import make_manifest
from tests.builders.values import LABELS

items = st.lists(
    st.tuples(st.sampled_from([0.7, 0.75, 0.8, 0.9, 0.99]) | st.floats(0.67, 1), st.booleans()),
    min_size=LEAST_ITEMS,
    max_size=80,
)


@given(items, st.floats(0, 0.5))
def test_no_lower_threshold_meets_the_target_and_no_other_gets_nearer(
    found: list[tuple[float, bool]], target: float
) -> None:
    belief, right = np.array([one for one, _ in found]), np.array([one for _, one in found])
    threshold = choose_threshold(belief, right, target)
    assert threshold is not None
    kept = belief >= threshold.min_probability
    assert kept.sum() == threshold.items >= LEAST_ITEMS
    assert (~right[kept]).sum() == threshold.wrong
    assert threshold.target_met == (threshold.contamination <= target)
    for other in np.unique(belief):
        also = belief >= other
        share = float((~right[also]).mean())
        if also.sum() < LEAST_ITEMS:
            continue
        if threshold.target_met:
            assert also.sum() <= threshold.items or share > target
        else:
            assert share > target
            assert share >= threshold.contamination


@given(items, st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_stricter_target_never_lets_more_through(found: list[tuple[float, bool]], one: float, other: float) -> None:
    belief, right = np.array([share for share, _ in found]), np.array([good for _, good in found])
    strict, loose = (choose_threshold(belief, right, target) for target in sorted((one, other)))
    assert strict is not None
    assert loose is not None
    assert strict.items <= loose.items or not (strict.target_met and loose.target_met)


def test_by_hand() -> None:
    belief = np.linspace(0.99, 0.70, 30)
    right = np.ones(30, bool)
    right[[24, 25]] = False
    assert choose_threshold(belief, right, 0.07).items == 30  # type: ignore[union-attr]
    cut = choose_threshold(belief, right, 0.02)
    assert cut is not None
    assert (cut.items, cut.wrong, cut.target_met) == (24, 0, True)
    assert belief[24] < cut.min_probability < belief[23]
    right[0] = False
    nearest = choose_threshold(belief, right, 0.02)
    assert nearest is not None
    assert (nearest.items, nearest.wrong, nearest.target_met) == (24, 1, False)


def test_too_few_items_choose_nothing() -> None:
    assert choose_threshold(np.full(LEAST_ITEMS - 1, 0.9), np.ones(LEAST_ITEMS - 1, bool), 0.02) is None


@pytest.mark.parametrize(
    ("hits", "count", "upper"), [(0, 10, 0.2775), (1, 10, 0.4042), (2, 100, 0.0700), (10, 10, 1.0)]
)
def test_wilsons_upper_bound(hits: int, count: int, upper: float) -> None:
    """As statsmodels' proportion_confint(..., method="wilson") gives it."""
    assert wilson_upper(hits, count) == pytest.approx(upper, abs=5e-4)


def part(seed: int, count: int = 600, noise: float = 2.2) -> SplitAnswers:
    """Answers that are mostly right, and surer when they are."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, len(LABELS), count)
    answers = random.normal(0, noise, (count, 1, len(LABELS))) + random.normal(0, 0.3, (count, 4, len(LABELS)))
    answers[np.arange(count), :, targets] += 6
    return SplitAnswers(Parity(1.0, 1.0, 1.0, count), answers.astype(np.float32), targets)


def test_the_bin_keeps_what_the_thresholds_promise() -> None:
    manifest: Manifest = make_manifest(bins=BINS, min_confidence=0.3)
    val = part(1)
    before = bin_confusion(manifest, val)
    chosen = choose_thresholds(manifest, [val], 0.02)
    assert set(chosen) == {"glass", "packaging", "paper"}
    least = {name: one.min_probability for name, one in chosen.items() if one is not None}
    after = bin_confusion(manifest.model_copy(update={"bin_confidence": least}), val)
    assert before.contamination[:-1].max() > 0.02, "the target would be met without any threshold"
    assert after.contamination[:-1].max() <= 0.02
    for name, one in chosen.items():
        assert one is not None
        assert one.target_met
        assert after.counts[:, after.bins.index(name)].sum() == one.items
    assert (after.capture[:-1] > 0.5).all()


def test_a_model_without_a_recycling_bin_says_so_in_place_of_an_empty_table() -> None:
    manifest = make_manifest(bins=dict.fromkeys(LABELS, "residual"))
    logits = part(1).logits
    answers = ModelAnswers(parts={"val": part(1)}, trays=None, unknown={"low": logits[:40] * 0.1})
    console = Console(record=True, width=200, file=io.StringIO())
    calibrate(manifest, answers, ThresholdTargets()).show(1, console)
    text = console.export_text()
    assert "no recycling bin: every label belongs into the residual bin" in text
    assert "chosen on" not in text


def test_usual_bins_are_suggested_in_any_case_and_labels_without_one_are_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, logger="convert"):
        bins = suggested_bins(("Glass", "PAPER", "Alu Dose", "holz"), {"holz": "wood"})
    assert bins == {"Glass": "glass", "PAPER": "paper", "holz": "wood"}
    assert "labels without a usual bin: Alu Dose;" in caplog.text
    assert "--bin 'Alu Dose=BIN'" in caplog.text


def test_thresholds_hold_over_all_parts_together() -> None:
    manifest: Manifest = make_manifest(bins=BINS, min_confidence=0.3)
    easy, hard = part(3, noise=1.8), part(4, noise=3.0)
    alone, both = (choose_thresholds(manifest, parts, 0.02) for parts in ([easy], [easy, hard]))
    least = {name: one.min_probability for name, one in both.items() if one is not None}
    counts = sum(
        bin_confusion(manifest.model_copy(update={"bin_confidence": least}), one).counts for one in (easy, hard)
    )
    assert len(least) == 3
    for row, (name, one) in enumerate(both.items()):
        before = alone[name]
        assert one is not None
        assert before is not None
        assert one.min_probability > before.min_probability, "the harder part asks for more"
        assert counts[:, row].sum() == one.items
        assert 1 - counts[row, row] / one.items <= 0.02


def test_what_is_unknown_has_no_say_in_the_thresholds() -> None:
    """It never reaches a recycling bin, so it contaminates none."""
    val = part(2)
    val.logits[:60] *= 0.02
    manifest = make_manifest(bins=BINS, unknown=OutOfDistributionSpec(score="max_logit", least=1.0))
    known = bin_confusion(manifest, val)
    assert known.counts[:, -1].sum() >= 60
    assert sum(one.items for one in choose_thresholds(manifest, [val], 1.0).values() if one) <= 540
