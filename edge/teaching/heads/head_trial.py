"""Tries a head on the items of the last days: what it would have said, beside what was said."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.decision.policy import Policy
from edge.inference.features import FeatureSpec
from edge.inference.head import TaughtHead
from edge.records.event_schema import EventRow
from edge.teaching.heads.answer_looks import answer_looks
from edge.values import Reason

NOT_BY_LABEL = (Reason.SEVERAL, Reason.FULL)
"""Reasons of decisions that no head could have made another way."""


@dataclass(frozen=True, slots=True)
class TriedItem:
    """One item, decided twice.

    Attributes:
        session, number: those of its event.
        label_before, bin_before: as it was decided.
        label_after, bin_after, reason_after: as the head would have decided it.
        label_true: what a person said it was; None: nobody did.
    """

    session: int
    number: int
    label_before: str
    bin_before: str
    label_after: str
    bin_after: str
    reason_after: str
    label_true: str | None = None

    @property
    def changes(self) -> bool:
        """Whether it would go to another bin."""
        return self.bin_before != self.bin_after


@dataclass(frozen=True, slots=True)
class CountBeforeAfter:
    """Number of items with a label, or in a bin.

    Attributes:
        name: the label, or the bin.
        before, after: number of items.
        gone, come: number of items that had it and would not, and the other way round.
    """

    name: str
    before: int
    after: int
    gone: int
    come: int


@dataclass(frozen=True, slots=True)
class HeadTrial:
    """What would change.

    Attributes:
        items: the items, oldest first.
        left_out: number of events of the same time that could not be tried: without features of this model, or not decided by
            their label.
    """

    items: tuple[TriedItem, ...]
    left_out: int

    @property
    def labels(self) -> list[CountBeforeAfter]:
        """By label, sorted by name."""
        return _counts((item.label_before, item.label_after) for item in self.items)

    @property
    def bins(self) -> list[CountBeforeAfter]:
        """By bin, sorted by name."""
        return _counts((item.bin_before, item.bin_after) for item in self.items)

    @property
    def changed(self) -> list[TriedItem]:
        """The items that would go to another bin."""
        return [item for item in self.items if item.changes]

    @property
    def right(self) -> tuple[int, int, int]:
        """Number of items of which a person said what they were; of these, labels that were right before, and would be after."""
        known = [item for item in self.items if item.label_true is not None]
        return (
            len(known),
            sum(item.label_before == item.label_true for item in known),
            sum(item.label_after == item.label_true for item in known),
        )


def try_head(
    events: Iterable[tuple[EventRow, NDArray[np.int8] | None]],
    head: TaughtHead,
    spec: FeatureSpec,
    policy: Policy,
    *,
    truth: Mapping[tuple[int, int, float], str] | None = None,
) -> HeadTrial:
    """Try a head.

    Args:
        events: events with the features of their views, int8 (views, n); None: there are none of this model.
        head: the head.
        spec: the features of its model.
        policy: the bins of its labels.
        truth: what a person said, by the key of the event (``Review.key``).
    """
    items, left_out = [], 0
    for event, looks in events:
        if looks is None or looks.shape[-1] != spec.size or event["reason"] in NOT_BY_LABEL:
            left_out += 1
            continue
        prediction = answer_looks(head, spec, looks)
        name, reason, _ = policy.choose_bin(prediction)
        items.append(
            TriedItem(
                event["session"],
                event["number"],
                event["label"],
                event["bin"],
                prediction.label,
                name,
                reason.value,
                (truth or {}).get((event["session"], event["number"], event["wall_s"])),
            )
        )
    return HeadTrial(tuple(items), left_out)


def _counts(pairs: Iterable[tuple[str, str]]) -> list[CountBeforeAfter]:
    pairs = list(pairs)
    before, after = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    moved = Counter((one, two) for one, two in pairs if one != two)
    return [
        CountBeforeAfter(
            name,
            before[name],
            after[name],
            sum(number for (one, _), number in moved.items() if one == name),
            sum(number for (_, two), number in moved.items() if two == name),
        )
        for name in sorted(before | after)
    ]
