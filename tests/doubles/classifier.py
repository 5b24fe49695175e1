"""A classifier with scripted answers."""

from collections.abc import Mapping

from edge.inference.manifest import Manifest
from edge.sight.view import ViewSpec
from edge.values import Prediction
from tests.builders.models import make_manifest
from tests.builders.pictures import Pixels
from tests.builders.values import make_prediction


class ScriptedClassifier:
    """Answers what it is told to, whatever it sees; the last answer stays.

    Attributes:
        views: what it was shown.
        score: what it says of all of them.
    """

    score: float | None = None
    accelerator_failure: str | None = None

    def __init__(self, *answers: Mapping[str, float], view_size: int = 32) -> None:
        self.manifest = make_manifest(view=ViewSpec(size=view_size))
        self._answers = list(answers)
        self.views: list[Pixels] = []

    @property
    def answers(self) -> Manifest:
        return self.manifest

    def poll_accelerator(self) -> None:
        """It has no accelerator to look after."""

    def predict(self, view: Pixels) -> Prediction:
        self.views.append(view)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return make_prediction(answer, score=self.score)
