"""Light bins in a process of their own: ``python -m tests.fleet.crowd TASK`` prints JSON at its end.

``TASK`` is a ``CrowdTask`` as JSON.
"""

import asyncio
import json
import random
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edge.link.link_settings import BrokerSettings
from edge.records.event_reader import open_events
from hardware.clock import SystemClock
from tests.fleet.event_stream import bin_stream
from tests.fleet.light_client import LightClient


@dataclass(frozen=True, slots=True)
class CrowdTask:
    """What a crowd does.

    Attributes:
        port: of the broker.
        log: event log of a run, whose items they sort.
        numbers: of the first bin, and of the one after the last.
        count, over_s, cut_s: as of ``LightClient``.
    """

    port: int
    log: str
    numbers: tuple[int, int]
    count: int
    over_s: float
    cut_s: float

    def to_argument(self) -> str:
        """As ``main`` takes it."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class CrowdResult:
    """How often networks were cut, and bins killed with them."""

    cuts: int
    kills: int


def bin_name(number: int) -> str:
    """Of a light bin."""
    return f"light-{number}"


async def play(task: CrowdTask) -> CrowdResult:
    """Let the bins sort until the broker has taken everything over."""
    with open_events(Path(task.log)) as log:
        rows = list(log.events())
    clock = SystemClock()
    bins = [
        LightClient(
            bin_name(number),
            bin_stream(rows, number),
            BrokerSettings("127.0.0.1", task.port, is_mqtt5=number % 3 == 0),
            count=task.count,
            over_s=task.over_s,
            cut_s=task.cut_s,
            is_disorderly=number % 10 == 3,
            chance=random.Random(number),
            clock=clock,
        )
        for number in range(*task.numbers)
    ]
    async with asyncio.TaskGroup() as tasks:
        for one in bins:
            tasks.create_task(one.run())
    return CrowdResult(sum(one.cuts for one in bins), sum(one.kills for one in bins))


def main(argument: str) -> int:
    """Play a crowd."""
    values: dict[str, Any] = json.loads(argument)
    print(json.dumps(asdict(asyncio.run(play(CrowdTask(**values))))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
