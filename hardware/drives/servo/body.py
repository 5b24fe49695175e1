"""The body of a servo in the simulated bin: its pulses say where it turns."""

from hardware.drives.servo.section import ServoSection
from hardware.sim.mechanics import BodyContext, HingedFlap


class ServoBody(HingedFlap):
    """A servo that turns evenly to where its pulses command it, and stays where it is without pulses or power.

    Args:
        section: pin, angles, pulses and travel time.
        bin: the bin's name.
        context: pins, and how it differs from its section.
    """

    def __init__(self, section: ServoSection, bin: str, context: BodyContext) -> None:
        super().__init__(section, bin, pin=section.pin, context=context)
        self._section = section

    @property
    def pulse_ms(self) -> float | None:
        """Length of its pulses in milliseconds; None when there are none."""
        frequency = self.pin.frequency
        if not frequency or not self.pin.state or self.pin.function != "output":
            return None
        return 1000.0 * float(self.pin.state) / float(frequency)

    @property
    def is_driven(self) -> bool:
        return self.pulse_ms is not None

    def _read(self) -> float | None:
        pulse_ms = self.pulse_ms
        if pulse_ms is None:
            return None
        one = self._section
        turn = (pulse_ms - one.min_pulse_ms) / (one.max_pulse_ms - one.min_pulse_ms)
        angle_deg = one.min_deg + turn * (one.max_deg - one.min_deg)
        # Rounded, because the way through duty cycles leaves 1e-16 that would look like a move.
        opening = float(round((angle_deg - one.home_deg) / (one.open_deg - one.home_deg), 6))
        return min(max(opening, 0.0), 1.0)
