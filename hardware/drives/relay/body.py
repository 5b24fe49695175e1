"""The body of a relay in the simulated bin: on pulls the flap open, off lets the spring close it."""

from hardware.drives.relay.section import RelaySection
from hardware.sim.mechanics import BodyContext, HingedFlap


class RelayBody(HingedFlap):
    """A flap that is open while the relay is on; without power its spring closes it.

    Args:
        section: pin, which level switches the relay on, and travel time.
        bin: the bin's name.
        context: pins, and how it differs from its section.
    """

    def __init__(self, section: RelaySection, bin: str, context: BodyContext) -> None:
        super().__init__(section, bin, pin=section.pin, context=context, rest=0.0)
        self._active_high = section.active_high

    @property
    def is_driven(self) -> bool:
        return bool(self.pin.state) is self._active_high and self.pin.function == "output"

    def _read(self) -> float:
        return 1.0 if self.is_driven else 0.0
