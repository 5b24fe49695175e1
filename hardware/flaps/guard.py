"""gpiozero's errors, told in the bin's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from gpiozero.exc import GPIOPinInUse, PinInvalidPin

from hardware.errors import FlapError, HardwareConfigError


@contextmanager
def claiming(name: str, pin: int | str) -> Iterator[None]:
    """While a pin is being claimed: HardwareConfigError when it is taken or doesn't exist, FlapError when it fails."""
    try:
        yield
    except GPIOPinInUse as error:
        raise HardwareConfigError(f"flap {name!r}: pin {pin} is already in use: {error}") from error
    except PinInvalidPin as error:
        raise HardwareConfigError(f"flap {name!r}: there is no pin {pin}: {error}") from error
    except Exception as error:
        raise FlapError(f"flap {name!r}: cannot claim pin {pin}: {error}") from error


@contextmanager
def driving(name: str, pin: int | str, what: str) -> Iterator[None]:
    """While a pin is being driven: whatever the pin library raises (lgpio's errors share no base) becomes FlapError."""
    try:
        yield
    except Exception as error:
        raise FlapError(f"flap {name!r}: cannot {what}, pin {pin} failed: {type(error).__name__}: {error}") from error
