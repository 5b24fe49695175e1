"""With a head, a view is answered with the head's labels, at the cost of one run of the model."""

import numpy as np
import pytest

from edge.errors import InferenceError, ModelError
from edge.inference.taught_classifier import TaughtClassifier
from tests.builders.heads import FeatureStub, direction, make_base, make_head

VIEW = np.zeros((128, 128, 3), np.uint8)


def test_it_answers_with_the_heads_labels_and_how_near_the_view_is_to_what_was_taught() -> None:
    classifier = TaughtClassifier(FeatureStub(direction(1)), make_head())
    found = classifier.predict(VIEW)
    assert (found.labels, found.label) == (("cup", "can", "peel"), "can")
    assert found.ood_score == pytest.approx(1.0)
    assert found.features is not None
    assert np.array_equal(found.features, direction(1))


def test_what_was_never_taught_is_far() -> None:
    found = TaughtClassifier(FeatureStub(direction(6)), make_head()).predict(VIEW)
    assert found.ood_score == pytest.approx(0.0)
    assert TaughtClassifier(FeatureStub(), make_head()).answers.least_score == 0.5


def test_the_thresholds_are_the_heads() -> None:
    answers = TaughtClassifier(FeatureStub(), make_head(min_confidence=0.7)).answers
    assert (answers.labels, answers.min_confidence) == (("cup", "can", "peel"), 0.7)


def test_a_head_of_another_model_is_refused() -> None:
    with pytest.raises(ModelError, match="fit it again"):
        TaughtClassifier(FeatureStub(), make_head(base=make_base(sha256="0" * 64)))


def test_a_head_that_reads_other_features_is_refused() -> None:
    with pytest.raises(ModelError, match="reads 9 features, the model test gives 8"):
        TaughtClassifier(FeatureStub(), make_head(numbers=9))


def test_a_model_that_gives_no_features_after_all_is_a_failure_of_the_model() -> None:
    stub = FeatureStub()
    taught = TaughtClassifier(stub, make_head())
    stub.features = None  # type: ignore[assignment]
    with pytest.raises(InferenceError, match="no features"):
        taught.predict(VIEW)


def test_the_accelerator_stays_the_models_affair() -> None:
    stub = FeatureStub()
    stub.accelerator_failure = "gone"
    taught = TaughtClassifier(stub, make_head())
    taught.poll_accelerator()
    assert taught.accelerator_failure == "gone"
    assert taught.manifest is stub.manifest
