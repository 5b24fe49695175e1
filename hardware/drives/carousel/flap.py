"""The flap that each bin of a carousel has in it."""

from contextlib import AbstractContextManager

from hardware.commanding import commanding
from hardware.drives.carousel.driver import Carousel
from hardware.drives.carousel.section import CarouselFlapSection
from hardware.flap import AngularFlap
from hardware.sensor import Switch


class CarouselFlap(AngularFlap):
    """One bin of a carousel: open is the chute over it with the gate open, home is the chute at home with the gate closed.

    Args:
        section: the bin's position and travel time.
        carousel: motor and gate, which other bins share.
        name: the bin's name, for messages.
        end_switch: on while the gate is closed; None: there is none.
    """

    def __init__(
        self, section: CarouselFlapSection, carousel: Carousel, *, name: str, end_switch: Switch | None = None
    ) -> None:
        super().__init__(
            name=name,
            travel_s=section.travel_s,
            max_on_s=section.max_on_s,
            force_n=section.force_n,
            end_switch=end_switch,
        )
        self._position_deg = section.position_deg
        self._carousel = carousel
        self._is_closed = False

    @property
    def is_home(self) -> bool:
        return self._carousel.at_home_switch() and super().is_home is not False

    @property
    def is_shut(self) -> bool:
        return not self._carousel.gate_may_be_open

    @property
    def is_driven(self) -> bool:
        return self._carousel.is_driven

    def open(self) -> None:
        with self._commanding("open"):
            self._carousel.open_at(self._position_deg)

    def home(self) -> None:
        with self._commanding("go home"):
            self._carousel.go_home()

    def move_to(self, angle_deg: float) -> None:
        with self._commanding(f"go to {angle_deg:g} degrees"):
            self._carousel.turn_to(angle_deg)

    def halt(self) -> None:
        if not self._is_closed:
            self._carousel.halt()

    def detach(self) -> None:
        if not self._is_closed:
            self._carousel.release()

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._carousel.release()

    def _commanding(self, what: str) -> AbstractContextManager[None]:
        return commanding(self.name, what, is_closed=self._is_closed)
