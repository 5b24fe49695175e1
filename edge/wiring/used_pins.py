"""Pins and buses that the configuration uses."""

from collections.abc import Iterator

from edge.config.schema import Config
from edge.config.wiring import all_claims
from hardware.section import GpioClaim, I2CClaim, PWMClaim

PLAIN_PINS = (5, 6, 16, 17, 22, 23, 24, 25, 26, 27, 4, 20, 21, 19, 12, 13)
"""GPIO numbers of the pins to choose from for another bus, those first that have no other common use."""


def pins(config: Config) -> dict[int, str]:
    """GPIO number -> key that uses it; empty if the pins are simulated."""
    if config.flaps.pin_factory == "mock":
        return {}
    return {
        claim.pin: key
        for key, claim in all_claims(config.wired_parts())
        # The lines of an I2C bus belong to the kernel, as intended.
        if isinstance(claim, GpioClaim) and claim.bus is None
    }


def i2c_devices(config: Config) -> Iterator[tuple[str, str, I2CClaim]]:
    """Key and kind of every section that asks for a device on an I2C bus, and what it asks for."""
    for key, part in config.wired_parts():
        for claim in part.claims():
            if isinstance(claim, I2CClaim):
                yield key, getattr(part, "kind", "device"), claim


def free_pins(config: Config) -> tuple[int, int] | None:
    """GPIO numbers of two pins that the configuration leaves free and that no bus uses by default; None: there are none."""
    used = {claim.pin for _, claim in all_claims(config.wired_parts()) if isinstance(claim, GpioClaim)}
    free = [pin for pin in PLAIN_PINS if pin not in used]
    return (free[0], free[1]) if len(free) > 1 else None


def pwm_channels(config: Config) -> Iterator[tuple[str, PWMClaim]]:
    """Key of every section that asks for an output of the kernel's PWM, and which."""
    for key, part in config.wired_parts():
        yield from ((key, claim) for claim in part.claims() if isinstance(claim, PWMClaim))
