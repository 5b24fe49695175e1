"""The truth at the moment when a flap is commanded to move."""

from dataclasses import dataclass

from hardware.world.person import PERSON_FROM, PersonOverTray


@dataclass(frozen=True, slots=True)
class NewestFrame:
    """The newest picture that the camera has handed out.

    Attributes:
        time_s: its stamp, in seconds.
        shown_s: the moment that it really shows; that of the last good picture while the camera is blind. Seconds.
        cover: share of the picture that people cover, 0..1.
    """

    time_s: float
    shown_s: float
    cover: float

    @property
    def shows_person(self) -> bool:
        """Whether people are in it."""
        return self.cover >= PERSON_FROM


@dataclass(frozen=True, slots=True)
class FlapCommand:
    """A pin has commanded a flap to move.

    Attributes:
        time_s: when, on the world's clock, in seconds.
        bin: the bin of the pin.
        opens: whether towards open, and at least as far as the last command; else towards home.
        by_spring: whether a spring moves it, its drive without current.
        travel_s: how long the move should take by the configuration, in seconds.
        item: number of the item on the tray, or that the flap closes after; None: there is none.
        at_rest: whether everything in view on the tray lay still in the newest picture.
        seen: that picture; None: there was none yet.
        person: who is over the tray, whether a picture shows it or not; None: nobody is.
        on_s: how long its drive was under current up to then without a break, in seconds; 0: it was not.
        faults: kinds of the faults at that moment.
    """

    time_s: float
    bin: str
    opens: bool
    by_spring: bool
    travel_s: float
    item: int | None
    at_rest: bool
    seen: NewestFrame | None
    person: PersonOverTray | None
    on_s: float
    faults: frozenset[str]
