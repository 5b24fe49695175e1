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
