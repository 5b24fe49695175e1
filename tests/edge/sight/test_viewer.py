"""The viewer makes the views that the model expects: of the item, or of the whole tray."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from edge.sight.pyramid import Pyramid
from edge.sight.view import ViewSpec, make_view
from edge.sight.viewer import Viewer
from tests.builders.pictures import item_picture
from tests.builders.values import make_item, make_mask

SPEC = ViewSpec(size=32, look_margins=(0.5,))


@pytest.mark.parametrize("kind", ["object", "full"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_view_is_of_the_item_or_of_the_whole_tray(kind: Literal["object", "full"], number: int) -> None:
    window = Pyramid(item_picture((0.1, 0.1, 0.4, 0.6), width=64, height=48))
    item = replace(make_item(), mask=make_mask((0.1, 0.1, 0.4, 0.6)))
    view = Viewer(SPEC, kind=kind).view(item, window, number)
    expected = make_view(window, item.mask if kind == "object" else None, SPEC, number)
    other = make_view(window, None if kind == "object" else item.mask, SPEC, number)
    assert np.array_equal(view, expected)
    assert not np.array_equal(view, other)
