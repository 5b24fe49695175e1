"""The camera: is it there, does it give fresh and sharp pictures, and who holds it if not?"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from edge.commands.invocation import invocation
from edge.config.schema import Config
from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, failure, from_error, not_applicable, ok, warning
from edge.doctor.host import Host
from edge.doctor.probe import warm_up_s

CAMERA_S = 30.0
"""A camera that does not answer for so long after its warm-up hangs, in seconds."""


def check_camera(subject: CheckContext) -> Iterator[Finding]:
    """Open it and look at some frames, unless the service is at it."""
    config = subject.config
    if config is None:
        yield not_applicable("camera", NO_CONFIG)
        return
    if config.camera.kind == "sim":
        yield not_applicable("camera", "camera.kind is sim")
        return
    devices = camera_devices(subject.host, config)
    if devices is not None and not devices:
        yield failure("camera", _missing(config), _find_it(config))
        return
    if subject.running:
        assert subject.unit is not None
        yield ok(
            "camera", f"in use by the service (pid {subject.unit.pid}), not opened; it says: {subject.unit.status}"
        )
        return
    seen = subject.probe("camera", timeout_s=CAMERA_S + warm_up_s(config))
    if "error" in seen:
        finding = from_error("camera", seen["error"], _find_it(config))
        holders = [f"{name} (pid {pid})" for pid, name in held_by(subject.host, devices or ())]
        if holders:
            finding = failure(
                "camera", f"{finding.found}: held by {', '.join(holders)}", f"end {' and '.join(holders)}"
            )
        elif devices and subject.host.uid != 0:
            finding = replace(finding, advice=f"{finding.advice}; run it with sudo to see who else holds the camera")
        yield finding
        return
    if seen["trouble"]:
        yield from_error("camera", seen["trouble"].replace(": ", "; ", 1), _find_it(config))
        return
    found = f"{seen['camera']}, frames {seen['age_s']:.2f} s old"
    if seen["age_s"] > config.camera.max_frame_age_s:
        limit = f"camera.max_frame_age_s is {config.camera.max_frame_age_s:g} s: nothing would be sorted"
        yield failure("camera", f"{found}, {limit}", "lower camera.width and camera.height, or camera.fps")
    elif seen["unsharp"]:
        calibrate = invocation("calibrate", "light", config=subject.config_file)
        advice = f"turn the lens, or wipe it; '{calibrate}' shows how sharp it is meanwhile"
        yield warning("camera", f"{found}, blurred: edges are {seen['edge_px']:.1f} pixels wide", advice)
    else:
        yield ok("camera", found)


def camera_devices(host: Host, config: Config) -> list[Path] | None:
    """The device files of the configured camera that are there; None where it needs none (a file, a network stream)."""
    if config.camera.kind == "picamera2":
        return host.paths("dev/media*") + host.paths("dev/video*")
    source = str(config.camera.opencv.source)
    if config.camera.kind != "opencv" or not _is_device(source):
        return None
    name = f"dev/video{source}" if source.isdecimal() else source.lstrip("/")
    return host.paths(name)


def held_by(host: Host, devices: Sequence[Path]) -> list[tuple[int, str]]:
    """Processes that have one of these files open, as far as we may know: pid and name."""
    wanted: set[str | None] = set()
    for device in devices:
        # A name by id is a link to the device itself.
        real = device.resolve()
        wanted.add(
            f"/{real.relative_to(host.root.resolve())}" if real.is_relative_to(host.root.resolve()) else str(real)
        )
    found = {}
    for process in host.paths("proc/[0-9]*"):
        # Processes end while they are looked at, and those of others are closed to us.
        with suppress(OSError):
            if wanted & {_target(link) for link in (process / "fd").iterdir()}:
                found[int(process.name)] = (process / "comm").read_text(errors="replace").strip()
    return sorted(found.items())


def _target(link: Path) -> str | None:
    try:
        return os.readlink(link)
    except OSError:
        return None


def _is_device(source: str) -> bool:
    return source.isdecimal() or source.startswith("/dev/")


def _missing(config: Config) -> str:
    if config.camera.kind == "picamera2":
        return "camera.kind is picamera2, and there is no camera device"
    source = str(config.camera.opencv.source)
    return f"camera.opencv.source: there is no {f'/dev/video{source}' if source.isdecimal() else source}"


def _find_it(config: Config) -> str:
    if config.camera.kind == "picamera2":
        return "seat the ribbon cable at both ends, restart; 'rpicam-hello --list-cameras' must show the camera"
    if config.camera.kind == "folder":
        return "set camera.folder.path to a folder with photographs, camera.folder.empty to a picture or null"
    source = str(config.camera.opencv.source)
    if not _is_device(source):
        return f"set camera.opencv.source to {'an address that answers' if '://' in source else 'a video file that is there'}"
    return "plug it in; 'v4l2-ctl --list-devices' names what is there, set camera.opencv.source to it"
