"""What the fleet's figures rest on."""

from collections import Counter
from typing import cast

from edge.link.event_message import event_message
from edge.link.position import START
from edge.records.event_schema import EventRow
from tests.builders.link import EVENT
from tests.fleet.event_stream import EventStream, bin_stream
from tests.fleet.ledger import Ledger

ROWS = [cast(EventRow, {**EVENT, "label": label}) for label in ("glass", "metal", "paper")]


def test_a_stream_counts_what_it_gives() -> None:
    for count in range(8):
        stream = EventStream(ROWS, first=2)
        given = [stream.event(number) for number in range(1, count + 1)]
        assert stream.kinds(count) == Counter((one["label"], one["bin"], one["outcome"]) for one in given)


def test_a_stream_is_read_in_batches_to_its_end() -> None:
    stream, after, numbers = EventStream(ROWS), START, []
    while (batch := stream.batch(after, 120)).events:
        numbers += [event["number"] for _, event in batch.events if event is not None]
        after = batch.events[-1][0]
        assert batch.left == 120 - len(numbers)
    assert numbers == list(range(1, 121))


def test_clocks_of_some_bins_are_off() -> None:
    clocks = {bin_stream(ROWS, number).event(1)["wall_s"] for number in range(10)}
    assert len(clocks) == 3
    assert min(clocks) == 0
    assert not bin_stream(ROWS, 0).event(1)["wall_synced"]


def test_a_ledger_counts_each_item_once_and_names_what_is_missing() -> None:
    ledger, stream = Ledger(), EventStream(ROWS)
    for number in (1, 3, 2, 3, 1):
        ledger.take("sorter/a/event", event_message(stream.event(number)))
    assert (ledger.messages, ledger.items, ledger.twice, ledger.late) == (5, 3, 2, 1)
    assert ledger.bins["a"].items == 3
    assert ledger.differences({"a": stream.kinds(3)}) == []
    assert ledger.differences({"a": stream.kinds(4)})[0].startswith("a: 3 items came of 4")
    assert ledger.differences({"a": stream.kinds(3), "b": stream.kinds(1)})[0].startswith("b: 0 items came of 1")
    assert ledger.differences({}) == ["a: a bin that there is not"]
