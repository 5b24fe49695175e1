"""What the configuration allows the flaps while people are over the tray."""

import math

from edge.config.schema import Config
from edge.guard.guard import BLIND_S
from edge.simulation.motion_judge import MotionBounds


def motion_bounds(config: Config) -> MotionBounds:
    """The bounds that the truth is judged by."""
    return MotionBounds(
        max_frame_age_s=config.camera.max_frame_age_s,
        max_on_s={bin: one.flap.max_on_s for bin, one in config.bins.items()},
        has_lid=config.panel.lid is not None,
        blind_home_s=BLIND_S if config.flaps.when_blind == "close_slowly" else math.inf,
    )
