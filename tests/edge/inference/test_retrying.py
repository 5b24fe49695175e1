"""Inference: a classifier that fails is told, left alone for a while, and asked again."""

import numpy as np
import pytest

from edge.alarms import Alarm, Alarms
from edge.errors import InferenceError
from edge.inference.retrying import RetryingClassifier
from edge.values import Prediction
from hardware.clock import ManualClock
from tests.builders.pictures import Pixels
from tests.builders.values import make_prediction

VIEW = np.zeros((32, 32, 3), np.uint8)


class Moody:
    """A classifier that fails when it is told to."""

    accelerator_failure: str | None = None
    fails = False
    back = False

    def poll_accelerator(self) -> None:
        if self.back:
            self.accelerator_failure = None

    def predict(self, view: Pixels) -> Prediction:
        if self.fails:
            raise InferenceError("model m: boom")
        return make_prediction({"glass": 0.9})


def test_a_failure_is_told_and_the_classifier_left_alone_until_it_is_time() -> None:
    clock, alarms, classifier = ManualClock(), Alarms(), Moody()
    inference = RetryingClassifier(classifier, clock=clock, alarms=alarms)  # type: ignore[arg-type]
    classifier.fails = True
    for pause_s in (1, 2, 4):
        assert inference.is_available
        assert inference.predict(VIEW) is None
        assert not inference.is_available
        sentence = f"the classifier fails, nothing is sorted, next try in {pause_s} s: model m: boom"
        assert alarms.most_urgent == sentence
        clock.advance(pause_s)
    classifier.fails = False
    prediction = inference.predict(VIEW)
    assert prediction is not None
    assert prediction.label == "glass"
    assert alarms.most_urgent is None
    assert alarms.counts == {Alarm.CLASSIFIER: 1}
    classifier.fails = True
    inference.predict(VIEW)
    assert alarms.most_urgent is not None
    assert "next try in 1 s" in alarms.most_urgent, "the pauses begin anew"


def test_what_is_no_failure_of_the_runtime_is_not_hidden() -> None:
    clock, alarms, classifier = ManualClock(), Alarms(), Moody()

    def fail(view: Pixels) -> Prediction:
        raise ValueError("view: expected another shape")

    classifier.predict = fail  # type: ignore[method-assign]
    inference = RetryingClassifier(classifier, clock=clock, alarms=alarms)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="another shape"):
        inference.predict(VIEW)


def test_a_lost_accelerator_is_told_while_the_answers_go_on() -> None:
    clock, alarms, classifier = ManualClock(), Alarms(), Moody()
    inference = RetryingClassifier(classifier, clock=clock, alarms=alarms)  # type: ignore[arg-type]
    classifier.accelerator_failure = "the accelerator has failed"
    assert inference.predict(VIEW) is not None
    assert alarms.most_urgent == "the accelerator has failed"
    inference.poll_accelerator()
    assert alarms.most_urgent == "the accelerator has failed"
    classifier.back = True
    inference.poll_accelerator()
    assert alarms.most_urgent is None, "also while nothing lies on the tray"
