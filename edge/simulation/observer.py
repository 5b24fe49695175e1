"""What may watch a scenario."""

from typing import Protocol

from edge.service.assembly import Assembly
from edge.values import SortEvent
from hardware.world.score import ItemOutcome


class ScenarioObserver(Protocol):
    """Watches a scenario while it runs, e.g. to film it."""

    def step(self, assembly: Assembly, event: SortEvent | None) -> None:
        """The program has taken a step; ``event`` is its decision in it."""
        ...

    def on_item_outcome(self, outcome: ItemOutcome) -> None:
        """An item is gone."""
        ...
