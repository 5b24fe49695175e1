"""An item's outcome in words, and how good it is."""

from collections.abc import Mapping

from edge.simulation.drawing import BAD, DIM, GOOD, Rgb
from hardware.world.score import WITHDRAWN, ItemOutcome


def judge_outcome(outcome: ItemOutcome, labels: Mapping[str, str], residual_bin: str) -> tuple[str, Rgb]:
    """An item's outcome in words, and a colour for how good it is.

    Args:
        outcome: of the item.
        labels: label -> bin.
        residual_bin: the bin for everything doubtful.
    """
    own = labels.get(outcome.label, residual_bin)
    if not outcome.fell:
        return f"{outcome.bin} {outcome.label}", DIM if outcome.bin == WITHDRAWN else BAD
    if len(outcome.bins) > 1:
        others = " and ".join(outcome.bins[1:])
        return f"double {outcome.label} in {outcome.bin}, {others} opened too", BAD
    if outcome.bin == own:
        return f"right {outcome.label} in {outcome.bin}", GOOD
    if outcome.bin == residual_bin:
        return f"residual {outcome.label} in {outcome.bin}", DIM
    return f"wrong {outcome.label} in {outcome.bin}", BAD
