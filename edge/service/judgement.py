"""How a decision compares with the truth, which only the simulated bin knows."""

from enum import StrEnum

from edge.config.schema import DecisionConfig
from edge.service.assembly import Assembly
from edge.values import SortEvent


class Judgement(StrEnum):
    """How a decision compares with the truth, where that is known."""

    RIGHT = "right"
    RESIDUAL = "residual instead"
    WRONG = "wrong bin"


def judge(chosen: str, truth: str, decision: DecisionConfig) -> Judgement:
    """Is the bin that was chosen the one for this label?"""
    if chosen == decision.labels.get(truth, decision.residual_bin):
        return Judgement.RIGHT
    return Judgement.RESIDUAL if chosen == decision.residual_bin else Judgement.WRONG


def is_misnamed(event: SortEvent, truth: str, decision: DecisionConfig) -> bool:
    """Is it the right bin, though the name is another label's?"""
    return event.label != truth and judge(event.bin, truth, decision) is Judgement.RIGHT


def true_label(assembly: Assembly) -> str | None:
    """What lies on the simulated tray in truth; None on real hardware, where nobody knows."""
    item = assembly.simulation.on_tray if assembly.simulation is not None else None
    return item.label if item is not None else None
