"""What comes over the broker is done once, if it is allowed, and answered."""

import asyncio
import json

import pytest

from edge.bin_socket.protocol import Action
from edge.errors import RefusedError
from edge.link.command_desk import COMMANDS, MOST_KNOWN, MOST_UNDER_WAY, CommandDesk, NotACommandError, read_command
from tests.builders.page import FakeBin

ALL = frozenset(COMMANDS)


def take(desk: CommandDesk, *, is_retained: bool = False, **message: object) -> dict[str, object] | None:
    return asyncio.run(desk.take(json.dumps(message).encode(), is_retained=is_retained))


@pytest.fixture
def bin_() -> FakeBin:
    return FakeBin()


@pytest.mark.parametrize("do", sorted(COMMANDS))
def test_a_command_is_done_and_answered_with_its_transaction(bin_: FakeBin, do: str) -> None:
    assert take(CommandDesk(ALL, bin_.ask), do=do, id="a-1") == {"id": "a-1", "do": do, "ok": True}
    assert bin_.asked == [(Action(do), None, None)]


@pytest.mark.parametrize("action", [one for one in Action if one not in COMMANDS])
def test_nothing_else_that_the_socket_knows_can_be_asked_for(bin_: FakeBin, action: Action) -> None:
    found = take(CommandDesk(frozenset(Action), bin_.ask), do=action) or {}
    assert "expected one of pause, go_on, home, identify" in str(found["error"])
    assert bin_.asked == []


def test_what_the_configuration_does_not_name_is_refused(bin_: FakeBin) -> None:
    found = take(CommandDesk({"pause"}, bin_.ask), do="home", id=7)
    assert found == {
        "id": 7,
        "do": "home",
        "error": "home is not among link.commands of the bin's configuration",
    }
    assert bin_.asked == []


def test_what_the_broker_had_kept_is_refused(bin_: FakeBin) -> None:
    found = take(CommandDesk(ALL, bin_.ask), do="home", id=7, is_retained=True) or {}
    assert "may be old" in str(found["error"])
    assert bin_.asked == []


def test_a_transaction_that_comes_twice_is_done_once_and_answered_twice(bin_: FakeBin) -> None:
    desk = CommandDesk(ALL, bin_.ask)
    first = take(desk, do="home", id="a")
    assert take(desk, do="home", id="a") == first
    assert len(bin_.asked) == 1
    take(desk, do="home", id="b")
    assert len(bin_.asked) == 2


def test_commands_without_a_transaction_are_each_done(bin_: FakeBin) -> None:
    desk = CommandDesk(ALL, bin_.ask)
    assert take(desk, do="pause") == take(desk, do="pause") == {"id": None, "do": "pause", "ok": True}
    assert len(bin_.asked) == 2


def test_the_reason_of_a_refusal_is_told_and_known_when_it_comes_again(bin_: FakeBin) -> None:
    bin_.answers[Action.HOME] = RefusedError("the stop button is on")
    desk = CommandDesk(ALL, bin_.ask)
    for _ in range(2):
        assert take(desk, do="home", id=1) == {"id": 1, "do": "home", "error": "the stop button is on"}
    assert len(bin_.asked) == 1


def test_a_bin_that_is_gone_is_told(bin_: FakeBin) -> None:
    bin_.lose("the bin does not run")
    assert take(CommandDesk(ALL, bin_.ask), do="pause", id=1) == {
        "id": 1,
        "do": "pause",
        "error": "the bin does not run",
    }


def test_few_transactions_are_remembered(bin_: FakeBin) -> None:
    desk = CommandDesk(ALL, bin_.ask)
    for number in range(MOST_KNOWN + 1):
        take(desk, do="pause", id=number)
    take(desk, do="pause", id=0)
    take(desk, do="pause", id=MOST_KNOWN)
    assert len(bin_.asked) == MOST_KNOWN + 2


def test_a_flood_is_refused_and_what_is_under_way_is_not_begun_again() -> None:
    async def flood() -> None:
        go_on = asyncio.Event()
        asked = []

        async def ask(do: Action) -> None:
            asked.append(do)
            await go_on.wait()

        desk = CommandDesk(ALL, ask)
        tasks = [
            asyncio.create_task(desk.take(b'{"do":"pause","id":%d}' % number, is_retained=False))
            for number in range(MOST_UNDER_WAY)
        ]
        await asyncio.sleep(0)
        assert await desk.take(b'{"do":"pause","id":0}', is_retained=False) is None
        found = await desk.take(b'{"do":"pause","id":99}', is_retained=False)
        assert found == {"id": 99, "do": "pause", "error": "too many commands at a time"}
        go_on.set()
        assert all(one is not None and one["ok"] for one in await asyncio.gather(*tasks))
        assert len(asked) == MOST_UNDER_WAY

    asyncio.run(flood())


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"home",
        b"[]",
        b'{"do": 7}',
        b'{"do": "open"}',
        b'{"do": "home", "bin": "glass"}',
        b'{"do": "home", "id": true}',
        b'{"do": "home", "id": 1.5}',
        b'{"do": "home", "id": "' + b"x" * 65 + b'"}',
        b'{"do": "home"}' + b" " * 512,
        b"\xff",
        b"[" * 500,
    ],
)
def test_what_is_no_command_is_refused_with_what_was_expected(payload: bytes, bin_: FakeBin) -> None:
    with pytest.raises(NotACommandError, match="expected"):
        read_command(payload)
    found = asyncio.run(CommandDesk(ALL, bin_.ask).take(payload, is_retained=False)) or {}
    assert found["id"] is None
    assert "expected" in str(found["error"])
