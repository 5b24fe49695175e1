"""What can go wrong with the bin's hardware.

Every leaf also inherits the builtin it refines, so that ``except OSError`` and ``except HardwareError`` both work.
"""


class HardwareError(Exception):
    """Base of every error raised in ``hardware``."""


class HardwareConfigError(HardwareError, ValueError):
    """A driver was asked for something that it cannot do (unknown kind, angle outside the limits, pin taken)."""


class CameraError(HardwareError, OSError):
    """A camera cannot be opened or has stopped for good."""


class GpioError(HardwareError, OSError):
    """This machine has no usable GPIO chip, or another program holds a pin of it."""


class FlapError(HardwareError, OSError):
    """A flap cannot be driven."""


class SensorError(HardwareError, OSError):
    """A switch or a level sensor cannot be read, or a status light cannot be driven."""
