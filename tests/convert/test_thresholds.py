"""Thresholds from a target: no more is promised than was counted, and as much is let through as the target allows."""

import io
import logging
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("keras", reason="conversion needs the training packages")

from rich.console import Console

from convert.conversion import calibrate
from convert.manifest_draft import suggested_bins
from convert.measuring.answers import ModelAnswers
from convert.measuring.parity import Parity
from convert.measuring.prior import LEAST_CONFIDENCE, CalibrationPrior, shipped_prior
from convert.measuring.promise import Promise
from convert.measuring.split_answers import SplitAnswers
from convert.measuring.thresholds import LEAST_ITEMS, bin_confusion, choose_threshold, choose_thresholds
from convert.next_steps import configuration_lines, next_steps
from convert.options import ThresholdTargets
from edge.inference.manifest import Manifest, OutOfDistributionSpec
from tests.builders.configuration import BINS
from tests.builders.models import make_manifest
from tests.builders.values import LABELS
from train.measuring.configured_bins import ConfiguredBins

NO_PRIOR = CalibrationPrior(1.0, 0.0, {})

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


@settings(max_examples=40)
@given(items, st.floats(0, 0.5), st.floats(0, 1), st.sampled_from([1, 2]))
def test_no_threshold_is_lower_than_the_usual_one_unless_the_items_prove_it(
    found: list[tuple[float, bool]], target: float, usual: float, looks: int
) -> None:
    belief, right = np.array([one for one, _ in found]), np.array([one for _, one in found])
    counted = choose_threshold(belief, right, target)
    threshold = choose_threshold(belief, right, target, usual=usual, looks=looks)
    assert threshold is not None
    assert counted is not None
    assert threshold.items <= counted.items, "what had to be kept out stays out"
    assert threshold.min_probability >= usual or threshold.is_proven
    assert (threshold.items, threshold.wrong) == (
        (belief >= threshold.min_probability).sum(),
        (~right[belief >= threshold.min_probability]).sum(),
    )
    assert threshold.contamination <= threshold.contamination_upper


def test_the_usual_threshold_holds_until_the_items_are_enough_to_prove_another() -> None:
    few, many = (choose_threshold(np.full(n, 0.8), np.ones(n, bool), 0.02, usual=0.9) for n in (148, 149))
    assert few is not None
    assert many is not None
    # 0.98 to the power of 148 is just above one in twenty.
    assert (few.min_probability, few.items, many.min_probability) == (0.9, 0, 0.8)
    # The same things on trays are no further witnesses.
    doubled = choose_threshold(np.full(298, 0.8), np.ones(298, bool), 0.02, usual=0.9, looks=2)
    assert doubled is not None
    assert doubled.min_probability == 0.8
    assert choose_threshold(np.full(296, 0.8), np.ones(296, bool), 0.02, usual=0.9, looks=2).items == 0  # type: ignore[union-attr]


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
    chosen = choose_thresholds(manifest, [val], 0.02, NO_PRIOR)
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
    assert f"no recycling bin: every label ({', '.join(LABELS)}) belongs into the residual bin" in text
    assert "chosen on" not in text
    assert "the vote names" in text
    assert "it is weakest at" in text.lower()


def all_right(each: int) -> SplitAnswers:
    """``each`` pictures of every label, all answered rightly and surely."""
    targets = np.repeat(np.arange(len(LABELS)), each)
    logits = np.full((len(targets), 4, len(LABELS)), -3.0, np.float32)
    logits[np.arange(len(targets)), :, targets] = 3
    return SplitAnswers(Parity(1.0, 1.0, 1.0, len(targets)), logits, targets)


