"""The viewer: views of an item as the model wants them."""

from typing import Literal

from edge.sight.pyramid import Pyramid
from edge.sight.view import ViewSpec, make_view
from edge.values import Item
from hardware.frame import Pixels


class Viewer:
    """Makes the views of an item, each from another distance or mirrored another way.

    Args:
        spec: size, toning and margins of the views.
        kind: "object" shows the item cut out by its mask, "full" the whole tray.
    """

    def __init__(self, spec: ViewSpec, *, kind: Literal["object", "full"]) -> None:
        self._spec = spec
        self._kind = kind

    def view(self, item: Item, window: Pyramid, number: int) -> Pixels:
        """One view, RGB uint8 (size, size, 3).

        Args:
            item: at rest.
            window: the part of the item's frame that shows the tray.
            number: of the view of this item, from 0.
        """
        return make_view(window, item.mask if self._kind == "object" else None, self._spec, number)
