"""Wraps the classifier: failures raise an alarm, and are retried after a back-off."""

from edge.alarms import Alarm, Alarms
from edge.backoff import BackOff
from edge.errors import InferenceError
from edge.inference.taught_classifier import ViewClassifier
from edge.inference.view_times import ViewTimes
from edge.values import Prediction
from hardware.clock import Clock
from hardware.frame import Pixels


class RetryingClassifier:
    """Wraps the classifier, so that a failing runtime stops the sorting but not the program.

    Args:
        classifier: the classifier. An InferenceError means that it has no other way to run the model.
        clock: time source.
        alarms: receives the alarms of the classifier and of its accelerator.
    """

    def __init__(self, classifier: ViewClassifier, *, clock: Clock, alarms: Alarms) -> None:
        self._classifier = classifier
        self._alarms = alarms
        self._back_off = BackOff(clock)
        self._view_times = ViewTimes(alarms)

    def use(self, classifier: ViewClassifier) -> None:
        """Ask another classifier from now on: the same model with another head or without one, or another model."""
        self._classifier = classifier

    @property
    def is_available(self) -> bool:
        """Whether the classifier may be called: false while a back-off runs."""
        return not self._back_off.waiting

    def poll_accelerator(self) -> None:
        """Update the state of the accelerator, and its alarm. Call it regularly."""
        self._classifier.poll_accelerator()
        self._alarms.update(Alarm.ACCELERATOR, self._classifier.accelerator_failure)

    def predict(self, view: Pixels) -> Prediction | None:
        """Classify a view, see ``Classifier.predict``. Returns None if the classifier fails."""
        try:
            prediction = self._classifier.predict(view)
        except InferenceError as error:
            pause_s = self._back_off.fail()
            message = f"the classifier fails, nothing is sorted, next try in {pause_s:g} s: {error}"
            self._alarms.update(Alarm.CLASSIFIER, message)
            return None
        self._back_off.reset()
        self._view_times.add(prediction.latency_s)
        self._alarms.update(Alarm.CLASSIFIER, None)
        self._alarms.update(Alarm.ACCELERATOR, self._classifier.accelerator_failure)
        return prediction
