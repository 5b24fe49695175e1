"""Classifies views with a model and the head that was taught on its features."""

import time
from typing import TYPE_CHECKING, Protocol

from edge.errors import InferenceError, ModelError
from edge.inference.answer_spec import AnswerSpec, HeadAnswerSpec
from edge.inference.features import FeatureSpec
from edge.inference.manifest import Manifest
from edge.values import Prediction
from hardware.frame import Pixels

if TYPE_CHECKING:
    from edge.inference.head import TaughtHead


class ViewClassifier(Protocol):
    """What the line asks for the labels of a view: a model alone (``Classifier``), or one with a head."""

    @property
    def answers(self) -> AnswerSpec:
        """Labels and thresholds of the predictions."""

    @property
    def manifest(self) -> Manifest:
        """Manifest of the model."""

    @property
    def accelerator_failure(self) -> str | None:
        """Message for the operator while the accelerator does not work; else None."""

    def poll_accelerator(self) -> None:
        """Use an accelerator that failed again once it has recovered."""

    def predict(self, view: Pixels) -> Prediction:
        """Classify a view: RGB uint8 (size, size, 3)."""


class TaughtClassifier:
    """Answers with the labels of a head; the model is run as ever, once for each view.

    Args:
        classifier: the model. It is not closed by this object.
        head: what it was taught.

    Raises:
        ModelError: the head was taught on another model, or the model gives no features.

    Attributes:
        head: what it was taught.
        answers: labels and thresholds of the head. Its score is the nearness to what was taught, -1..1.
    """

    def __init__(self, classifier: ViewClassifier, head: "TaughtHead") -> None:
        self.head = head
        self._classifier = classifier
        self._features = features_for(head, classifier.manifest)
        self.answers: AnswerSpec = answers_of(head)

    @property
    def manifest(self) -> Manifest:
        """Manifest of the model."""
        return self._classifier.manifest

    @property
    def accelerator_failure(self) -> str | None:
        """See ``Classifier.accelerator_failure``."""
        return self._classifier.accelerator_failure

    def poll_accelerator(self) -> None:
        """See ``Classifier.poll_accelerator``."""
        self._classifier.poll_accelerator()

    def predict(self, view: Pixels) -> Prediction:
        """Classify a view.

        Args:
            view: RGB uint8 (size, size, 3), see ``edge.sight.view``.

        Raises:
            ValueError: the view has another shape.
            InferenceError: the model cannot be run.
        """
        start_s = time.perf_counter()
        features = self._classifier.predict(view).features
        if features is None:
            raise InferenceError(f"model {self.manifest.name}: gives no features to the taught head")
        answer = self.head.predict(self._features.real(features))
        return Prediction(
            self.head.labels, answer.probabilities, time.perf_counter() - start_s, answer.nearness, features
        )


def answers_of(head: "TaughtHead") -> HeadAnswerSpec:
    """Labels and thresholds of a head."""
    manifest = head.manifest
    return HeadAnswerSpec(
        f"{manifest.base_name} as it was taught", head.labels, manifest.min_confidence, manifest.least_nearness
    )


def feature_spec(manifest: Manifest) -> FeatureSpec:
    """The features of a model.

    Raises:
        ModelError: it gives none.
    """
    if manifest.features is None:
        raise ModelError(
            f"model {manifest.name}: gives no features, so that it cannot be taught; expected a model that ships, or one made "
            "by this release's sorter-convert"
        )
    return manifest.features


def features_for(head: "TaughtHead", manifest: Manifest) -> FeatureSpec:
    """The features of a model, for a head that was taught on them.

    Raises:
        ModelError: the head was taught on another model, or the model gives no features.
    """
    head.check_base(manifest)
    spec = feature_spec(manifest)
    if spec.size != head.manifest.numbers:
        raise ModelError(
            f"the head reads {head.manifest.numbers} features, the model {manifest.name} gives {spec.size}; fit it again from "
            "its pictures with this model"
        )
    return spec
