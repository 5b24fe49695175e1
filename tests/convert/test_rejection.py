"""Telling the unknown: the best score is chosen, on one half of the strangers, and told of on the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("keras", reason="conversion needs the training packages")

from pathlib import Path

from convert.measuring.out_of_distribution import DRAWN, SIDE, collect_ood_pictures, draw_hand, read_ood_picture
from convert.measuring.rejection import choose_ood_score
from edge.inference.ood_score import ood_score
from edge.sight.mask import find_mask
from tests.builders.pictures import item_picture, save
from train.errors import DataError
from train.views.backgrounds import plain_background


def logits(seed: int, height: float, count: int = 80) -> np.ndarray:
    """Answers whose largest logit is about ``height``."""
    random = np.random.default_rng(seed)
    answers = random.normal(0, 0.5, (count, 4, 5))
    answers[..., 0] += height
    return answers.astype(np.float32)


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=9), st.floats(0.1, 10))
def test_scores_lie_where_the_literature_says(values: list[float], temperature: float) -> None:
    row = np.array(values, np.float32)
    energy, largest, share = (float(ood_score(row, m, temperature)) for m in ("energy", "max_logit", "max_probability"))
    assert largest == row.max()
    # The energy lies above the largest logit, by T log(labels) at most (Liu et al. 2020).
    assert -1e-6 <= energy - largest <= temperature * np.log(len(row)) + 1e-6
    assert 1 / len(row) - 1e-6 <= share <= 1
    # Moving all logits together changes the energy, but no probability: that is why it can tell more.
    assert float(ood_score(row + 5, "energy", temperature)) == pytest.approx(energy + 5, abs=1e-3)
    assert float(ood_score(row + 5, "max_probability", temperature)) == pytest.approx(share, abs=1e-4)


def test_the_score_that_tells_best_is_chosen_and_known_pictures_stay_known() -> None:
    known = {"val": logits(1, 6), "test": logits(2, 6)}
    # Flat but high: the softmax is fooled by low-and-peaked ones, the energy is not.
    strangers = {"low": logits(3, 6) - 4, "lower": logits(4, 6) - 8}
    choice = choose_ood_score(known, strangers, temperature=1.0, keep=0.95)
    assert choice.unknown is not None
    assert choice.unknown.score in ("energy", "max_logit")
    assert choice.warnings() == []
    aurocs = choice.report["auroc"]["chosen_on"]
    assert aurocs[choice.unknown.score]["mean"] == max(row["mean"] for row in aurocs.values()) > 0.95
    assert aurocs["max_probability"]["mean"] == pytest.approx(0.5, abs=0.1)
    assert 0.95 <= choice.report["stay_known"]["val"] <= 0.97
    assert choice.report["caught"] == pytest.approx({"low": 1.0, "lower": 1.0}, abs=0.03)


def test_one_half_chooses_and_the_other_is_told_of() -> None:
    known = {"val": logits(1, 6), "test": logits(2, 6)}
    mixed = logits(3, 6)
    mixed[::2] -= 8  # the judges are easy, the held-out ones not to be told from known things
    choice = choose_ood_score(known, {"mixed": mixed}, temperature=1.0, keep=0.98)
    report = choice.report["auroc"]
    assert report["chosen_on"]["energy"]["mixed"] == 1.0
    assert report["held_out"]["energy"]["mixed"] == pytest.approx(0.5, abs=0.12)
    assert choice.aurocs == report["held_out"][choice.report["score"]]
    assert choice.aurocs["mean"] <= 0.5
    assert choice.unknown is None, "the half that chose has no say in it"


def test_what_cannot_be_told_is_said_loudly_and_a_limit_that_only_rejects_known_things_is_none() -> None:
    known = {"val": logits(1, 6)}
    surer = choose_ood_score(known, {"surer": logits(3, 8), "low": logits(4, 6) - 0.3}, temperature=1.0, keep=0.98)
    assert surer.unknown is None
    loud, why = surer.warnings()
    assert "surer (AUROC 0.0" in loud
    assert "--unknown DIR" in loud
    assert "no limit for unknown things" in why
    # One kind that is not told is said even where the mean is good.
    mixed = choose_ood_score(known, {"low": logits(3, 6) - 8, "same": logits(4, 6)}, temperature=1.0, keep=0.98)
    assert mixed.unknown is not None
    (loud,) = mixed.warnings()
    assert "same (AUROC 0." in loud
    assert "low" not in loud.replace("below", "")


def test_kinds_count_the_same_however_many_pictures_they_have() -> None:
    known = {"val": logits(1, 6)}
    strangers = {"many": logits(3, 6, 400), "few": logits(4, 6, 4) - 8}
    report = choose_ood_score(known, strangers, temperature=1.0, keep=0.98).report["auroc"]["chosen_on"]["energy"]
    assert report["mean"] == pytest.approx((report["many"] + report["few"]) / 2, abs=1e-3)


def test_strangers_are_drawn_the_same_each_time_and_read_from_folders(tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / "shoes" / "left" / f"{number}.png", item_picture(seed=number))
    (tmp_path / "shoes" / "broken.jpg").write_bytes(b"no picture")
    found = collect_ood_pictures([tmp_path / "shoes"])
    assert {kind: len(pictures) for kind, pictures in found.items()} == {
        "drawn empty trays": DRAWN,
        "drawn hands": DRAWN,
        str(tmp_path / "shoes"): 4,
    }
    readable = [read_ood_picture(one) is not None for one in found[str(tmp_path / "shoes")]]
    assert sorted(readable) == [False, True, True, True]
    again = collect_ood_pictures([])
    for kind, pictures in again.items():
        assert all(np.array_equal(one, other) for one, other in zip(pictures, found[kind], strict=True))
    with pytest.raises(DataError, match=r"--unknown .*nowhere: no such"):
        collect_ood_pictures([tmp_path / "nowhere"])
    save(tmp_path / "one" / "1.png", item_picture())
    with pytest.raises(DataError, match="at least 2 pictures are needed"):
        collect_ood_pictures([tmp_path / "one"])


def test_a_kind_that_cannot_be_read_is_told() -> None:
    with pytest.raises(DataError, match="--unknown shoes: at least 2 readable pictures are needed, got 1"):
        choose_ood_score({"val": logits(1, 6)}, {"shoes": logits(2, 3)[:1]}, temperature=1.0, keep=0.98)


def test_a_hand_reaches_in_from_the_border() -> None:
    random = np.random.default_rng(5)
    touching, areas = 0, []
    for _ in range(12):
        mask = find_mask(draw_hand(random))
        if mask is not None:
            areas.append(mask.area)
            edge = np.concatenate([mask.cover[0], mask.cover[-1], mask.cover[:, 0], mask.cover[:, -1]])
            touching += bool(edge.any())
    assert len(areas) >= 8, "most hands stand out from their ground"
    assert touching >= 8
    assert 0.05 < float(np.median(areas)) < 0.5
    assert plain_background(random, SIDE, 2.0).shape == draw_hand(random).shape == (SIDE, SIDE, 3)
