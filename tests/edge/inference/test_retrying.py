"""A failing classifier raises an alarm, and is retried after a back-off."""

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


class UnreliableClassifier:
    """A classifier that fails on demand."""

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


def test_a_failure_raises_the_alarm_and_is_retried_after_a_back_off() -> None:
    clock, alarms, classifier = ManualClock(), Alarms(), UnreliableClassifier()
    retrying = RetryingClassifier(classifier, clock=clock, alarms=alarms)  # type: ignore[arg-type]
    classifier.fails = True
    for pause_s in (1, 2, 4):
        assert retrying.is_available
        assert retrying.predict(VIEW) is None
        assert not retrying.is_available
        message = f"the classifier fails, nothing is sorted, next try in {pause_s} s: model m: boom"
        assert alarms.most_urgent == message
        clock.advance(pause_s)
    classifier.fails = False
    prediction = retrying.predict(VIEW)
    assert prediction is not None
    assert prediction.label == "glass"
    assert alarms.most_urgent is None
    assert alarms.counts == {Alarm.CLASSIFIER: 1}
    classifier.fails = True
    retrying.predict(VIEW)
    assert alarms.most_urgent is not None
    assert "next try in 1 s" in alarms.most_urgent, "the pauses begin anew"


def test_what_is_no_failure_of_the_runtime_is_not_hidden() -> None:
    clock, alarms, classifier = ManualClock(), Alarms(), UnreliableClassifier()

    def fail(view: Pixels) -> Prediction:
        raise ValueError("view: expected another shape")

    classifier.predict = fail  # type: ignore[method-assign]
    retrying = RetryingClassifier(classifier, clock=clock, alarms=alarms)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="another shape"):
        retrying.predict(VIEW)


def test_a_failed_accelerator_raises_the_alarm_while_the_cpu_answers() -> None:
    clock, alarms, classifier = ManualClock(), Alarms(), UnreliableClassifier()
    retrying = RetryingClassifier(classifier, clock=clock, alarms=alarms)  # type: ignore[arg-type]
    classifier.accelerator_failure = "the accelerator has failed"
    assert retrying.predict(VIEW) is not None
    assert alarms.most_urgent == "the accelerator has failed"
    retrying.poll_accelerator()
    assert alarms.most_urgent == "the accelerator has failed"
    classifier.back = True
    retrying.poll_accelerator()
    assert alarms.most_urgent is None, "also while nothing lies on the tray"
