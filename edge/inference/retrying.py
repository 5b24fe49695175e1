"""Inference: a classifier that may fail, and is asked again later."""

from edge.alarms import Alarm, Alarms
from edge.backoff import BackOff
from edge.errors import InferenceError
from edge.inference.classifier import Classifier
from edge.values import Prediction
from hardware.clock import Clock
from hardware.frame import Pixels


class RetryingClassifier:
    """Stands between the sorter and the classifier, so that a runtime that fails stops the sorting and not the program.

    Args:
        classifier: what is asked; it has tried everything that it can when it raises.
        clock: time.
        alarms: where a classifier that fails, or an accelerator that is lost, is told.
    """

    def __init__(self, classifier: Classifier, *, clock: Clock, alarms: Alarms) -> None:
        self._classifier = classifier
        self._alarms = alarms
        self._again = BackOff(clock)

    @property
    def is_available(self) -> bool:
        """May the classifier be asked now?"""
        return not self._again.waiting

    def poll_accelerator(self) -> None:
        """Let time pass: tell of an accelerator that is lost, or back."""
        self._classifier.poll_accelerator()
        self._alarms.update(Alarm.ACCELERATOR, self._classifier.lost)

    def predict(self, view: Pixels) -> Prediction | None:
        """What the classifier says of a view (``Classifier.predict``), or None when it fails."""
        try:
            prediction = self._classifier.predict(view)
        except InferenceError as error:
            pause_s = self._again.fail()
            sentence = f"the classifier fails, nothing is sorted, next try in {pause_s:g} s: {error}"
            self._alarms.update(Alarm.CLASSIFIER, sentence)
            return None
        self._again.reset()
        self._alarms.update(Alarm.CLASSIFIER, None)
        self._alarms.update(Alarm.ACCELERATOR, self._classifier.lost)
        return prediction
