"""What the configuration says of decisions, and what the model's manifest says, make one policy."""

import logging
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.config.file import load_config
from edge.config.schema import DecisionConfig
from edge.errors import ConfigError
from edge.inference.manifest import Manifest, OutOfDistributionSpec
from edge.service.factories import load_classifier, make_policy
from edge.values import Prediction, Reason
from tests.builders.configuration import BINS, write_config
from tests.builders.models import make_manifest
from tests.builders.values import make_verdict


def model(**changes: Any) -> Manifest:
    """A model with thresholds for glass and paper and a least score."""
    values: dict[str, Any] = {
        "bins": BINS,
        "min_confidence": 0.8,
        "bin_confidence": {"glass": 0.95, "paper": 0.7},
        "unknown": OutOfDistributionSpec(score="energy", least=3.0),
    }
    return make_manifest(**(values | changes))


def fate(decision: DecisionConfig, manifest: Manifest, share: float, label: str = "glass", score: float = 9.0) -> str:
    """The reason for an item that is ``label`` with probability ``share``."""
    return make_policy(decision, manifest).decide(make_verdict({label: share}, score=score)).reason.value


def test_every_bin_goes_by_the_models_threshold_for_it() -> None:
    decision = DecisionConfig(labels=BINS)
    assert [fate(decision, model(), share) for share in (0.94, 0.96)] == ["unsure", "confident"]
    assert [fate(decision, model(), share, "paper") for share in (0.72, 0.74)] == ["confident", "confident"]
    assert [fate(decision, model(), share, "metal") for share in (0.74, 0.84)] == ["unsure", "confident"]


def test_a_models_labels_may_be_spelt_in_another_case() -> None:
    names = {label: label.upper() for label in BINS}
    manifest = model(labels=tuple(names.values()), bins={names[label]: bin for label, bin in BINS.items()})
    policy = make_policy(DecisionConfig(labels=BINS, hazards=("trash",)), manifest)

    def decide(label: str, share: float) -> tuple[str, str]:
        shares = [share if name == label else (1 - share) / (len(names) - 1) for name in manifest.labels]
        bin, reason, _ = policy.choose_bin(
            Prediction(manifest.labels, np.array(shares, np.float32), 0.0, ood_score=9.0)
        )
        return bin, reason.value

    assert decide("GLASS", 0.97) == ("glass", "confident")
    assert decide("GLASS", 0.94) == ("residual", "unsure")
    assert decide("TRASH", 0.5) == ("residual", "hazard")


def test_the_users_least_confidence_goes_before_all_of_the_models() -> None:
    decision = DecisionConfig(labels=BINS, min_confidence=0.9)
    for label in ("glass", "paper", "metal"):
        assert [fate(decision, model(), share, label) for share in (0.85, 0.92)] == ["unsure", "confident"]


def test_a_threshold_is_not_used_for_a_bin_that_holds_other_labels(caplog: pytest.LogCaptureFixture) -> None:
    """It was measured with the labels that the model's own suggestion has there. 0.70 and plastic's share make 0.76."""
    decision = DecisionConfig(labels=BINS | {"plastic": "glass"})
    with caplog.at_level(logging.INFO):
        assert [fate(decision, model(), share) for share in (0.70, 0.85)] == ["unsure", "confident"]
    assert "bin glass: the model has no threshold for a bin with glass, plastic; its overall minimum" in caplog.text
    assert not [record for record in caplog.records if record.levelno > logging.INFO], "nothing needs to be done"
    assert "bin paper" not in caplog.text


def test_a_bin_may_have_another_name(caplog: pytest.LogCaptureFixture) -> None:
    decision = DecisionConfig(labels=BINS | {"glass": "bottles"})
    with caplog.at_level(logging.INFO):
        assert [fate(decision, model(), share) for share in (0.94, 0.96)] == ["unsure", "confident"]
    assert caplog.text == ""


def test_what_is_unknown_is_for_the_model_to_say_unless_the_user_does() -> None:
    unknown = {
        value: fate(DecisionConfig(labels=BINS, unknown=value), model(), 0.99, score=3.5) == Reason.UNKNOWN
        for value in ("model", "never", 3.4, 3.6)
    }
    assert unknown == {"model": False, "never": False, 3.4: False, 3.6: True}
    assert fate(DecisionConfig(labels=BINS), model(), 0.99, score=2.9) == Reason.UNKNOWN
    assert fate(DecisionConfig(labels=BINS, unknown="never"), model(), 0.99, score=2.9) == Reason.CONFIDENT
    assert fate(DecisionConfig(labels=BINS), model(unknown=None), 0.99, score=-9.0) == Reason.CONFIDENT


def test_a_least_score_needs_a_model_that_gives_one() -> None:
    with pytest.raises(ConfigError, match=r"decision\.unknown: got 2\.5, but the model test has no score"):
        make_policy(DecisionConfig(labels=BINS, unknown=2.5), model(unknown=None))


def test_the_bin_keeps_opencv_to_one_thread(tmp_path: Path) -> None:
    cv2.setNumThreads(2)
    load_classifier(load_config(write_config(tmp_path / "c.yaml")))
    assert cv2.getNumThreads() == 1
