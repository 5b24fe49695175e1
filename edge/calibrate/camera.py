"""The step that finds the camera."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from edge.calibrate.annotate import write_picture
from edge.calibrate.camera_search import CameraSearchResult, FoundCamera, find_cameras
from edge.calibrate.dialogue import choose
from edge.calibrate.frames import fresh_frames
from edge.calibrate.proposal import Key, Proposal
from edge.calibrate.step_context import StepContext, warm_up_s
from edge.config.schema import CameraConfig
from hardware.errors import HardwareError

TRIAL_FRAMES = 15
"""So many pictures tell how fast they come."""

CONFIGURED = "configured"
"""Answer for the camera of the configuration."""

SOURCE_KEYS = {"opencv": "source", "picamera2": "camera_num"}
"""Kind -> the key of its section that says which camera."""


def find_camera(bench: StepContext, search: Callable[[], CameraSearchResult] = find_cameras) -> Proposal | None:
    """Ask which camera it is, and try it as the bin would use it; None when it is given up."""
    found = search()
    dialogue, settings = bench.dialogue, bench.config.camera
    dialogue.show("Cameras on this machine:" if found.cameras else "No camera was found on this machine.")
    for number, camera in enumerate(found.cameras, 1):
        dialogue.show(f"  {number}  {camera.kind} {camera.source}  {camera.name}")
    if found.hint:
        dialogue.show(f"  {found.hint}")
    configured = (
        "the simulated one: no real tray is seen" if settings.kind == "sim" else f"the configured {settings.kind}"
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
            _try(bench, chosen)
        except HardwareError as error:
            dialogue.show(f"It cannot be used: {error}")
            continue
        if choose(dialogue, "Is that the tray? (y, n)", "y", "n") == "y":
            return Proposal(_changes(bench, chosen))


def _chosen(settings: CameraConfig, answer: str, cameras: tuple[FoundCamera, ...]) -> CameraConfig | None:
    if answer == CONFIGURED:
        return settings
    if answer.isdecimal():
        if not 1 <= int(answer) <= len(cameras):
            return None
        camera = cameras[int(answer) - 1]
    elif "/" in answer:
        # A file's name means the one seen from here, wherever the configuration lies.
        source = answer if "://" in answer else str(Path(answer).expanduser().absolute())
        camera = FoundCamera("opencv", source, source)
    else:
        return None
    section = getattr(settings, camera.kind).model_copy(update={SOURCE_KEYS[camera.kind]: camera.source})
    return settings.model_copy(update={"kind": camera.kind, camera.kind: section})


def _try(bench: StepContext, settings: CameraConfig) -> None:
    with bench.open_camera(settings) as camera:
        bench.dialogue.show(f"{camera.description}: waiting for pictures ...")
        frames = list(islice(fresh_frames(camera, bench.clock, warm_up_s=warm_up_s(settings)), TRIAL_FRAMES))
    path = bench.folder / "camera.jpg"
    write_picture(path, frames[-1].pixels)
    rate = (len(frames) - 1) / max(frames[-1].time_s - frames[0].time_s, 1e-6)
    bench.dialogue.show(f"{rate:.1f} pictures a second. Look at one (scp, or a browser): {path}")
    if rate < 0.7 * settings.fps:
        bench.dialogue.show(
            f"That is slower than camera.fps {settings.fps:g}: too little light, or more than it can do at "
            f"{settings.width}x{settings.height}."
        )


def _changes(bench: StepContext, chosen: CameraConfig) -> dict[Key, object]:
    before = bench.config.camera
    if chosen == before:
        return {}
    changes: dict[Key, object] = {("camera", "kind"): chosen.kind}
    for kind, key in SOURCE_KEYS.items():
        source = getattr(getattr(chosen, kind), key)
        if source != getattr(getattr(before, kind), key):
            changes["camera", kind, key] = source
    if bench.config.tray.empty_tray is not None:
        bench.dialogue.show("The picture of the empty tray is another camera's: it is no longer used.")
        changes["tray", "empty_tray"] = None
    return changes
