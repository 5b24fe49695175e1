"""Translates errors of the pin and bus libraries into the bin's own, in one line."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from traceback import clear_frames

from gpiozero.exc import GPIOPinInUse, PinFixedPull, PinInvalidPin

from hardware.errors import GpioError, HardwareConfigError, HardwareError


@contextmanager
def claiming(who: str, where: str, failure: type[HardwareError]) -> Iterator[None]:
    """While a pin, a channel or a bus is being claimed.

    Args:
        who: what claims it, e.g. ``flap 'paper'`` or ``panel.lid``.
        where: what is claimed, e.g. ``pin 12``.
        failure: raised when it is not available now.

    Raises:
        HardwareConfigError: it does not exist, cannot do that, or another part of this bin has it.
        GpioError: another program holds it.
        HardwareError: of the class ``failure``: no permission, or it does not answer.
    """
    try:
        with _releasing_frames():
            yield
    except HardwareError as error:
        raise type(error)(f"{who}: {error}") from error
    except GPIOPinInUse as error:
        raise HardwareConfigError(f"{who}: {where} is already in use: {error}") from error
    except PinInvalidPin as error:
        raise HardwareConfigError(f"{who}: there is no {where}: {error}; expected a GPIO number, 0..27") from error
    except PinFixedPull as error:
        raise HardwareConfigError(
            f"{who}: {where} has a resistor on the board that pulls it up; expected active_high false, or another pin"
        ) from error
    except PermissionError as error:
        raise failure(
            f"{who}: no permission to use {where}: {error}; the user that runs this needs the groups gpio and i2c"
        ) from error
    except Exception as error:
        if _is_busy(error):
            raise GpioError(
                f"{who}: {where} is held by another program or a kernel driver ({error}); 'gpioinfo' names it"
            ) from error
        raise failure(f"{who}: cannot claim {where}: {_as_text(error)}") from error


@contextmanager
def driving(who: str, where: str, what: str, failure: type[HardwareError]) -> Iterator[None]:
    """While it is being used (``what``, e.g. ``open``): whatever the library raises (lgpio's errors share no base)
    becomes ``failure``."""
    try:
        yield
    except Exception as error:
        raise failure(f"{who}: cannot {what}, {where} failed: {_as_text(error)}") from error


@contextmanager
def undoing(undo: Callable[[], object]) -> Iterator[None]:
    """While what was just claimed is being set up: when that fails, ``undo`` gives it back, as far as it can."""
    try:
        yield
    except BaseException:
        with suppress(Exception):
            undo()
        raise


@contextmanager
def _releasing_frames() -> Iterator[None]:
    """What failed half-way is released at once.

    gpiozero has its pin reserved for as long as anything refers to it, as the frames of the error's own trace do: the next
    attempt would fail because the pin is in use by the first one.
    """
    try:
        yield
    except Exception as error:
        clear_frames(error.__traceback__)
        raise


def _as_text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _is_busy(error: Exception) -> bool:
    # lgpio's own errors carry a text and no number.
    return getattr(error, "errno", None) == errno.EBUSY or "busy" in str(error).lower()
