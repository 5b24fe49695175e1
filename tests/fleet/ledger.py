"""What has come of each bin at the other end: each item once, however often it came."""

import json
from collections import Counter
from dataclasses import dataclass, field

from tests.fleet.event_stream import Kind


@dataclass
class BinLedger:
    """What has come of one bin.

    Attributes:
        seen: session -> a bit for each number.
        kinds: how many items of each kind.
        newest: the highest number, by which one that came out of its order is told.
    """

    seen: dict[int, int] = field(default_factory=dict)
    kinds: Counter[Kind] = field(default_factory=Counter)
    newest: int = 0

    @property
    def items(self) -> int:
        """How many different items have come."""
        return sum(bits.bit_count() for bits in self.seen.values())


@dataclass
class Ledger:
    """What has come in all.

    Attributes:
        bins: name -> what came.
        messages: how many messages of items came.
        twice: those of them whose item had come before.
        late: those whose item came after one with a higher number.
        bytes: length of all, in bytes, without topics.
    """

    bins: dict[str, BinLedger] = field(default_factory=dict)
    messages: int = 0
    twice: int = 0
    late: int = 0
    bytes: int = 0

    @property
    def items(self) -> int:
        """How many different items have come."""
        return self.messages - self.twice

    def take(self, topic: str, payload: bytes) -> None:
        """Take a message of an item."""
        one = self.bins.setdefault(topic.split("/")[1], BinLedger())
        event = json.loads(payload)
        self.messages += 1
        self.bytes += len(payload)
        bit = 1 << event["number"]
        seen = one.seen.get(event["session"], 0)
        if seen & bit:
            self.twice += 1
            return
        one.seen[event["session"]] = seen | bit
        if event["number"] < one.newest:
            self.late += 1
        one.newest = max(one.newest, event["number"])
        one.kinds[event["label"], event["bin"], event["outcome"]] += 1

    def differences(self, expected: dict[str, Counter[Kind]]) -> list[str]:
        """Where it is not what the logs have, in words."""
        found = [f"{name}: a bin that there is not" for name in self.bins.keys() - expected.keys()]
        for name, kinds in expected.items():
            came = self.bins.get(name, BinLedger()).kinds
            if came != kinds:
                found.append(f"{name}: {came.total()} items came of {kinds.total()}; by kind: {came} of {kinds}")
        return found
