"""Commands to a flap whose drive is shared: the error names the flap, not the drive alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from hardware.errors import FlapError, SensorError


@contextmanager
def commanding(name: str, what: str, *, is_closed: bool) -> Iterator[None]:
    """Give a command to the flap of a bin.

    Args:
        name: the bin's name.
        what: the command, as in "cannot open".
        is_closed: whether the flap was closed, so that it takes no more commands.

    Raises:
        FlapError: it was closed, or its drive or one of the drive's sensors failed.
    """
    if is_closed:
        raise FlapError(f"flap {name!r}: cannot {what}, it is closed")
    try:
        yield
    except (FlapError, SensorError) as error:
        raise FlapError(f"flap {name!r}: {error}") from error
