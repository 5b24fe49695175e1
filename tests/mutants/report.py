"""What became of the mutants, counted by room."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.mutants.equivalents import AnyEquivalent
from tests.mutants.mutant import KILLED_BY_TESTS, KILLED_BY_TYPES, SURVIVED, Mutant

LEAST_SHARE = 0.9
"""Share of the mutants, equivalent ones not counted, that the tests or the types must notice in every room."""


@dataclass(frozen=True)
class Report:
    """What became of the mutants.

    Attributes:
        table: a line for each room, as Markdown.
        left: mutants that survived and are not named as equivalent, or that were not run.
        stale: entries of the list of equivalents that name no survivor.
        is_enough: whether every room reaches ``LEAST_SHARE``, all were run, and no entry is stale.
    """

    table: str
    left: Sequence[Mutant]
    stale: Sequence[AnyEquivalent]
    is_enough: bool


def make_report(mutants: Sequence[Mutant], equivalents: Sequence[AnyEquivalent]) -> Report:
    """Count the mutants of each room."""
    survivors = [one for one in mutants if one.outcome == SURVIVED]
    named = {id(one) for one in survivors if any(equivalent.is_of(one) for equivalent in equivalents)}
    stale = [one for one in equivalents if not any(one.is_of(survivor) for survivor in survivors)]
    lines = [
        "| room | mutants | killed by tests | by types | equivalent, named | left | not run | killed of the others |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    is_enough = not stale
    for room in sorted({one.room for one in mutants}):
        own = [one for one in mutants if one.room == room]
        counts = Counter(one.outcome for one in own)
        equivalent = sum(id(one) in named for one in own)
        killed = counts[KILLED_BY_TESTS] + counts[KILLED_BY_TYPES]
        share = killed / max(len(own) - equivalent, 1)
        is_enough = is_enough and share >= LEAST_SHARE and not counts[""]
        cells = (
            room,
            len(own),
            counts[KILLED_BY_TESTS],
            counts[KILLED_BY_TYPES],
            equivalent,
            counts[SURVIVED] - equivalent,
            counts[""],
            f"{share:.1%}",
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    left = [one for one in mutants if one.outcome in (SURVIVED, "") and id(one) not in named]
    return Report("\n".join(lines), left, stale, is_enough)
