"""Looks are those that ``sorter classify`` takes."""

from pathlib import Path

import numpy as np
import pytest

from edge.errors import InputMissingError, ModelError, PictureError
from edge.sight.mask import find_mask
from edge.sight.pyramid import Pyramid
from edge.sight.view import make_view
from edge.teaching.pictures.looks import LookTaker, read_empty_tray
from tests.builders.pictures import item_picture, save, tray_picture
from tests.builders.teaching import NUMBERS, VIEWS, SmallViewClassifier
from tests.doubles.classifier import ScriptedClassifier


def test_the_looks_of_a_picture_are_the_views_that_the_bin_takes(tmp_path: Path) -> None:
    pixels = item_picture()
    classifier = SmallViewClassifier()
    looks = LookTaker(classifier, views=VIEWS).read(save(tmp_path / "thing.png", pixels))
    picture, mask = Pyramid(pixels), find_mask(pixels)
    expected = [make_view(picture, mask, classifier.manifest.view, number) for number in range(VIEWS)]
    assert np.array_equal(classifier.views, expected)
    assert looks.features.shape == (VIEWS, NUMBERS)
    assert looks.features.dtype == np.int8
    assert looks.probabilities.argmax() == 0
    assert looks.mask is not None
    assert not looks.is_cut_off
    assert 50 < looks.brightness < 200


def test_the_picture_of_the_empty_tray_finds_what_reaches_over_the_edge(tmp_path: Path) -> None:
    over = save(tmp_path / "over.png", item_picture((0.0, 0.2, 0.5, 0.7)))
    taker = LookTaker(SmallViewClassifier(), empty_tray=tray_picture(seed=5))
    assert taker.read(over).is_cut_off
    with pytest.raises(PictureError, match=r"over\.png: the image is"):
        LookTaker(SmallViewClassifier(), empty_tray=tray_picture(100, 100)).read(over)


def test_a_model_that_looks_at_the_whole_picture_does_so(tmp_path: Path) -> None:
    for taker in (
        LookTaker(SmallViewClassifier(), view_kind="full"),
        LookTaker(SmallViewClassifier(view_kind="full")),
    ):
        assert taker.read(save(tmp_path / "thing.png", item_picture())).mask is None
        mask = find_mask(item_picture())
        assert mask is not None
        assert taker.take_item(item_picture(), mask).mask is None


def test_a_model_without_features_cannot_be_taught() -> None:
    with pytest.raises(ModelError, match="gives no features, so that it cannot be taught"):
        LookTaker(ScriptedClassifier({"glass": 0.9}))
    with pytest.raises(ValueError, match="views: expected >= 1"):
        LookTaker(SmallViewClassifier(), views=0)


def test_the_empty_tray_that_is_named_must_be_there(tmp_path: Path) -> None:
    assert read_empty_tray(None) is None
    with pytest.raises(InputMissingError, match=r"--empty-tray: .*: no such file"):
        read_empty_tray(tmp_path / "none.png")
