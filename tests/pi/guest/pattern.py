"""Test patterns of the kernel's test cameras, set through their drivers' controls."""

import fcntl
import os
import struct
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

WEBCAM = Path("/dev/video0")

WHITE, RED = 6, 7
"""Values of the control "Test Pattern" of both drivers."""


GREY = 90
"""Value of the control "Brightness" at which the white pattern is a light grey."""

_VIDIOC_S_CTRL, _V4L2_CID_BRIGHTNESS = 0xC008561C, 0x00980900


LEVELS, STEP_S = 6, 0.3
"""How many levels the brightness rises by before it begins anew, and how long it keeps each, in seconds: pictures half a second
apart, which is what a busy host gives, differ, and ten a second are not alike for as long as a frozen camera's are."""


@contextmanager
def lit(devices: Iterable[Path]) -> Iterator[None]:
    """Show a grey tray whose brightness drifts: without noise the pictures would count as frozen."""
    ended = threading.Event()
    files = [os.open(device, os.O_RDWR) for device in devices]

    def drift() -> None:
        for level in cycle(range(LEVELS)):
            for file in files:
                fcntl.ioctl(file, _VIDIOC_S_CTRL, struct.pack("Ii", _V4L2_CID_BRIGHTNESS, GREY + level))
            if ended.wait(STEP_S):
                return

    thread = threading.Thread(target=drift)
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
