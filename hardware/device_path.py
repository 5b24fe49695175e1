"""Whether a path names a device."""

_SHARED_MEMORY = "/dev/shm/"
"""Holds files, although it lies below /dev/."""


def is_device_path(path: str) -> bool:
    """Whether a path names a device, there or not: what lies below /dev/, but for the files in shared memory."""
    return path.startswith("/dev/") and not path.startswith(_SHARED_MEMORY)
