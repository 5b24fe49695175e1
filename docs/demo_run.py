"""The run that the pictures of the front page and of these pages show, and what the bin decided in it."""

from collections.abc import Iterator, Mapping, Sequence

from docs.simulated_run import Step, steps
from edge.values import SortEvent
from hardware.world.score import ItemOutcome

SEED, ITEMS = 11, 10
"""Which items come and how they lie; ten of them show all three verdicts. Nothing else about the run is chosen."""

FPS = 12
"""Frames per second of the simulated camera, and of the moving picture: it plays in real time."""

OWN, RESIDUAL, WRONG = "in its own bin", "to residual, to be safe", "in a wrong bin"
"""Verdicts on a decision, against the simulation's truth."""


def demo_steps() -> Iterator[tuple[Step, Sequence[ItemOutcome]]]:
    """The run frame by frame, with the items that were gone since the frame before, until the last flap is home."""
    gone: list[ItemOutcome] = []
    count = 0
    for step in steps([f"simulation.seed={SEED}", f"simulation.items={ITEMS}", f"camera.fps={FPS}"]):
        assert step.assembly.simulation is not None
        step.assembly.simulation.on_item_outcome = gone.append
        outcomes, gone[:] = tuple(gone), []
        count += len(outcomes)
        yield step, outcomes
        if count >= ITEMS and step.assembly.diverter.ready:
            return


def truth_of(step: Step) -> str:
    """The label that the item on the tray really has."""
    assert step.assembly.simulation is not None
    item = step.assembly.simulation.on_tray
    assert item is not None
    return item.label


def verdict(step: Step, event: SortEvent) -> str:
    """Whether the bin of a decision is right; to be asked while the item still lies there."""
    decision = step.assembly.config.decision
    if event.bin == decision.labels.get(truth_of(step), decision.residual_bin):
        return OWN
    return RESIDUAL if event.bin == decision.residual_bin else WRONG


def decision_record(step: Step, event: SortEvent) -> Mapping[str, str]:
    """A decision as ``docs/pictures.json`` keeps it. No confidence: it may differ in the last digit on another processor."""
    return {"truth": truth_of(step), "label": event.label, "bin": event.bin, "verdict": verdict(step, event)}


def demo_decisions() -> list[Mapping[str, str]]:
    """Every decision of the run, in order."""
    return [decision_record(step, step.event) for step, _ in demo_steps() if step.event is not None]
