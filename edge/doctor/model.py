"""The model and what runs it: the TFLite runtime, the classifier, the Coral accelerator."""

import math
from collections.abc import Iterator
from pathlib import Path

from edge.board import read_text
from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, failure, from_error, not_applicable, ok, warning
from edge.inference.runtime import RUNTIMES

CORAL_IDS = {("1a6e", "089a"), ("18d1", "9302")}
"""Vendor and product of the USB stick: before its firmware is loaded, and after."""

CORAL_S = 60.0
"""A cold Coral gets its firmware first, and answers within half of this, in seconds."""


def check_runtime(subject: CheckContext) -> Iterator[Finding]:
    """Is there a TFLite runtime that can be imported, and the quick one?"""
    host, config = subject.host, subject.config
    wanted = "auto" if config is None else config.model.runtime
    names = list(RUNTIMES) if wanted == "auto" else [wanted]
    there = {name: version for name in names if (version := host.version_of(name))}
    if not there:
        yield failure("runtime", f"{' or '.join(names)} is not installed", "pip install ai-edge-litert")
        return
    tried = subject.probe("runtime", timeout_s=60)
    if "error" in tried:
        found = f"importing {' or '.join(there)} fails: {tried['error']}"
        yield failure(
            "runtime", found, f"is it made for this processor? Install it anew: pip install {next(iter(there))}"
        )
        return
    works = [name for name in there if tried.get(name) is None]
    for name in there:
        if name not in works:
            found = f"{name} {there[name]} cannot be imported: {tried[name]}"
            report = warning if works else failure
            yield report("runtime", found, f"install it anew, or remove it: pip install --force-reinstall {name}")
    if works and works[0] == "tflite-runtime" and subject.host.run("uname", "-m").out.strip() != "armv7l":
        found = f"tflite-runtime {there[works[0]]} runs int8 models without XNNPACK: ten times slower than need be"
        yield warning("runtime", found, "pip install ai-edge-litert")
    elif works:
        yield ok("runtime", f"{works[0]} {there[works[0]]}")


def check_model(subject: CheckContext) -> Iterator[Finding]:
    """Can the model be read, does it fit the configuration, does it answer, and how soon?"""
    config = subject.config
    if config is None:
        yield not_applicable("model", NO_CONFIG)
        return
    # What the processor makes of it; the accelerator has a line of its own.
    alone = () if config.model.delegate is None else ("model.delegate=null",)
    told = subject.probe("model", *alone, timeout_s=60)
    if "error" in told:
        yield from_error("model", told["error"], f"copy {config.model.file} again, or set model.file to one that works")
        return
    found = (
        f"{told['name']}, {told['labels']} labels, {told['latency_ms']:.1f} ms a view on {told['runtime']}"
        f"{f', {config.model.threads} threads' if config.model.threads > 1 else ''}"
    )
    if not math.isclose(told["total"], 1.0, abs_tol=1e-3):
        advice = "install the runtime anew; on an emulated processor choose another model of it"
        yield failure("model", f"{found}: it computes wrong numbers ({told['total']:g})", advice)
    elif told["latency_ms"] > 1e3 / config.camera.fps:
        advice = "set model.threads to the number of cores, camera.fps lower, or use ai-edge-litert"
        yield warning("model", f"{found}: longer than a frame at {config.camera.fps:g} fps", advice)
    else:
        yield ok("model", found)


def check_coral(subject: CheckContext) -> Iterator[Finding]:
    """Where one is asked for: does it answer, and as the processor does? Left alone while the service uses it."""
    if subject.config is None:
        yield not_applicable("coral", NO_CONFIG)
        return
    delegate = subject.config.model.delegate
    if delegate is None:
        yield not_applicable("coral", "the configuration asks for none (model.delegate)")
        return
    if subject.running:
        yield ok("coral", f"{delegate}: left to the service")
        return
    told = subject.probe("coral", timeout_s=CORAL_S)
    if "error" in told:
        if not _coral_devices(subject):
            advice = "plug it into a USB 3 port that gives 900 mA; 'lsusb' shows 1a6e:089a or 18d1:9302"
            yield failure("coral", "there is no Coral on USB or PCIe", advice)
        yield from_error("coral", told["error"], "set model.delegate to null: the processor runs the model then")
    else:
        yield ok("coral", f"{delegate} answers as the processor does")


def _coral_devices(subject: CheckContext) -> list[Path]:
    def ids(device: Path) -> tuple[str | None, ...]:
        return tuple(read_text(device / name) for name in ("idVendor", "idProduct"))

    sticks = [device for device in subject.host.paths("sys/bus/usb/devices/*") if ids(device) in CORAL_IDS]
    return sticks + subject.host.paths("dev/apex_*")
