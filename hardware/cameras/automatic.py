"""The automatics of a V4L2 camera: what switches each, and what it chooses."""

import contextlib
from collections.abc import Container
from dataclasses import dataclass

from hardware.cameras.v4l2 import V4L2Device
from hardware.errors import CameraError


@dataclass(frozen=True, slots=True)
class AutoControl:
    """One automatic, by the kernel's control numbers: the names have changed over the years, these have not.

    Attributes:
        switch: the control that turns it on and off.
        off: the switch's value for off; what is on is the driver's default.
        chooses: the controls that it sets while it is on.
    """

    switch: int
    off: int
    chooses: tuple[int, ...]


_USER, _CAMERA = 0x00980900, 0x009A0900

FOCUS_SWITCH = _CAMERA + 12
"""The control that turns the automatic focus on and off."""

AUTOMATICS = (
    AutoControl(switch=_CAMERA + 1, off=1, chooses=(_CAMERA + 2, _USER + 19)),  # exposure mode; exposure time, gain
    AutoControl(switch=_USER + 18, off=0, chooses=(_USER + 19,)),  # automatic gain; gain
    AutoControl(
        switch=_USER + 12, off=0, chooses=(_USER + 26, _USER + 14, _USER + 15)
    ),  # automatic white; temperature, red, blue
    AutoControl(switch=FOCUS_SWITCH, off=0, chooses=(_CAMERA + 10,)),  # automatic focus; focus
)


def has_automatic_focus(device: V4L2Device, *, without: Container[str]) -> bool:
    """Whether the device focuses by itself, where its driver does so by default.

    Args:
        without: names of controls to leave alone.

    Raises:
        CameraError: the device is gone.
    """
    return any(
        control.id == FOCUS_SWITCH and control.default != 0 and name not in without
        for name, control in device.controls.items()
    )


def auto_mode_settings(device: V4L2Device, *, without: Container[str]) -> dict[str, int]:
    """Settings that turn the device's automatics on, where its driver does so by default.

    Args:
        without: names of controls to leave alone.

    Raises:
        CameraError: the device is gone.
    """
    controls = {control.id: (name, control) for name, control in device.controls.items()}
    found = [controls[automatic.switch] for automatic in AUTOMATICS if automatic.switch in controls]
    return {name: control.default for name, control in found if name not in without}


def locked_settings(device: V4L2Device, *, without: Container[str]) -> dict[str, int]:
    """Settings that turn off what is automatic now, and keep what it has chosen.

    Args:
        without: names of controls to leave alone; an automatic whose switch is among them is not touched.

    Raises:
        CameraError: the device is gone.
    """
    controls = {control.id: (name, control) for name, control in device.controls.items()}
    kept: dict[str, int] = {}
    for automatic in AUTOMATICS:
        name, switch = controls.get(automatic.switch, ("", None))
        if switch is None or name in without or not switch.accepts(automatic.off):
            continue
        if device.value(switch) == automatic.off:
            continue
        kept[name] = automatic.off
        for number in automatic.chooses:
            chosen, control = controls.get(number, ("", None))
            if control is not None and chosen not in without:
                with contextlib.suppress(CameraError):  # some devices don't report it while the automatic is on
                    kept[chosen] = control.nearest(device.value(control))
    return kept
