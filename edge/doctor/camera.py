"""Check of the camera: presence, age and sharpness of its frames, and the process that holds it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from edge.config.invocation import invocation
from edge.config.schema import Config
from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, failure, from_error, not_applicable, ok, warning
from edge.doctor.host import Host
from edge.doctor.probe import warm_up_s
from edge.doctor.probe_answers import CameraAnswer, ProbeFailure
from hardware.device_path import is_device_path

CAMERA_TIMEOUT_S = 30.0
"""Seconds after its warm-up within which a camera must answer: the probe takes up to 12 of them, the rest is for imports."""


def check_camera(context: CheckContext) -> Iterator[Finding]:
    """Open the camera and check some frames, unless the service uses it."""
    config = context.config
    if config is None:
        yield not_applicable("camera", NO_CONFIG)
        return
    if config.camera.kind == "sim":
        yield not_applicable("camera", "camera.kind is sim")
        return
    devices = camera_devices(context.host, config)
    if devices is not None and not devices:
        yield failure("camera", missing_camera(config), no_camera_advice(config))
        return
    if context.running:
        assert context.unit is not None
        yield ok(
            "camera", f"in use by the service (pid {context.unit.pid}), not opened; its status: {context.unit.status}"
        )
        return
    answer = context.probe("camera", CameraAnswer, timeout_s=CAMERA_TIMEOUT_S + warm_up_s(config))
    if isinstance(answer, ProbeFailure):
        finding = from_error("camera", answer.error, no_camera_advice(config))
        holders = [f"{name} (pid {pid})" for pid, name in held_by(context.host, devices or ())]
        if holders:
            finding = failure(
                "camera", f"{finding.found}: held by {', '.join(holders)}", f"end {' and '.join(holders)}"
            )
        elif devices and context.host.uid != 0:
            finding = replace(
                finding, advice=f"{finding.advice}; run it with sudo to see which process holds the camera"
            )
        yield finding
        return
    if answer.problem is not None or answer.age_s is None:
        # The sentence of an alarm is "problem: advice".
        yield from_error(
            "camera", (answer.problem or "no frame arrived").replace(": ", "; ", 1), no_camera_advice(config)
        )
        return
    found = f"{answer.camera}, frames {answer.age_s:.2f} s old"
    if answer.age_s > config.camera.max_frame_age_s:
        limit = f"camera.max_frame_age_s is {config.camera.max_frame_age_s:g} s: nothing would be sorted"
        yield failure("camera", f"{found}, {limit}", "lower camera.width and camera.height, or camera.fps")
    elif answer.unsharp:
        calibrate = invocation("calibrate", "light", config=context.config_file)
        advice = f"turn the lens, or wipe it; '{calibrate}' shows the sharpness meanwhile"
        yield warning("camera", f"{found}, blurred: edges are {answer.edge_px or 0:.1f} pixels wide", advice)
    elif answer.least_size is None:
        advice = "more light, less gain or a higher resolution; keep the tray still meanwhile"
        yield warning("camera", f"{found}, so noisy that things of a fifth of the tray are missed", advice)
    else:
        yield ok("camera", f"{found}, things from {answer.least_size:.1%} of the tray's shorter side on are seen")


def camera_devices(host: Host, config: Config) -> list[Path] | None:
    """Existing device files of the configured camera; None where it needs none (a file, a network stream)."""
    if config.camera.kind == "picamera2":
        return host.paths("dev/media*") + host.paths("dev/video*")
    source = str(config.camera.opencv.source)
    if config.camera.kind != "opencv" or not _is_device(source):
        return None
    name = f"dev/video{source}" if source.isdecimal() else source.lstrip("/")
    return host.paths(name)


def held_by(host: Host, devices: Sequence[Path]) -> list[tuple[int, str]]:
    """Processes that have one of these files open: pid and name. Without root, only this user's processes."""
    wanted: set[str | None] = set()
    for device in devices:
        # A name under by-id is a link to the device itself.
        real = device.resolve()
        wanted.add(
            f"/{real.relative_to(host.root.resolve())}" if real.is_relative_to(host.root.resolve()) else str(real)
        )
    found = {}
    for process in host.paths("proc/[0-9]*"):
        # Processes end meanwhile, and those of other users may not be read.
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
    return source.isdecimal() or is_device_path(source)


def missing_camera(config: Config) -> str:
    """Which device is not there."""
    if config.camera.kind == "picamera2":
        return "camera.kind is picamera2, and there is no camera device"
    source = str(config.camera.opencv.source)
    return f"camera.opencv.source: there is no {f'/dev/video{source}' if source.isdecimal() else source}"


def no_camera_advice(config: Config) -> str:
    """What to do where the configured camera cannot be opened."""
    if config.camera.kind == "picamera2":
        return "seat the ribbon cable at both ends, restart; 'rpicam-hello --list-cameras' must show the camera"
    if config.camera.kind == "folder":
        return "set camera.folder.path to a folder with photographs, camera.folder.empty to a picture or null"
    source = str(config.camera.opencv.source)
    if not _is_device(source):
        return (
            f"set camera.opencv.source to {'an address that answers' if '://' in source else 'an existing video file'}"
        )
    return "plug it in; set camera.opencv.source to a device that 'v4l2-ctl --list-devices' lists"
