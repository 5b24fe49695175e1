"""Views in memory that processes share."""

from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels


def as_bytes(memory: SharedMemory) -> NDArray[np.uint8]:
    """The memory as an array without a copy; it cannot be closed while the array exists.

    Raises:
        ValueError: the memory is closed.
    """
    if memory.buf is None:
        raise ValueError(f"shared memory {memory.name} is closed")
    return np.frombuffer(memory.buf, np.uint8)


def slot_views(slot: SharedMemory, batch: int, size: int, small: int) -> tuple[Pixels, Pixels]:
    """The views of a batch in a slot, without a copy: uint8 (batch, size, size, 3) and (batch, small, small, 3)."""
    large, rest = np.split(as_bytes(slot), [batch * size**2 * 3])
    return large.reshape(batch, size, size, 3), rest.reshape(batch, small, small, 3)
