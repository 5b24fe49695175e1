"""Flaps' sections and drivers from plain options, without a whole configuration."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from edge.service.drivers import SharedDrives
from hardware.clock import Clock, SystemClock
from hardware.drives.section import FlapSection, SharedDriveSection
from hardware.flap import Flap
from hardware.registry import FLAPS, load
from hardware.sensor import Switch


def flap_section(options: Mapping[str, Any]) -> FlapSection:
    """The section of a flap: its ``kind`` and the keys of that kind."""
    return load(FLAPS, options["kind"]).model_validate(dict(options))


def drive_section(options: Mapping[str, Any]) -> SharedDriveSection:
    """The section of what several flaps share: its ``kind`` and the keys of that kind."""
    section = load(FLAPS, options["kind"]).drive_section
    assert section is not None
    return section.model_validate(dict(options))


def make_flap(
    kind: str, *, name: str = "glass", pin_factory: Any = None, end_switch: Switch | None = None, **options: Any
) -> Flap:
    """The driver of a flap that has its drive for itself."""
    return make_flaps({name: {"kind": kind, **options}}, pin_factory=pin_factory, end_switch=end_switch)[name]


def make_flaps(
    flaps: Mapping[str, Mapping[str, Any]],
    *,
    pin_factory: Any,
    drives: Mapping[str, Mapping[str, Any]] | None = None,
    stack: ExitStack | None = None,
    clock: Clock | None = None,
    end_switch: Switch | None = None,
) -> dict[str, Flap]:
    """The drivers of flaps, by name; ``stack`` closes the drives that they share, and ``end_switch`` is all of theirs."""
    sections = {name: drive_section(options) for name, options in (drives or {}).items()}
    shared = SharedDrives(stack or ExitStack(), sections, pin_factory=pin_factory, clock=clock or SystemClock())
    return {name: flap_section(options).make(name, shared, end_switch=end_switch) for name, options in flaps.items()}
