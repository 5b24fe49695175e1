"""What an answer consists of: the labels, and the thresholds that go with them. A model has one, and so has a taught head."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class AnswerSpec(Protocol):
    """What the policy needs to know of whatever answers: ``Manifest`` for a model, ``HeadAnswerSpec`` for a taught head."""

    @property
    def name(self) -> str:
        """Name of the model, for messages."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels."""

    @property
    def bins(self) -> Mapping[str, str]:
        """Label -> suggested bin."""

    @property
    def min_confidence(self) -> float:
        """Minimum confidence, unless the configuration sets another one."""

    @property
    def bin_confidence(self) -> Mapping[str, float]:
        """Minimum summed probability of the labels of a bin of ``bins``; the others use ``min_confidence``."""

    @property
    def least_score(self) -> float | None:
        """Items with a lower out-of-distribution score are unknown; None: there is no such score."""


@dataclass(frozen=True, slots=True)
class HeadAnswerSpec:
    """What a taught head answers. Attributes as of ``AnswerSpec``."""

    name: str
    labels: tuple[str, ...]
    min_confidence: float
    least_score: float | None
    bins: Mapping[str, str] = field(default_factory=dict)
    bin_confidence: Mapping[str, float] = field(default_factory=dict)
