"""Makes the views of an item that the model expects."""

from typing import Literal

from edge.sight.pyramid import Pyramid
from edge.sight.view import ViewSpec, make_view
from edge.values import Item
from hardware.frame import Pixels


class Viewer:
    """Makes the views of an item, each with another margin or mirroring (``edge.sight.view.make_view``).

    Args:
        spec: parameters of the views.
        kind: "object" for views of the item, "full" for views of the whole tray.
    """

    def __init__(self, spec: ViewSpec, *, kind: Literal["object", "full"]) -> None:
        self._spec = spec
        self._kind = kind

    def view(self, item: Item, window: Pyramid, number: int) -> Pixels:
        """Make one view: RGB uint8 (size, size, 3).

        Args:
            item: an item at rest.
            window: image pyramid of the tray region of its frame.
            number: number of the view of this item, from 0.
        """
        return make_view(window, item.mask if self._kind == "object" else None, self._spec, number)
