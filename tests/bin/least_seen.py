"""Measures the least size and the least opacity of items that the simulated bin sees: ``python -m tests.bin.least_seen``."""

import sys
import tempfile
from pathlib import Path

from edge.simulation.scenario import Scenario
from edge.simulation.scenario_config import scenario_config
from edge.simulation.scenario_runner import run_scenario
from tests.paths import ROOT

PICTURES = ((640, 480), (320, 240))
"""Sizes of the camera's picture, in pixels."""

SIZES = (0.04, 0.05, 0.06, 0.07, 0.08)
"""Longer sides of solid things of metal, as fractions of the tray's shorter side."""

OPACITIES = (0.15, 0.2, 0.3, 0.4, 0.5)
"""Opacities of a plastic bag."""

BAG = "plastic/plastic-bag-1-04.png"

BAG_SIZE = 0.4
"""Its longer side, as a fraction of the tray's shorter side."""

ITEMS = 12

GAP_S, PATIENCE_S = 3.5, 1.5
"""Time between items, in seconds, so that no duty limit holds a flap; time after which one that is not seen is taken away."""


def share_seen(picture: tuple[int, int], *, items: int = ITEMS, **item: object) -> float:
    """Fraction of the items for which a flap opens.

    Args:
        picture: width and height, in pixels.
        items: number of items.
        item: what they are, see ``edge.simulation.items.ItemConfig``.
    """
    scenario = Scenario.model_validate(
        {
            "name": "least-seen",
            "shows": "Items that are hardly seen.",
            "seed": 5,
            "lost_after_s": PATIENCE_S,
            "config": {"camera": {"width": picture[0], "height": picture[1]}},
            "items": [{"gap_s": GAP_S, "settle_s": 0.3} | item] * items,
        }
    )
    with tempfile.TemporaryDirectory() as state:
        config = scenario_config(scenario, ROOT / "config.yaml", Path(state), realtime=False, overrides=[])
        outcomes = run_scenario(scenario, config).score.outcomes
    return sum(outcome.openings > 0 for outcome in outcomes) / items


def main() -> None:
    """Print the share that is seen, for each picture, size and opacity."""
    for picture in PICTURES:
        sizes = {f"metal of {size:.0%}": share_seen(picture, label="metal", size=size) for size in SIZES}
        bags = {
            f"bag of opacity {one:.0%}": share_seen(picture, sprite=BAG, size=BAG_SIZE, opacity=one)
            for one in OPACITIES
        }
        for name, share in (sizes | bags).items():
            sys.stdout.write(f"{picture[0]}x{picture[1]}  {name}: {share:.0%}\n")


if __name__ == "__main__":
    main()
