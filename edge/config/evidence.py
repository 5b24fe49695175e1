"""What a bin without a lid needs, so that its camera shows a hand in time."""

from collections.abc import Mapping

from edge.config.camera import CameraConfig
from hardware.drives.section import FlapSection
from hardware.limits import MAX_FRAME_INTERVAL_S, WEAK_FORCE_N

MAX_UNGUARDED_AGE_S = 1.0
"""Oldest picture to act on where no lid keeps people out, in seconds: a hand comes in within a third of that."""


def check_evidence(camera: CameraConfig, flaps: Mapping[str, FlapSection]) -> None:
    """Check that the camera alone can show in time that nobody is in the way, where no lid keeps people out.

    Args:
        camera: its section.
        flaps: bin name -> section.

    Raises:
        ValueError: it cannot, or a strong flap could not be closed gently when nothing is seen.
    """
    remedy = "or a lid contact or light barrier as panel.lid"
    if camera.fps * MAX_FRAME_INTERVAL_S < 1:
        raise ValueError(
            f"camera.fps {camera.fps:g}: too few to see a hand in time; expected at least {1 / MAX_FRAME_INTERVAL_S:.2g}, "
            f"{remedy}"
        )
    if camera.max_frame_age_s > MAX_UNGUARDED_AGE_S:
        raise ValueError(
            f"camera.max_frame_age_s {camera.max_frame_age_s:g}: a hand would be seen too late; expected at most "
            f"{MAX_UNGUARDED_AGE_S:g}, {remedy}"
        )
    if camera.kind == "opencv" and camera.opencv.is_network_stream and camera.opencv.latency_s is None:
        raise ValueError(
            "camera.opencv.latency_s: a network stream does not tell when its pictures were taken; expected the longest "
            f"delay from light to picture in seconds (docs/configuration.md says how to measure it), {remedy}"
        )
    latency_s = camera.opencv.latency_s or 0.0
    if camera.kind == "opencv" and latency_s >= camera.max_frame_age_s:
        raise ValueError(
            f"camera.opencv.latency_s {latency_s:g}: every picture would be too old to act on; expected less than "
            f"camera.max_frame_age_s, {camera.max_frame_age_s:g}, or a larger one"
        )
    for name, flap in flaps.items():
        force_n = flap.force_n
        if force_n is not None and force_n > WEAK_FORCE_N and not flap.closes_slowly:
            raise ValueError(
                f"bins.{name}.flap.force_n {force_n:g}: a {flap.kind} cannot close slowly when nothing is seen; "
                f"expected at most {WEAK_FORCE_N:g}, {remedy}"
            )