def test_a_few_pictures_that_are_all_right_promise_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Fifty pictures a label leave eight to choose on: the best temperature of such is 0, the lowest threshold 0."""
    few, prior = all_right(8), shipped_prior()
    answers = ModelAnswers(parts={"val": few, "test": few}, trays=few, unknown={"surer": 2 * few.logits[:40]})
    report = calibrate(make_manifest(bins=BINS), answers, ThresholdTargets())
    assert 0.5 * prior.temperature < report.manifest.temperature <= 1
    assert report.manifest.min_confidence == prior.min_confidence
    assert min(report.manifest.bin_confidence.values()) >= LEAST_CONFIDENCE
    # Sure answers do not raise a threshold either.
    assert report.manifest.bin_confidence["paper"] == prior.least(frozenset({"paper", "cardboard"}))
    assert "contamination of 2 % cannot be promised" in caplog.text
    assert caplog.text.count("cannot be promised") == caplog.text.count("is used instead, unproven")
    assert "0 of 32 validation items wrong, so that 17 % cannot be excluded" in caplog.text
    assert "UNKNOWN THINGS ARE NOT TOLD FROM KNOWN ONES: surer (AUROC 0.00" in caplog.text
    assert report.manifest.unknown is None
    console = Console(record=True, width=200, file=io.StringIO())
    report.show(1, console)
    text = console.export_text()
    assert "with 8 pictures of glass in the check, 8 in their bin, the true capture lies between 63 and 100 %" in text
    assert "the fewest now are 8" in text


def test_more_pictures_promise_more_and_enough_of_them_nothing_less() -> None:
    promises = [Promise.of(make_manifest(bins=BINS), {"val": all_right(each)}) for each in (4, 8, 100)]
    widths = [promise.capture["glass"].width for promise in promises]
    assert widths == sorted(widths, reverse=True)
    assert [len(promise.sentences()) > 2 for promise in promises] == [True, True, False]
    accuracy, weakest = promises[-1].sentences()
    assert accuracy == "the vote names 600 of 600 pictures rightly: 100.0 % (99 to 100 %) of all such pictures"
    assert weakest.startswith("No label is mistaken")
    assert promises[0].part == "val"


LAYOUT = ConfiguredBins(
    Path("own.yaml"), ("glass", "paper", "rest"), "rest", {"glass": "glass", "paper": "paper", "trash": "rest"}
)


def test_the_lines_for_the_configuration_can_be_copied() -> None:
    labels = ("Glass", "trash", "no", "a: b", "wood")
    bins = {**LAYOUT.suggest(labels), "wood": "wood"}
    assert bins == {"Glass": "glass", "trash": "residual", "wood": "wood"}
    lines = configuration_lines(Path("/models/my bin.tflite"), labels, bins, LAYOUT)
    assert yaml.safe_load("\n".join(lines)) == {
        "model": {"file": "/models/my bin.tflite"},
        "decision": {"labels": {"Glass": "glass", "trash": "rest", "no": "rest", "a: b": "rest", "wood": "wood"}},
    }
    text = "\n".join(lines)
    assert text.count("choose one of glass, paper, rest") == 2
    assert "wood: wood  # this bin needs an entry of its own" in text


def test_bins_are_chosen_before_thresholds_and_whoever_has_none_is_told() -> None:
    chosen = {"glass": "glass", "trash": "residual"}
    assert next_steps(Path("m.tflite"), ("glass", "trash"), chosen, LAYOUT)[0].startswith("Into the bin:")
    told = next_steps(Path("m.tflite"), ("glass", "can", "cup", "trash"), chosen, LAYOUT)[0]
    assert told.startswith("First choose a bin for can, cup (--bin LABEL=BIN, or decision.labels of config.yaml)")
    assert "thresholds belong to bins" in told


@pytest.mark.parametrize(("label", "is_hazard"), [("battery", True), ("AA Batteries", True), ("glass", False)])
def test_a_label_that_may_be_a_hazard_gets_its_line(label: str, is_hazard: bool) -> None:
    text = "\n".join(configuration_lines(Path("m.tflite"), (label, "paper"), {}, LAYOUT))
    assert (f"  # hazards: [{label}]  # take away the first #" in text) == is_hazard
    assert yaml.safe_load(text.replace("# hazards", "hazards"))["decision"].get("hazards") == (
        [label] if is_hazard else None
    )


def test_usual_bins_are_suggested_in_any_case_and_labels_without_one_are_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, logger="convert"):
        bins = suggested_bins(("Glass", "PAPER", "Alu Dose", "holz"), LAYOUT, {"holz": "wood"})
    assert bins == {"Glass": "glass", "PAPER": "paper", "holz": "wood"}
    assert "labels without a bin in own.yaml: Alu Dose;" in caplog.text
    assert "--bin 'Alu Dose=BIN'" in caplog.text


def test_thresholds_hold_over_all_parts_together() -> None:
    manifest: Manifest = make_manifest(bins=BINS, min_confidence=0.3)
    easy, hard = part(3, noise=1.8), part(4, noise=3.0)
    alone, both = (choose_thresholds(manifest, parts, 0.02, NO_PRIOR) for parts in ([easy], [easy, hard]))
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
    assert sum(one.items for one in choose_thresholds(manifest, [val], 1.0, NO_PRIOR).values() if one) <= 540


def test_labels_without_a_bin_get_a_range_too() -> None:
    answers = all_right(8)
    answers.logits[:3] *= -1
    promise = Promise.of(make_manifest(bins=dict.fromkeys(LABELS, "residual")), {"test": answers})
    accuracy, weakest, first, *_ = promise.sentences()
    label = LABELS[0]
    assert accuracy == "the vote names 45 of 48 pictures rightly: 82 to 99 % of all such pictures"
    assert weakest.startswith(f"It is weakest at {label}: 5 of 8 are recognised (24 to 92 % of all such)")
    assert first == f"with 8 pictures of {label} in the check, 5 recognised, the true share lies between 24 and 92 %"
    assert promise.as_dict()["recognised"][label] == {"hits": 5, "count": 8, "low": 0.2449, "high": 0.9148}
