"""Pins and buses that the configuration uses."""

from collections.abc import Iterator

from edge.config.schema import Config
from edge.config.wiring import HardwareServoConfig, PCA9685Config, VL53L0XConfig


def pins(config: Config) -> dict[int, str]:
    """GPIO number -> key that uses it; empty if the pins are simulated."""
    if config.flaps.pin_factory == "mock":
        return {}
    return {
        int(claim.what.removeprefix("GPIO ")): f"{key}.{claim.key}"
        for key, part in config.wired_parts()
        for claim in part.claims()
        # The lines of an I2C bus belong to the kernel, as intended.
        if claim.what.startswith("GPIO ") and claim.bus is None
    }


def i2c_devices(config: Config) -> Iterator[tuple[str, PCA9685Config | VL53L0XConfig]]:
    """Keys and sections of the devices on an I2C bus."""
    return ((key, part) for key, part in config.wired_parts() if isinstance(part, PCA9685Config | VL53L0XConfig))


def pwm_channels(config: Config) -> Iterator[tuple[str, HardwareServoConfig]]:
    """Keys and sections of the servos on the kernel's PWM."""
    return ((key, part) for key, part in config.wired_parts() if isinstance(part, HardwareServoConfig))
