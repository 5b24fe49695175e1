"""What answers for an item: the model alone, or with a taught head, and the policy for its labels."""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from edge.config.schema import Config, DecisionConfig
from edge.decision.policy import Policy
from edge.inference.answer_spec import AnswerSpec
from edge.inference.manifest import Manifest
from edge.inference.taught_classifier import TaughtClassifier, ViewClassifier
from edge.service.factories import make_policy
from edge.teaching.heads.head_folder import HeadInUse
from hardware.pictures.labels import match_labels

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answering:
    """A classifier and the policy for its labels.

    Attributes:
        classifier: the model, alone or with a head.
        policy: the bins of its labels.
        head: the head; None: the model alone.
        without_bin: labels of the head that have no bin: they go to the residual bin.
    """

    classifier: ViewClassifier
    policy: Policy
    head: HeadInUse | None = None
    without_bin: tuple[str, ...] = ()

    @property
    def sha256(self) -> str | None:
        """SHA-256 of the head; None: the model alone."""
        return None if self.head is None else self.head.sha256


def answer_alone(config: Config, classifier: ViewClassifier) -> Answering:
    """The model alone.

    Raises:
        ConfigError: a label of the model has no bin.
    """
    return Answering(classifier, make_policy(config.decision, classifier.answers))


def answer_taught(config: Config, classifier: ViewClassifier, head: HeadInUse) -> Answering:
    """The model with a head.

    Args:
        config: its sections ``decision`` and ``bins``.
        classifier: the model.
        head: what it was taught.

    Raises:
        ModelError: the head was taught on another model, or the model gives no features.
        ConfigError: a score is asked for that no head gives.
    """
    taught = TaughtClassifier(classifier, head.head)
    decision, without = decision_for_taught(config.decision, taught.answers, classifier.manifest, bins=config.bins)
    return Answering(taught, make_policy(decision, taught.answers), head, without)


def decision_for_taught(
    decision: DecisionConfig, answers: AnswerSpec, base: Manifest, *, bins: Collection[str] | None = None
) -> tuple[DecisionConfig, tuple[str, ...]]:
    """The bins of taught labels: the configuration's, else those that the model suggests, else the residual bin.

    A score that the configuration sets for the model says nothing of a head, which has one of its own.

    Args:
        decision: the configuration.
        answers: the taught labels.
        base: the model's manifest.
        bins: the bins that there are; None: all that the model suggests count.

    Returns:
        The configuration with just these labels, and the labels without a bin.
    """
    names = match_labels(answers.labels, decision.labels).names
    found: dict[str, str] = {}
    without = []
    for label in answers.labels:
        suggested = base.bins.get(label)
        if label in names:
            found[label] = decision.labels[names[label]]
        elif suggested is not None and (bins is None or suggested in bins):
            found[label] = suggested
        else:
            found[label] = decision.residual_bin
            without.append(label)
    hazards = tuple(label for label in answers.labels if names.get(label) in decision.hazards)
    unknown = decision.unknown if decision.unknown == "never" else "model"
    changed = decision.model_copy(update={"labels": found, "hazards": hazards, "unknown": unknown})
    return changed, tuple(without)


def no_bin_sentence(labels: Collection[str], decision: DecisionConfig) -> str:
    """What is told of taught labels that have no bin."""
    names = ", ".join(labels)
    if len(labels) == 1:
        return f"taught label {names}: without a bin, goes to {decision.residual_bin}; add it to decision.labels"
    return f"taught labels {names}: without bins, go to {decision.residual_bin}; add them to decision.labels"
