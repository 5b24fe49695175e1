"""A V4L2 camera that isn't there: the kernel's answers on one side, OpenCV's pictures on the other."""

import ctypes
import errno
import os
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from hardware.cameras import v4l2
from hardware.frame import Pixels

U32, S32 = ctypes.c_uint32, ctypes.c_int32
MANUAL, APERTURE_PRIORITY = 1, 3
INTEGER, BOOLEAN, MENU, BUTTON, CLASS = 1, 2, 3, 4, 6


class QueryCtrl(ctypes.Structure):
    _fields_ = (
        *(("id", U32), ("type", U32), ("name", ctypes.c_char * 32), ("minimum", S32), ("maximum", S32)),
        *(("step", S32), ("default_value", S32), ("flags", U32), ("reserved", U32 * 2)),
    )


class QueryMenu(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("id", U32), ("index", U32), ("name", ctypes.c_char * 32), ("reserved", U32))


class Ctrl(ctypes.Structure):
    _fields_ = (("id", U32), ("value", S32))


class Capability(ctypes.Structure):
    _fields_ = (
        *(("driver", ctypes.c_char * 16), ("card", ctypes.c_char * 32), ("bus_info", ctypes.c_char * 32)),
        *(("version", U32), ("capabilities", U32), ("device_caps", U32), ("reserved", U32 * 3)),
    )


class FmtDesc(ctypes.Structure):
    _fields_ = (
        *(("index", U32), ("type", U32), ("flags", U32), ("description", ctypes.c_char * 32)),
        *(("pixelformat", ctypes.c_char * 4), ("mbus_code", U32), ("reserved", U32 * 3)),
    )


@dataclass
class Knob:
    """One control as the driver keeps it; ``automatic`` names the switch that chooses its value while that is on."""

    id: int
    name: str
    kind: int = INTEGER
    least: int = 0
    most: int = 255
    step: int = 1
    default: int = 128
    value: int = 128
    flags: int = 0
    menu: dict[int, str] = field(default_factory=dict)
    automatic: int = 0
    off: int = 0


def webcam() -> list[Knob]:
    """The controls of a common USB camera, by a present kernel's names."""
    return [
        Knob(0x00980001, "User Controls", CLASS, flags=0x4 | 0x40),
        Knob(0x00980900, "Brightness"),
        Knob(0x0098090C, "White Balance, Automatic", BOOLEAN, 0, 1, 1, 1, 1),
        Knob(0x0098091A, "White Balance Temperature", INTEGER, 2800, 6500, 10, 4600, 4600, automatic=0x0098090C),
        Knob(0x009A0001, "Camera Controls", CLASS, flags=0x4 | 0x40),
        Knob(0x009A0901, "Auto Exposure", MENU, 0, 3, 1, 3, 3, menu={1: "Manual Mode", 3: "Aperture Priority Mode"}),
        Knob(0x009A0902, "Exposure Time, Absolute", INTEGER, 3, 2047, 1, 250, 250, automatic=0x009A0901, off=MANUAL),
        Knob(0x009A0910, "Privacy", BOOLEAN, 0, 1, 1, 0, 0, flags=0x4),
        Knob(0x009A0911, "Reset", BUTTON, 0, 0, 0, 0, 0),
    ]


