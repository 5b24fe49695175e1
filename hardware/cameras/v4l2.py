"""The kernel's own interface to a V4L2 camera, for what OpenCV does not do: controls by name, and why it cannot be opened.

The names are those of ``v4l2-ctl --list-ctrls``. The structures are the kernel's (``linux/videodev2.h``), the same on every
machine.
"""

import errno
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.errors import CameraError, HardwareConfigError

_READ, _WRITE = 2 << 30, 1 << 30


def _code(direction: int, number: int, layout: struct.Struct) -> int:
    return direction | layout.size << 16 | ord("V") << 8 | number


_CAPABILITY = struct.Struct("=16s32s32s3I12x")
_FORMAT = struct.Struct("=3I32s4s4I")
_BUFFERS = struct.Struct("=5I")
_VALUE = struct.Struct("=Ii")
_CONTROL = struct.Struct("=2I32s4iI8x")
_MENU = struct.Struct("=2I32sI")
QUERYCAP = _code(_READ, 0, _CAPABILITY)
ENUM_FMT = _code(_READ | _WRITE, 2, _FORMAT)
REQBUFS = _code(_READ | _WRITE, 8, _BUFFERS)
G_CTRL = _code(_READ | _WRITE, 27, _VALUE)
S_CTRL = _code(_READ | _WRITE, 28, _VALUE)
QUERYCTRL = _code(_READ | _WRITE, 36, _CONTROL)
QUERYMENU = _code(_READ | _WRITE, 37, _MENU)

_CAPTURE, _CAPTURE_PLANES, _DEVICE_CAPS = 0x1, 0x1000, 0x80000000
_ONE_PLANE, _PLANES = 1, 9
_NEXT = 0x80000000
_DISABLED, _READ_ONLY = 0x1, 0x4
_BOOLEAN, _MENU_TYPE, _INTEGER_MENU = 2, 3, 9
_NUMBERS = frozenset({1, _BOOLEAN, _MENU_TYPE, _INTEGER_MENU})
"""Control types that hold one number: integer, boolean, menu, menu of integers."""


@dataclass(frozen=True, slots=True)
class V4L2Control:
    """One control of a camera.

    Attributes:
        id: the kernel's number for it.
        least, most, step: what values it takes.
        default: what the driver starts with.
        menu: meaning of each value, for a control that offers a choice; else empty.
        is_switch: it chooses a mode, which must be set before the values that count in it.
    """

    id: int
    minimum: int
    maximum: int
    step: int
    default: int
    menu: Mapping[int, str]
    is_switch: bool

    @property
    def expected(self) -> str:
        """What values it takes, in words."""
        if self.menu:
            return ", ".join(f"{value} ({meaning})" for value, meaning in self.menu.items())
        return f"{self.minimum}..{self.maximum}" + (f" in steps of {self.step}" if self.step > 1 else "")

    def accepts(self, value: int) -> bool:
        """Whether it can be set to ``value``."""
        if self.menu:
            return value in self.menu
        return self.minimum <= value <= self.maximum and (value - self.minimum) % max(self.step, 1) == 0

    def nearest(self, value: int) -> int:
        """The value that it takes, at or below ``value`` where there is one: devices report values that they do not accept."""
        if self.menu:
            return value
        value = min(max(value, self.minimum), self.maximum)
        return value - (value - self.minimum) % max(self.step, 1)


