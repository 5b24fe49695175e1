"""Choosing the view: by the vote that the bin takes, and without asking the model twice about one look."""

import numpy as np
import pytest

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from edge.decision.vote import DEFAULT_VIEWS
from edge.sight.mask import find_mask
from edge.sight.view import ViewSpec, full_view, make_view
from tests.builders.pictures import item_picture
from train.measuring import view_choice as choose
from train.measuring.metrics import vote_probabilities
from train.measuring.view_choice import InputView

VIEWS = [
    InputView("object", ViewSpec(size=32, margin=0.1, toning=0.0)),
    InputView("object", ViewSpec(size=32, margin=0.1, toning=0.0, look_margins=(0.4,))),
    InputView("object", ViewSpec(size=32, margin=0.1, toning=0.5)),
    InputView("full", ViewSpec(size=32)),
]


def answer(views: np.ndarray) -> np.ndarray:
    """Logits (n, 2) that depend on every pixel, and change with margin, toning and mirroring."""
    weights = np.random.default_rng(7).normal(0, 0.02, (views[0].size, 2))
    logits: np.ndarray = (views.reshape(len(views), -1).astype(float) - 128) @ weights
    return logits.astype(np.float32)


def test_the_full_view_never_looks_at_the_mask() -> None:
    pixels = item_picture()
    mask = find_mask(pixels)
    assert mask is not None
    looks = InputView("full", ViewSpec(size=32, look_margins=(0.4,))).looks(pixels, mask)
    assert looks.shape == (DEFAULT_VIEWS, 32, 32, 3)
    assert np.array_equal(looks[0], full_view(pixels, ViewSpec(size=32)))
    spec = VIEWS[1].spec
    for number, seen in enumerate(VIEWS[1].looks(pixels, mask)):
        assert np.array_equal(seen, make_view(pixels, mask, spec, number))


def test_accuracy_is_that_of_the_vote_and_no_look_is_answered_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def predict(model: object, views: np.ndarray) -> np.ndarray:
        asked.extend(view.tobytes() for view in views)
        return answer(views)

    monkeypatch.setattr(choose, "predict", predict)
    random = np.random.default_rng(1)
    pictures = [
        item_picture(colour=tuple(int(value) for value in random.integers(0, 256, 3)), seed=number)
        for number in range(choose.CHUNK + 5)
    ]
    targets = random.integers(0, 2, len(pictures))
    shown = [(None, 0), *zip(pictures, targets.tolist(), strict=True), (None, 1)]
    found = choose._accuracies(None, VIEWS, shown)
    assert found is not None
    assert len(asked) == len(set(asked))
    # Of 16 looks at a picture, the second view shares its two at the first margin with the first view.
    assert len(asked) == len(pictures) * 14
    for view, accuracy in zip(VIEWS, found, strict=True):
        logits = [answer(view.looks(pixels, find_mask(pixels))) for pixels in pictures]
        votes = vote_probabilities(np.stack(logits)).argmax(axis=1)
        assert accuracy == pytest.approx(float((votes == targets).mean()))
    assert 0 < min(found) < max(found) < 1, "the candidates must differ for this to mean anything"


def test_no_picture_makes_no_figure() -> None:
    assert choose._accuracies(None, VIEWS, [(None, 0)]) is None


@pytest.mark.parametrize(
    ("accuracies", "pictures", "wanted"),
    [
        ([0.82, 0.83, 0.81], 400, 0),  # 1.9 points of chance
        ([0.82, 0.83, 0.81], 4000, 1),
        ([0.82, 0.83, 0.85], 400, 2),
        ([0.85, 0.83, 0.85], 400, 0),
    ],
)
def test_another_view_wins_by_more_than_chance_or_not_at_all(
    accuracies: list[float], pictures: int, wanted: int
) -> None:
    assert choose.select_candidate(accuracies, pictures) == wanted