class FakeV4L2:
    """One device. Its automatic exposure wants ``wanted``; the pictures are as bright as the exposure is long."""

    def __init__(self) -> None:
        self.knobs = {knob.id: knob for knob in webcam()}
        self.wanted = {0x009A0902: 120, 0x0098091A: 5003}  # a camera may tell a value that it does not take
        self.tells = True
        self.plugged = True
        self.allowed = True
        self.capture = True
        self.formats = ["YUYV", "MJPG"]
        self.fourcc = "YUYV"
        self.frozen = self.times_out = False
        self.fails: dict[int, int] = {}
        """Number of a request -> the errno that it ends with."""
        self.takes_formats = True
        self.set_order: list[tuple[str, int]] = []
        self.opened: list[FakeCapture] = []
        self.handles = 0

    @property
    def busy(self) -> bool:
        return any(not capture.released for capture in self.opened)

    # What os and fcntl do with its path.

    def open(self, path: str, flags: int) -> int:
        if not self.plugged:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)
        if not self.allowed:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        assert flags & os.O_NONBLOCK, "opening a device may block"
        self.handles += 1
        return 1000

    def close(self, handle: int) -> None:
        self.handles -= 1

    def ioctl(self, handle: int, code: int, packed: bytes) -> bytes:
        assert self.handles > 0
        if not self.plugged:
            raise OSError(errno.ENODEV, "No such device")
        assert code >> 16 & 0x3FFF == len(packed), "the size of the structure does not fit"
        if (number := self.fails.get(code & 0xFF)) is not None:
            raise OSError(number, os.strerror(number))
        known = {0: self._capability, 2: self._format, 8: self._buffers, 27: self._get, 28: self._set}
        known |= {36: self._control, 37: self._menu}
        return known[code & 0xFF](packed)

    def stands_at(self, name: str) -> int:
        knob = next(knob for knob in self.knobs.values() if knob.name == name)
        return self._value(knob)

    def _on(self, knob: Knob) -> bool:
        return knob.automatic != 0 and self.knobs[knob.automatic].value != knob.off

    def _value(self, knob: Knob) -> int:
        return self.wanted[knob.id] if self._on(knob) else knob.value

    def _capability(self, packed: bytes) -> bytes:
        own = 0x04000000 | (0x1 if self.capture else 0x00800000)
        return bytes(Capability(b"fake", b"Fake", b"usb-1", 0x60C00, 0x84A00001, own))

    def _format(self, packed: bytes) -> bytes:
        asked = FmtDesc.from_buffer_copy(packed)
        assert asked.type == 1
        if asked.index >= len(self.formats):
            raise OSError(errno.EINVAL, "Invalid argument")
        asked.pixelformat = self.formats[asked.index].encode()
        return bytes(asked)

    def _buffers(self, packed: bytes) -> bytes:
        if self.busy:
            raise OSError(errno.EBUSY, "Device or resource busy")
        return packed

    def _get(self, packed: bytes) -> bytes:
        asked = Ctrl.from_buffer_copy(packed)
        knob = self.knobs[asked.id]
        if self._on(knob) and not self.tells:
            return bytes(Ctrl(asked.id, knob.value))
        return bytes(Ctrl(asked.id, self._value(knob)))

    def _set(self, packed: bytes) -> bytes:
        asked = Ctrl.from_buffer_copy(packed)
        knob = self.knobs.get(asked.id)
        if knob is None:
            raise OSError(errno.EINVAL, "Invalid argument")
        if self._on(knob) or knob.flags & 0x4:
            raise OSError(errno.EACCES, "Permission denied")
        if not knob.least <= asked.value <= knob.most or (asked.value - knob.least) % max(knob.step, 1):
            raise OSError(errno.ERANGE, "Numerical result out of range")
        knob.value = asked.value
        self.set_order.append((knob.name, asked.value))
        return packed

    def _control(self, packed: bytes) -> bytes:
        asked = QueryCtrl.from_buffer_copy(packed)
        assert asked.id & 0x80000000
        for number in sorted(self.knobs):
            if number > asked.id & 0x7FFFFFFF:
                knob = self.knobs[number]
                limits = knob.least, knob.most, knob.step, knob.default
                return bytes(QueryCtrl(number, knob.kind, knob.name.encode(), *limits, knob.flags))
        raise OSError(errno.EINVAL, "Invalid argument")

    def _menu(self, packed: bytes) -> bytes:
        asked = QueryMenu.from_buffer_copy(packed)
        if asked.index not in self.knobs[asked.id].menu:
            raise OSError(errno.EINVAL, "Invalid argument")
        asked.name = self.knobs[asked.id].menu[asked.index].encode()
        return bytes(asked)


class FakeCapture:
    """``cv2.VideoCapture`` on the fake device."""

    def __init__(self, device: FakeV4L2) -> None:
        self.device = device
        self.size = (640, 480)
        self.stamp_ms = 0.0
        self.released = False
        self.props: dict[int, float] = {}

    def isOpened(self) -> bool:  # noqa: N802 OpenCV's name
        return self.device.plugged

    def set(self, key: int, value: float) -> bool:
        self.props[key] = value
        if key == cv2.CAP_PROP_FOURCC:
            if not self.device.takes_formats:
                return False
            self.device.fourcc = int(value).to_bytes(4, "little").decode()
        return True

    def get(self, key: int) -> float:
        assert not self.released
        return self.stamp_ms if key == cv2.CAP_PROP_POS_MSEC else 0.0

    def read(self) -> tuple[bool, Pixels | None]:
        assert not self.released
        time.sleep(0.001)
        if not self.device.plugged:
            return False, None
        if self.device.times_out:
            self.stamp_ms = 0.0
        elif not self.device.frozen:
            self.stamp_ms = time.monotonic() * 1000
        level = min(self.device.stands_at("Exposure Time, Absolute"), 255)
        noise = np.random.default_rng().integers(0, 3, (48, 64, 3), np.uint8)
        return True, np.full((48, 64, 3), level, np.uint8) - np.minimum(noise, level).astype(np.uint8)

    def release(self) -> None:
        self.released = True


def plug_in(monkeypatch: pytest.MonkeyPatch) -> FakeV4L2:
    """Put a fake camera where every V4L2 device is looked for."""
    device = FakeV4L2()

    def open_capture(source: Any, backend: int) -> FakeCapture:
        assert isinstance(source, str)
        assert backend == cv2.CAP_V4L2
        assert all(capture.released for capture in device.opened), "opened twice"
        device.opened.append(FakeCapture(device))
        return device.opened[-1]

    flags = {name: getattr(os, name) for name in ("O_RDWR", "O_NONBLOCK", "O_CLOEXEC")}
    monkeypatch.setattr(v4l2, "os", SimpleNamespace(open=device.open, close=device.close, **flags))
    monkeypatch.setattr(v4l2, "ioctl", device.ioctl)
    monkeypatch.setattr(cv2, "VideoCapture", open_capture)
    return device
