"""Which drivers there are. They are imported when they are asked for, so that nobody needs all of their packages.

Flaps, switches, level sensors and lights are all made alike: ``driver(name=..., pin_factory=..., **options)``, the options
being the keys of the config; flaps also take ``end_switch``, switches also ``clock``. One that uses no pins takes no notice of
``pin_factory``.
"""

from importlib import import_module
from typing import Any

from hardware.errors import HardwareConfigError

CAMERAS = {
    "opencv": "hardware.cameras.opencv:OpenCVCamera",
    "folder": "hardware.cameras.folder:FolderCamera",
    "picamera2": "hardware.cameras.picamera2:PiCamera2Camera",
    "sim": "hardware.sim.camera:SimCamera",
}

FLAPS = {
    "servo": "hardware.flaps.servo:ServoFlap",
    "hardware_servo": "hardware.flaps.hardware_servo:HardwareServoFlap",
    "pca9685": "hardware.flaps.pca9685:PCA9685Flap",
    "relay": "hardware.flaps.relay:RelayFlap",
}

SWITCHES = {
    "pin": "hardware.sensors.pin:PinSwitch",
}

LEVELS = {
    "ultrasonic": "hardware.sensors.ultrasonic:UltrasonicLevel",
    "vl53l0x": "hardware.sensors.vl53l0x:VL53L0XLevel",
    "sim": "hardware.sim.level_sensor:SimLevel",
}

LIGHTS = {
    "leds": "hardware.lights.leds:LEDLight",
}

PIN_FACTORIES = {
    "mock": "hardware.pins:mock_factory",
    "lgpio": "hardware.pins:lgpio_factory",
}

SIMULATIONS = {
    "bin": "hardware.sim.bin:SimulatedBin",
}


def load(table: dict[str, str], kind: str) -> Any:
    """The driver named ``kind`` in one of the tables above.

    Raises:
        HardwareConfigError: no driver of that name, or the package it needs is not installed.
    """
    if kind not in table:
        raise HardwareConfigError(f"unknown kind {kind!r}: expected one of {', '.join(sorted(table))}")
    module, _, name = table[kind].partition(":")
    try:
        return getattr(import_module(module), name)
    except ImportError as error:
        raise HardwareConfigError(f"kind {kind!r} needs a package that is not installed: {error}") from error
