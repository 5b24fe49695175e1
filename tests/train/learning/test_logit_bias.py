"""A label's bias: found where there is one, small where there are few pictures, kept in the last layer."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import example
from hypothesis import given as for_all
from hypothesis import settings as limits
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from edge.errors import PictureError
from hardware.frame import Pixels
from train.errors import DataError
from train.learning.finalize import finalize_run
from train.learning.logit_bias import (
    PRIOR_STANDARD_DEVIATION,
    TRAYS,
    LabelledLogits,
    fit_logit_adjustment,
    reason_against,
)
from train.measuring.samples import EvaluationSample
from train.network.model import HEAD_NAME
from train.runs.run_folder import RunFolder

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def answers(seed: int, shares: list[int], lean: list[float], looks: int = 1) -> LabelledLogits:
    """Logits that speak for the right label as honestly as evidence with normal noise can, and a lean to some labels."""
    random = np.random.default_rng(seed)
    targets = np.repeat(np.arange(len(shares)), shares)
    # With noise of variance v, a step of v is the logarithm of the likelihood ratio: the best bias is 0.
    logits = random.normal(0, 1.4, (len(targets), 1, len(shares))).repeat(looks, axis=1)
    logits[np.arange(len(targets)), :, targets] += 1.4**2
    return LabelledLogits((logits + np.array(lean)).astype(np.float32), targets)


def test_a_lean_is_found_and_taken_back() -> None:
    one = answers(0, [400, 400, 400], [0.0, 1.0, -1.0])
    bias = fit_logit_adjustment([one])
    np.testing.assert_allclose(bias, [0.0, -1.0, 1.0], atol=0.3)
    assert one.accuracy(bias) > one.accuracy(np.zeros(3)) + 0.02


def test_rare_labels_count_as_much_as_others() -> None:
    assert np.abs(fit_logit_adjustment([answers(1, [900, 100, 100], [0.0, 0.0, 0.0])])).max() < 0.25


def test_sets_count_alike_whatever_their_size() -> None:
    large, small = answers(2, [600, 600], [1.0, -1.0]), answers(3, [100, 100], [-1.0, 1.0])
    assert np.abs(fit_logit_adjustment([large, small])).max() < 0.35


def test_a_label_that_a_set_lacks_is_no_hindrance() -> None:
    bias = fit_logit_adjustment(
        [answers(4, [200, 200, 200], [0.0, 1.0, -1.0]), answers(5, [200, 200, 0], [0.0, 1.0, -1.0])]
    )
    assert bias[1] < -0.25
    assert bias[2] > 0.25


def test_a_bias_needs_pictures_that_tell_it_from_chance() -> None:
    lean = [0.0, 1.0, -1.0]
    for each, told in ((4, True), (300, False)):
        one = answers(7, [each] * 3, lean)
        reason = reason_against([one, one], fit_logit_adjustment([one, one]), 3 * each)
        assert bool(reason) == told, reason
    honest = answers(8, [11] * 3, [0.0, 0.0, 0.0])
    assert "cannot tell it from chance" in reason_against([honest], fit_logit_adjustment([honest]), 33)
    many = answers(9, [300] * 3, [0.0, 0.0, 0.0])
    assert "right on" in reason_against([many], np.array([2.0, -1.0, -1.0]), 900)


def test_few_pictures_move_it_little() -> None:
    few, many = (np.abs(fit_logit_adjustment([answers(6, [each, each], [2.0, -2.0])])).max() for each in (3, 300))
    assert few < many


@limits(max_examples=25, deadline=None)
@example(seed=290716, shares=[6, 0], looks=1, strength=50.0)  # the line search meets a slope of 0
@for_all(
    seed=st.integers(0, 10**6),
    shares=st.lists(st.integers(0, 6), min_size=2, max_size=5).filter(any),
    looks=st.integers(1, 4),
    strength=st.sampled_from([0.0, 1.0, 50.0]),
)
def test_any_answers_give_a_finite_bias_of_mean_zero(seed: int, shares: list[int], looks: int, strength: float) -> None:
    one = answers(seed, shares, [0.0] * len(shares), looks)
    bias = fit_logit_adjustment([LabelledLogits(one.logits * np.float32(strength), one.targets)])
    assert np.isfinite(bias).all()
    assert abs(bias.mean()) < 1e-6 * max(1.0, float(np.abs(bias).max()))


@pytest.fixture(scope="module")
def run(run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A copy of the finished run, to be changed."""
    return RunFolder(shutil.copytree(run.path, tmp_path_factory.mktemp("runs") / "run"))


def head(folder: RunFolder) -> NDArray[np.float32]:
    shift: NDArray[np.float32] = folder.load_best().get_layer(HEAD_NAME).get_weights()[1]
    return shift


def test_a_finished_run_is_balanced_once(run: RunFolder) -> None:
    told, before = json.loads(run.bias_file.read_text()), head(run)
    assert told["bias"] == {"glass": 0, "paper": 0}
    assert "6 pictures cannot tell it from chance" in told["reason_against"]
    assert set(told["accuracy"]) == {"made-up", TRAYS}
    assert told["accuracy"]["made-up"]["pictures"] == 6
    finalize_run(run)
    np.testing.assert_array_equal(head(run), before)


def test_the_bias_is_in_the_models_last_layer(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("train.learning.logit_bias.CHANCE", 1.0)  # six pictures tell nothing
    before, bias = head(run), json.loads(run.bias_file.read_text())["bias"]
    model = run.load_best()
    kernel, shift = model.get_layer(HEAD_NAME).get_weights()
    # One label called too often: a second balance takes some of it back.
    model.get_layer(HEAD_NAME).set_weights([kernel, shift + np.array([3.0, -3.0], np.float32)])
    model.save(run.best_file)
    run.bias_file.unlink()
    finalize_run(run)
    again = json.loads(run.bias_file.read_text())["bias"]
    assert again["glass"] < bias["glass"] - PRIOR_STANDARD_DEVIATION
    np.testing.assert_allclose(head(run), before + np.array([3.0 + again["glass"], again["paper"] - 3.0]), atol=1e-3)


def refuse() -> Pixels:
    raise PictureError("broken: it ends too early")


def test_a_set_that_cannot_be_read_is_left_out(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = [EvaluationSample("broken", "glass", refuse)]
    monkeypatch.setattr("train.learning.logit_bias.photograph_tray_samples", lambda pictures, labels, side: broken)
    run.bias_file.unlink()
    with caplog.at_level("WARNING"):
        finalize_run(run)
    assert "none of the 1 pictures of on trays" in caplog.text
    assert set(json.loads(run.bias_file.read_text())["accuracy"]) == {"made-up"}
    monkeypatch.setattr("train.learning.logit_bias.photograph_samples", lambda pictures: broken)
    run.bias_file.unlink()
    with pytest.raises(DataError, match="no readable validation picture"):
        finalize_run(run)
