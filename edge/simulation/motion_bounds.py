"""What the configuration allows the flaps while people are over the tray."""

from edge.config.schema import Config
from edge.simulation.motion_judge import MotionBounds


def motion_bounds(config: Config) -> MotionBounds:
    """The bounds that the truth is judged by."""
    # A drive without the key has no bound yet.
    limits = {bin: getattr(one.flap, "max_on_s", None) for bin, one in config.bins.items()}
    return MotionBounds(
        max_frame_age_s=config.camera.max_frame_age_s,
        max_on_s={bin: float(limit) for bin, limit in limits.items() if limit is not None},
        has_lid=config.panel.lid is not None,
    )
