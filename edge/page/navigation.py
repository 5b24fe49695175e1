"""The page's rooms, as the navigation lists them."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge.page.access.door import Visitor
from edge.page.access.roles import Role
from edge.page.texts import mark


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation.

    Attributes:
        path: where it leads.
        title: in English, to be translated where it is shown.
        role: who sees it.
    """

    path: str
    title: str
    role: Role = Role.LOOK

    def current(self, path: str) -> str | None:
        """What ``aria-current`` says of it on the page of a path: that page, one below it, or (None) neither."""
        if path == self.path:
            return "page"
        return "true" if path.startswith(f"{self.path}/") else None


ON_A_PHONE = 5
"""Most entries that a phone shows beside each other; where there are more, the last of these opens the rest."""

PLACES = (
    Place("/", mark("Live")),
    Place("/items", mark("Items")),
    Place("/review", mark("Review"), Role.TEACH),
    Place("/teach", mark("Teach"), Role.TEACH),
    Place("/try", mark("Try")),
    Place("/figures", mark("Figures")),
    Place("/set-up", mark("Set up"), Role.SET_UP),
)


def places_for(visitor: Visitor | None) -> Iterator[Place]:
    """The entries that a visitor sees."""
    if visitor is not None:
        yield from (place for place in PLACES if visitor.account.role.includes(place.role))
