"""Pins and buses that the configuration uses."""

from collections.abc import Iterator

from edge.config.schema import Config
from edge.config.wiring import all_claims
from hardware.section import GpioClaim, I2CClaim, PWMClaim


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


def pwm_channels(config: Config) -> Iterator[tuple[str, PWMClaim]]:
    """Key of every section that asks for an output of the kernel's PWM, and which."""
    for key, part in config.wired_parts():
        yield from ((key, claim) for claim in part.claims() if isinstance(claim, PWMClaim))