class V4L2Device:
    """A video device, opened beside the program that takes its pictures. A context manager.

    Args:
        path: of the device, e.g. ``/dev/video0``.

    Raises:
        CameraError: it is not there, or cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise CameraError(f"there is no {path}; {_there_is()}") from error
        except PermissionError as error:
            raise CameraError(
                f"no permission for {path}: add this user to the group video, then log in again"
            ) from error
        except OSError as error:
            raise CameraError(f"cannot open {path}: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)

    def check(self) -> None:
        """Refuse a device that gives no pictures, or gives them to another program. Raises CameraError."""
        try:
            *_, capabilities, device = _CAPABILITY.unpack(self._ask(QUERYCAP, _CAPABILITY))
        except OSError as error:
            raise CameraError(f"{self._path} is no video device") from error
        offered = device if capabilities & _DEVICE_CAPS else capabilities
        if not offered & (_CAPTURE | _CAPTURE_PLANES):
            raise CameraError(f"{self._path} gives no pictures, as every second number of a USB camera; {_there_is()}")
        try:
            # Asking for no buffers changes nothing, but fails while another program has some.
            self._ask(REQBUFS, _BUFFERS, 0, _ONE_PLANE if offered & _CAPTURE else _PLANES, 1, 0, 0)
        except OSError as error:
            if error.errno == errno.EBUSY:
                raise CameraError(
                    f"{self._path} is busy: another program takes its pictures ('fuser -v {self._path}' names it)"
                ) from error
            raise CameraError(f"{self._path} cannot be used: {error.strerror}") from error

    @property
    def formats(self) -> tuple[str, ...]:
        """Its pixel formats by their four letters, e.g. ``MJPG``. Raises CameraError when the device is gone."""
        return tuple(self._formats())

    @property
    def controls(self) -> dict[str, V4L2Control]:
        """Its controls by name. Raises CameraError when the device is gone."""
        return dict(self._controls())

    def value(self, control: V4L2Control) -> int:
        """What the control stands at. Raises CameraError."""
        try:
            _, value = _VALUE.unpack(self._ask(G_CTRL, _VALUE, control.id, 0))
        except OSError as error:
            raise CameraError(f"{self._path}: cannot read a control: {error.strerror}") from error
        return int(value)

    def set(self, settings: Mapping[str, int]) -> None:
        """Set controls: first those that choose a mode, whatever the order.

        Raises:
            HardwareConfigError: there is no such control, or it does not take the value; nothing was set then.
            CameraError: the device refuses.
        """
        controls = self.controls
        for name, value in settings.items():
            if name not in controls:
                known = ", ".join(sorted(controls)) or "none"
                raise HardwareConfigError(f"controls.{name}: {self._path} has no such control; it has {known}")
            if not controls[name].accepts(value):
                raise HardwareConfigError(f"controls.{name}: expected {controls[name].expected}, got {value}")
        for name, value in sorted(settings.items(), key=lambda item: not controls[item[0]].is_switch):
            try:
                self._ask(S_CTRL, _VALUE, controls[name].id, value)
            except OSError as error:
                raise CameraError(
                    f"controls.{name}: {self._path} refuses {value} ({error.strerror}); does its automatic have to be "
                    "switched off first?"
                ) from error

    def _ask(self, code: int, layout: struct.Struct, *values: int | bytes) -> bytes:
        packed = layout.pack(*values) if values else bytes(layout.size)
        return bytes(ioctl(self._handle, code, packed))

    def _entry(self, what: str, code: int, layout: struct.Struct, *values: int | bytes) -> bytes | None:
        """One entry of a list; None: there is none."""
        try:
            return self._ask(code, layout, *values)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ENOTTY):
                return None
            raise CameraError(f"{self._path}: cannot list its {what}: {error.strerror}") from error

    def _formats(self) -> Iterator[str]:
        for index in range(64):
            answer = self._entry("pixel formats", ENUM_FMT, _FORMAT, index, _ONE_PLANE, 0, b"", b"", 0, 0, 0, 0)
            if answer is None:
                return
            yield _FORMAT.unpack(answer)[4].decode("latin-1").rstrip()

    def _controls(self) -> Iterator[tuple[str, V4L2Control]]:
        last = 0
        while True:
            answer = self._entry("controls", QUERYCTRL, _CONTROL, last | _NEXT, 0, b"", 0, 0, 0, 0, 0)
            if answer is None:
                return
            last, kind, name, least, most, step, default, flags = _CONTROL.unpack(answer)
            if kind not in _NUMBERS or flags & (_DISABLED | _READ_ONLY):
                continue
            menu = dict(self._menu(last, kind, least, most)) if kind in (_MENU_TYPE, _INTEGER_MENU) else {}
            yield _name(name), V4L2Control(last, least, most, step, default, menu, bool(menu) or kind == _BOOLEAN)

    def _menu(self, control: int, kind: int, least: int, most: int) -> Iterator[tuple[int, str]]:
        for index in range(least, most + 1):
            answer = self._entry("menus", QUERYMENU, _MENU, control, index, b"", 0)
            if answer is None:
                continue  # a gap in the menu
            text = _MENU.unpack(answer)[2]
            if kind == _INTEGER_MENU:
                yield index, str(struct.unpack("=q", text[:8])[0])
            else:
                yield index, text.rstrip(b"\0").decode("utf-8", "replace")


def _name(text: bytes) -> str:
    """The kernel's words as ``v4l2-ctl`` writes them: ``White Balance, AutoControl`` is ``white_balance_automatic``."""
    words = "".join(letter if letter.isalnum() else " " for letter in text.rstrip(b"\0").decode("latin-1").lower())
    return "_".join(words.split())


def _there_is() -> str:
    """The cameras on this machine, for a message."""
    names = sorted(map(str, Path("/dev/v4l/by-id").glob("*-index0"))) or sorted(map(str, Path("/dev").glob("video*")))
    return f"there is {', '.join(names)}" if names else "no camera is plugged in"
