"""Calibration step: find the camera."""

import os
from collections.abc import Callable
from itertools import islice

from edge.calibrate.camera_search import CameraSearchResult, FoundCamera, find_cameras
from edge.calibrate.dialogue import choose
from edge.calibrate.frames import fresh_frames
from edge.calibrate.proposal import Key, Proposal
from edge.calibrate.step_context import StepContext, warm_up_s
from edge.config.camera import CameraConfig
from hardware.errors import HardwareError

TRIAL_FRAMES = 15
"""Number of pictures from which the frame rate is measured: a second's worth at the default ``camera.fps``."""

SLOW_SHARE = 0.7
"""Share of ``camera.fps`` below which the user is warned that the camera is slow; a rate over 15 pictures is uncertain."""

CONFIGURED = "configured"
"""Answer that selects the camera of the configuration."""

SOURCE_KEYS = {"opencv": "source", "picamera2": "camera_num"}
"""Kind of camera -> the key of its section that selects the device."""


def find_camera(context: StepContext, search: Callable[[], CameraSearchResult] = find_cameras) -> Proposal | None:
    """Ask which camera to use, and try it as the bin would use it.

    Returns:
        The changes; None if the step is skipped.
    """
    found = search()
    dialogue, settings = context.dialogue, context.config.camera
    dialogue.show("Cameras on this machine:" if found.cameras else "No camera was found on this machine.")
    for number, camera in enumerate(found.cameras, 1):
        dialogue.show(f"  {number}  {camera.kind} {camera.source}  {camera.name}")
    if found.hint:
        dialogue.show(f"  {found.hint}")
    configured = (
        "the simulated one, which sees no real tray" if settings.kind == "sim" else f"the configured {settings.kind}"
    )
    dialogue.show(f"Answer with its number, a device or an address (rtsp://...), or Enter for {configured}.")
    while True:
        answer = dialogue.ask("Which camera looks at the tray? (s skips)", CONFIGURED)
        if answer == "s":
            return None
        chosen = _chosen(settings, answer, found.cameras)
        if chosen is None:
            dialogue.show(f"There is no camera {answer}.")
            continue
        try:
            _try(context, chosen)
        except HardwareError as error:
            dialogue.show(f"It cannot be used: {error}")
            continue
        if choose(dialogue, "Is that the tray? (y, n)", "y", "n") == "y":
            return Proposal(_changes(context, chosen))


def _chosen(settings: CameraConfig, answer: str, cameras: tuple[FoundCamera, ...]) -> CameraConfig | None:
    if answer == CONFIGURED:
        return settings
    if answer.isdecimal():
        if not 1 <= int(answer) <= len(cameras):
            return None
        camera = cameras[int(answer) - 1]
    elif "/" in answer:
        # A file name is relative to the working directory, not to the configuration.
        source = answer if "://" in answer else os.path.abspath(os.path.expanduser(answer))
        camera = FoundCamera("opencv", source, source)
    else:
        return None
    section = getattr(settings, camera.kind).model_copy(update={SOURCE_KEYS[camera.kind]: camera.source})
    return settings.model_copy(update={"kind": camera.kind, camera.kind: section})


def _try(context: StepContext, settings: CameraConfig) -> None:
    with context.open_camera(settings) as camera:
        context.dialogue.show(f"{camera.description}: waiting for pictures ...")
        frames = list(islice(fresh_frames(camera, context.clock, warm_up_s=warm_up_s(settings)), TRIAL_FRAMES))
    rate = (len(frames) - 1) / max(frames[-1].time_s - frames[0].time_s, 1e-6)
    context.to_do.clear()
    if rate < SLOW_SHARE * settings.fps:
        context.to_do.append(
            f"{rate:.1f} pictures per second are fewer than camera.fps {settings.fps:g}: there is too little light, or the "
            f"camera cannot do better at {settings.width}x{settings.height}; more light, or a lower camera.fps"
        )
        context.dialogue.show(f"{context.to_do[-1]}.")
    else:
        context.dialogue.show(f"{rate:.1f} pictures per second: fine.")
    context.show_picture("camera.jpg", frames[-1].pixels, "What the camera sees")


def _changes(context: StepContext, chosen: CameraConfig) -> dict[Key, object]:
    before = context.config.camera
    if chosen == before:
        return {}
    changes: dict[Key, object] = {("camera", "kind"): chosen.kind}
    for kind, key in SOURCE_KEYS.items():
        source = getattr(getattr(chosen, kind), key)
        if source != getattr(getattr(before, kind), key):
            changes["camera", kind, key] = source
    if context.config.tray.empty_tray is not None:
        context.dialogue.show("The picture of the empty tray is from another camera: it is no longer used.")
        changes["tray", "empty_tray"] = None
    return changes
