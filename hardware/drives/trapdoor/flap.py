"""The flap that each bin below a trapdoor has in it."""

from contextlib import AbstractContextManager

from hardware.commanding import commanding
from hardware.drives.trapdoor.driver import Trapdoor
from hardware.drives.trapdoor.section import TrapdoorFlapSection
from hardware.flap import Flap
from hardware.sensor import Switch


class TrapdoorFlap(Flap):
    """One bin below a trapdoor: open is its plate out and the door open, home is the door closed and the plate back.

    Args:
        section: travel time and what is known of the door's force.
        trapdoor: the door, which other bins share.
        plate: guides into this bin; closed with this flap. None: everything that meets no plate falls into it.
        name: the bin's name, for messages.
        end_switch: on while the plate is home, or the door where there is no plate; None: there is none.
    """

    def __init__(
        self,
        section: TrapdoorFlapSection,
        trapdoor: Trapdoor,
        plate: Flap | None,
        *,
        name: str,
        end_switch: Switch | None = None,
    ) -> None:
        super().__init__(
            name=name,
            travel_s=section.travel_s,
            max_on_s=section.max_on_s,
            force_n=section.force_n,
            end_switch=end_switch,
        )
        self.closes_slowly = trapdoor.closes_slowly
        self._trapdoor = trapdoor
        self._plate = plate
        self._is_closed = False
        if plate is not None:
            trapdoor.add(plate)

    @property
    def is_home(self) -> bool | None:
        """What the end switch says; without one, False when something was stopped on its way, else not known."""
        switched = super().is_home
        return False if switched is None and not self._trapdoor.is_home else switched

    @property
    def is_shut(self) -> bool:
        return self._trapdoor.is_shut

    @property
    def is_driven(self) -> bool:
        return not self._is_closed and self._trapdoor.is_driven

    def open(self) -> None:
        with self._commanding("open"):
            self._trapdoor.open(self._plate)

    def home(self) -> None:
        with self._commanding("go home"):
            self._trapdoor.go_home(self._plate)

    def creep_home(self, share: float) -> bool:
        with self._commanding("close slowly"):
            if not self.closes_slowly:
                return False
            if share < 1.0:
                return self._trapdoor.creep_home(share)
            # The door is as good as closed, and below it nobody can reach the plates.
            if not self._trapdoor.is_homing:
                self._trapdoor.go_home(self._plate)
            return True

    def halt(self) -> None:
        if not self._is_closed:
            self._trapdoor.halt()

    def detach(self) -> None:
        if not self._is_closed:
            self._trapdoor.release()

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self._trapdoor.release()
        finally:
            if self._plate is not None:
                self._trapdoor.remove(self._plate)
                self._plate.close()

    def _commanding(self, what: str) -> AbstractContextManager[None]:
        return commanding(self.name, what, is_closed=self._is_closed)
