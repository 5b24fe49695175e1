"""The pages, one row each: who adds one adds a row here, and it is looked at in every way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """A page.

    Attributes:
        name: in names of tests and pictures.
        path: where it is.
        is_open: whether it is shown to whoever is not logged in.
        ready: what is seen once its scripts have done their work; None: it has none to wait for.
    """

    name: str
    path: str
    is_open: bool = False
    ready: str | None = None


ROOMS = (
    Room("log-in", "/log-in", is_open=True),
    Room("thanks", "/thanks", is_open=True),
    Room("live", "/", ready="#picture"),
    Room("items", "/items"),
    Room("review", "/review", ready="#tools"),
    Room("teach", "/teach"),
    Room("try", "/try"),
    Room("figures", "/figures", ready="#plot-bins canvas"),
    Room("set-up", "/set-up"),
    Room("account", "/account"),
    Room("accounts", "/accounts"),
    Room("changes", "/changes"),
)
