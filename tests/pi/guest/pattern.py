"""Test patterns of the kernel's test cameras, set through their drivers' controls."""

import fcntl
import os
import struct
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

WEBCAM = Path("/dev/video0")

WHITE, RED = 6, 7
"""Values of the control "Test Pattern" of both drivers."""


GREY = 90
"""Value of the control "Brightness" at which the white pattern is a light grey."""

_VIDIOC_S_CTRL, _V4L2_CID_BRIGHTNESS = 0xC008561C, 0x00980900


@contextmanager
def lit(devices: Iterable[Path]) -> Iterator[None]:
    """Show a grey tray whose brightness varies by a level or two: without noise the pictures would count as frozen."""
    ended = threading.Event()
    files = [os.open(device, os.O_RDWR) for device in devices]

    def flicker() -> None:
        # At random: alternating levels could be synchronous with the camera's frames.
        random = Random(1)
        while not ended.wait(0.02):
            level = GREY + random.randrange(3)
            for file in files:
                fcntl.ioctl(file, _VIDIOC_S_CTRL, struct.pack("Ii", _V4L2_CID_BRIGHTNESS, level))

    thread = threading.Thread(target=flicker)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        for file in files:
            os.close(file)


def show(device: Path, **controls: int) -> None:
    """Set controls of a camera or of its sensor."""
    words = ",".join(f"{name}={value}" for name, value in controls.items())
    subprocess.run(["v4l2-ctl", "--device", str(device), f"--set-ctrl={words}"], check=True, capture_output=True)


def sensors() -> list[Path]:
    """Devices of the sensors of the simulated CSI camera."""
    found = []
    for name in sorted(Path("/sys/class/video4linux").glob("v4l-subdev*/name")):
        if name.read_text().startswith("Sensor"):
            found.append(Path("/dev") / name.parent.name)
    return found
