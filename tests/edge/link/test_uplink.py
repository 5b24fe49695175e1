"""What a broker is told of a bin, over as many connections as it takes."""

import json

from edge.link.event_batch import EventBatch
from edge.link.event_queue import WINDOW
from edge.link.position import START, Position
from edge.link.uplink import FIGURES_S, STATE_S
from tests.builders.link import EVENT, UplinkRig

STATE, TROUBLE = "sorter/bin-7/state", "sorter/bin-7/trouble"
AVAILABILITY = "sorter/bin-7/availability"
EVENTS = "sorter/bin-7/event"
DEVICE = "homeassistant/device/sorter_bin-7/config"


def batch(*numbers: int, left: int = 0) -> EventBatch:
    events = tuple((Position(number, 12, number), {**EVENT, "id": number, "number": number}) for number in numbers)
    after = START if numbers[0] == 1 else Position(numbers[0] - 1, 12, numbers[0] - 1)
    return EventBatch(after, events, left)  # type: ignore[arg-type]


def test_a_connection_begins_with_who_and_how_the_bin_is_all_of_it_kept() -> None:
    rig = UplinkRig()
    broker = rig.connect()
    rig.uplink.tick(0)
    topics = [topic for topic, _, _ in broker.sent]
    assert topics == [
        DEVICE,
        AVAILABILITY,
        STATE,
        TROUBLE,
        "sorter/bin-7/level",
        "sorter/bin-7/figures",
    ]
    assert all(retained for _, _, retained in broker.sent)
    assert broker.of(AVAILABILITY) == [b"online"]
    assert broker.subscribed == ["sorter/bin-7/command", "homeassistant/status"]
    assert (rig.view.connected, rig.view.connections) == (True, 1)


def test_every_connection_does() -> None:
    rig = UplinkRig()
    first = rig.connect()
    rig.uplink.tick(0)
    rig.uplink.lost()
    assert rig.view.connected is False
    second = rig.connect()
    rig.uplink.tick(0.1)
    assert second.sent == first.sent
    assert rig.view.connections == 2


def test_home_assistant_that_starts_anew_is_told_everything_again() -> None:
    rig = UplinkRig()
    broker = rig.connect()
    rig.uplink.tick(0)
    before = list(broker.sent)
    rig.uplink.received("homeassistant/status", b"offline", is_retained=False)
    rig.uplink.received("homeassistant/status", b"online", is_retained=True)
    rig.uplink.tick(0.1)
    assert broker.sent == before
    rig.uplink.received("homeassistant/status", b"online", is_retained=False)
    rig.uplink.tick(0.2)
    assert broker.sent == before * 2


def test_without_discovery_and_commands_nothing_is_listened_to() -> None:
    rig = UplinkRig(discovery=None, commands=frozenset())
    broker = rig.connect()
    rig.uplink.tick(0)
    assert broker.subscribed == []
    assert DEVICE not in [topic for topic, _, _ in broker.sent]


def test_what_changes_is_told_and_nothing_else() -> None:
    rig = UplinkRig()
    broker = rig.connect()
    rig.uplink.tick(0)
    broker.sent.clear()
    rig.view.report = {**(rig.view.report or {}), "paused": True, "tray": "item at rest", "items": 42}
    rig.uplink.tick(STATE_S)
    assert [topic for topic, _, _ in broker.sent] == [STATE]
    assert json.loads(broker.sent[0][1])["paused"] is True
    rig.view.temperature_c = 60.0
    rig.uplink.tick(FIGURES_S - 1)
    assert len(broker.sent) == 1
    rig.uplink.tick(FIGURES_S)
    assert [topic for topic, _, _ in broker.sent[1:]] == ["sorter/bin-7/figures"]


def test_a_bin_that_goes_is_told_as_stopped() -> None:
    rig = UplinkRig()
    broker = rig.connect()
    rig.uplink.tick(0)
    rig.view.report, rig.view.problem = None, "the bin has stopped"
    rig.uplink.tick(STATE_S)
    assert broker.of(STATE)[-1] == b'{"condition":"stopped"}'
    assert json.loads(broker.of(TROUBLE)[-1])["troubles"][0]["message"] == "the bin has stopped"


def test_items_are_sent_once_the_broker_is_there_and_again_after_a_loss_unless_acknowledged() -> None:
    rig = UplinkRig()
    rig.queue.add(batch(1, 2, 3))
    rig.uplink.tick(0)
    broker = rig.connect()
    broker.numbers.clear()
    rig.uplink.tick(1)
    assert [json.loads(one)["number"] for one in broker.of(EVENTS)] == [1, 2, 3]
    assert not any(retained for topic, _, retained in broker.sent if topic == EVENTS)
    rig.uplink.acknowledged(broker.numbers[0])
    rig.uplink.lost()
    assert rig.queue.reads_after == Position(1, 12, 1)
    second = rig.connect()
    rig.queue.add(batch(2, 3))
    rig.uplink.tick(2)
    assert [json.loads(one)["number"] for one in second.of(EVENTS)] == [2, 3]
    assert (rig.view.waiting, rig.view.sent) == (0, 1)


def test_the_next_items_follow_as_soon_as_one_is_acknowledged_and_more_are_asked_for_when_there_is_room() -> None:
    rig = UplinkRig()
    broker = rig.connect()
    broker.numbers.clear()
    rig.queue.add(batch(*range(1, 2 * WINDOW), left=100))
    rig.uplink.tick(0)
    assert len(broker.of(EVENTS)) == WINDOW
    assert rig.room == 0
    rig.uplink.acknowledged(broker.numbers[0])
    assert len(broker.of(EVENTS)) == WINDOW + 1
    assert rig.room == 1


def test_commands_go_to_the_desk_and_answers_to_the_broker() -> None:
    rig = UplinkRig()
    broker = rig.connect()
    rig.uplink.received("sorter/bin-7/command", b'{"do":"home"}', is_retained=True)
    assert rig.commands == [(b'{"do":"home"}', True)]
    rig.uplink.answer({"id": 1, "ok": True})
    assert broker.sent[-1] == ("sorter/bin-7/answer", b'{"id":1,"ok":true}', False)


def test_without_a_connection_nothing_is_said() -> None:
    rig = UplinkRig()
    rig.uplink.tick(0)
    rig.uplink.answer({"id": 1})
    rig.uplink.leave()
    rig.uplink.received("homeassistant/status", b"online", is_retained=False)
    rig.uplink.acknowledged(7)


def test_a_picture_is_kept_by_the_broker() -> None:
    rig = UplinkRig()
    broker = rig.connect()
    rig.uplink.show_picture(b"\xff\xd8")
    rig.uplink.tick(0)
    assert ("sorter/bin-7/picture", b"\xff\xd8", True) in broker.sent


def test_who_leaves_says_so() -> None:
    rig = UplinkRig()
    broker = rig.connect()
    rig.uplink.leave()
    assert broker.of(AVAILABILITY) == [b"online", b"offline"]
