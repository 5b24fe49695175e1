"""Which drivers there are. They are imported when they are asked for, so that a bin needs the packages of its own kinds only.

A kind of flap stands here with its section of the configuration, of which everything else is asked
(``hardware.drives.section``). Switches, level sensors and lights are made alike: ``driver(name=..., pin_factory=...,
**options)``, the options being the keys of the configuration; switches also take ``clock``. One that uses no pins takes no
notice of ``pin_factory``.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Generic, TypeVar

from hardware.errors import HardwareConfigError

if TYPE_CHECKING:
    # For the types of the tables alone: nothing here is imported before it is asked for.
    from hardware.camera import Camera
    from hardware.drives.section import FlapSection
    from hardware.light import StatusLight
    from hardware.pin_factory import PinFactory
    from hardware.sensor import LevelSensor, ResetLine, Switch
    from hardware.world.world import World

T = TypeVar("T")


class DriverTable(dict[str, str], Generic[T]):
    """Kind -> ``"module:Name"`` of a ``T``."""


CAMERAS: DriverTable[Callable[..., "Camera"]] = DriverTable(
    {
        "opencv": "hardware.cameras.opencv:OpenCVCamera",
        "folder": "hardware.cameras.folder:FolderCamera",
        "picamera2": "hardware.cameras.picamera2:PiCamera2Camera",
        "sim": "hardware.sim.camera:SimCamera",
    }
)

FLAPS: DriverTable[type["FlapSection"]] = DriverTable(
    {
        "servo": "hardware.drives.servo.section:ServoSection",
        "hardware_servo": "hardware.drives.hardware_servo.section:HardwareServoSection",
        "pca9685": "hardware.drives.pca9685.section:PCA9685Section",
        "relay": "hardware.drives.relay.section:RelaySection",
        "carousel": "hardware.drives.carousel.section:CarouselFlapSection",
        "trapdoor": "hardware.drives.trapdoor.section:TrapdoorFlapSection",
    }
)

SWITCHES: DriverTable[Callable[..., "Switch"]] = DriverTable(
    {
        "pin": "hardware.sensors.pin:PinSwitch",
    }
)

RESET_LINES: DriverTable[Callable[..., "ResetLine"]] = DriverTable(
    {
        "pin": "hardware.sensors.reset_line:PinResetLine",
    }
)

LEVELS: DriverTable[Callable[..., "LevelSensor"]] = DriverTable(
    {
        "ultrasonic": "hardware.sensors.ultrasonic:UltrasonicLevel",
        "vl53l0x": "hardware.sensors.vl53l0x:VL53L0XLevel",
        "sim": "hardware.sim.level_sensor:SimLevel",
    }
)

LIGHTS: DriverTable[Callable[..., "StatusLight"]] = DriverTable(
    {
        "leds": "hardware.lights.leds:LEDLight",
    }
)

PIN_FACTORIES: DriverTable[Callable[[], "PinFactory"]] = DriverTable(
    {
        "mock": "hardware.pins:mock_factory",
        "lgpio": "hardware.pins:lgpio_factory",
    }
)

SIMULATIONS: DriverTable[Callable[..., "World"]] = DriverTable(
    {
        "bin": "hardware.sim.bin:SimulatedBin",
    }
)


def load(table: DriverTable[T], kind: str) -> T:
    """What stands under ``kind`` in one of the tables above.

    Raises:
        HardwareConfigError: no driver of that name, or the package it needs is not installed.
    """
    if kind not in table:
        raise HardwareConfigError(f"unknown kind {kind!r}: expected one of {', '.join(sorted(table))}")
    module, _, name = table[kind].partition(":")
    try:
        found: T = getattr(import_module(module), name)
    except ImportError as error:
        raise HardwareConfigError(f"kind {kind!r} needs a package that is not installed: {error}") from error
    return found


def load_all(table: DriverTable[T]) -> list[T]:
    """Everything in one of the tables, in its order. Raises HardwareConfigError when a package is not installed."""
    return [load(table, kind) for kind in table]
