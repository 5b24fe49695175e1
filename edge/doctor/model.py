"""Checks of the model and what runs it: TFLite runtime, classifier, Coral accelerator."""

import math
from collections.abc import Iterator
from pathlib import Path

from edge.board import read_text
from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, failure, from_error, not_applicable, ok, warning
from edge.doctor.probe_answers import CoralAnswer, ModelAnswer, ProbeFailure, RuntimeAnswer
from edge.inference.runtime import RUNTIMES

CORAL_IDS = {("1a6e", "089a"), ("18d1", "9302")}
"""USB vendor and product of the Coral stick: before its firmware is loaded, and after."""

CORAL_TIMEOUT_S = 60.0
"""Seconds within which a Coral must answer: loading the firmware of a cold one takes up to half of this."""

PROBE_TIMEOUT_S = 60.0
"""Seconds within which the runtime and the model must answer: importing takes many on a slow card."""

TOTAL_TOLERANCE = 1e-3
"""By how much the sum of the probabilities may differ from 1: far above the rounding of 32-bit floats."""


def check_runtime(context: CheckContext) -> Iterator[Finding]:
    """Check that a TFLite runtime can be imported, and that it is the fast one."""
    host, config = context.host, context.config
    wanted = "auto" if config is None else config.model.runtime
    names = list(RUNTIMES) if wanted == "auto" else [wanted]
    installed = {name: version for name in names if (version := host.version_of(name))}
    if not installed:
        yield failure("runtime", f"{' or '.join(names)} is not installed", "pip install ai-edge-litert")
        return
    answer = context.probe("runtime", RuntimeAnswer, timeout_s=PROBE_TIMEOUT_S)
    if isinstance(answer, ProbeFailure):
        found = f"importing {' or '.join(installed)} fails: {answer.error}"
        advice = f"it may be built for another processor; reinstall it: pip install {next(iter(installed))}"
        yield failure("runtime", found, advice)
        return
    errors = answer.import_errors
    usable = [name for name in installed if errors.get(name) is None]
    for name in installed:
        if name not in usable:
            found = f"{name} {installed[name]} cannot be imported: {errors[name]}"
            report = warning if usable else failure
            yield report("runtime", found, f"reinstall or remove it: pip install --force-reinstall {name}")
    if usable and usable[0] == "tflite-runtime" and context.host.run("uname", "-m").out.strip() != "armv7l":
        found = (
            f"tflite-runtime {installed[usable[0]]} runs int8 models without XNNPACK, ten times slower than necessary"
        )
        yield warning("runtime", found, "pip install ai-edge-litert")
    elif usable:
        yield ok("runtime", f"{usable[0]} {installed[usable[0]]}")


def check_model(context: CheckContext) -> Iterator[Finding]:
    """Check that the model loads, fits the configuration and answers correctly and fast enough on the processor."""
    config = context.config
    if config is None:
        yield not_applicable("model", NO_CONFIG)
        return
    # The accelerator is checked separately.
    overrides = () if config.model.delegate is None else ("model.delegate=null",)
    answer = context.probe("model", ModelAnswer, *overrides, timeout_s=PROBE_TIMEOUT_S)
    if isinstance(answer, ProbeFailure):
        yield from_error("model", answer.error, f"copy {config.model.file} again, or set model.file to another model")
        return
    found = (
        f"{answer.name}, {answer.labels} labels, {answer.latency_ms:.1f} ms per view on {answer.runtime}"
        f"{f', {config.model.threads} threads' if config.model.threads > 1 else ''}"
    )
    if answer.features == 0:
        found += "; without features: the bin cannot be taught with it"
    if answer.unused_keys:
        found += f"; newer than this program, which does not use {answer.unused_keys}"
    if not math.isclose(answer.total, 1.0, abs_tol=TOTAL_TOLERANCE):
        advice = "reinstall the runtime; on an emulated processor choose another CPU model"
        problem = f"its probabilities add up to {answer.total:g} instead of 1"
        yield failure("model", f"{found}: {problem}", advice)
    elif answer.latency_ms > 1e3 / config.camera.fps:
        advice = "set model.threads to the number of cores, lower camera.fps, or use ai-edge-litert"
        yield warning("model", f"{found}: longer than a frame at {config.camera.fps:g} fps", advice)
    else:
        yield ok("model", found)


def check_coral(context: CheckContext) -> Iterator[Finding]:
    """Check that a configured Coral answers as the processor does, unless the service uses it."""
    if context.config is None:
        yield not_applicable("coral", NO_CONFIG)
        return
    delegate = context.config.model.delegate
    if delegate is None:
        yield not_applicable("coral", "the configuration uses none (model.delegate)")
        return
    if context.running:
        yield ok("coral", f"{delegate}: in use by the service, not checked")
        return
    answer = context.probe("coral", CoralAnswer, timeout_s=CORAL_TIMEOUT_S)
    if isinstance(answer, ProbeFailure):
        if not _coral_devices(context):
            advice = "plug it into a USB 3 port that supplies 900 mA; 'lsusb' shows 1a6e:089a or 18d1:9302"
            yield failure("coral", "there is no Coral on USB or PCIe", advice)
        yield from_error("coral", answer.error, "set model.delegate to null to run the model on the processor")
    else:
        yield ok("coral", f"{delegate} answers as the processor does")


def _coral_devices(context: CheckContext) -> list[Path]:
    def ids(device: Path) -> tuple[str | None, ...]:
        return tuple(read_text(device / name) for name in ("idVendor", "idProduct"))

    sticks = [device for device in context.host.paths("sys/bus/usb/devices/*") if ids(device) in CORAL_IDS]
    return sticks + context.host.paths("dev/apex_*")
