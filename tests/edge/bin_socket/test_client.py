"""The neighbour's end: it finds the bin again by itself, shares one connection, and forwards what the bin refuses."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from edge.bin_socket.client import BinClient, BinUnreachableError
from edge.bin_socket.messages import Decided, Link, Message, Outcome, Status, TrayPicture
from edge.bin_socket.protocol import Action
from edge.bin_socket.subscription import MOST_WAITING, Subscription
from edge.errors import RefusedError
from tests.edge.bin_socket.neighbour import PATIENCE_S, header, serving


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bin.sock"


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), PATIENCE_S))


async def until(subscription: Subscription, kind: type) -> Any:
    async for message in subscription:
        if isinstance(message, kind):
            return message
    raise AssertionError


async def connected(subscription: Subscription) -> None:
    while (await until(subscription, Link)).problem is not None:
        pass


async def answered(bench: Any, error: str | None) -> None:
    """The loop of the bin, once."""
    asked = await asyncio.to_thread(bench.taken)
    bench.exchange.answer(asked, error)


def test_it_waits_for_a_bin_and_finds_it_again(path: Path) -> None:
    async def test() -> None:
        async with BinClient(path) as client:
            with client.subscribe() as told:
                assert "nothing has answered" in ((await until(told, Link)).problem or "")
                assert "does not run" in ((await until(told, Link)).problem or "")
                with pytest.raises(BinUnreachableError, match="does not run"):
                    await client.ask(Action.PAUSE)
                for _ in range(2):
                    bin_ = serving(path)
                    bin_.__enter__()
                    await connected(told)
                    assert client.is_connected
                    await asyncio.to_thread(bin_.__exit__, None, None, None)
                    assert (await until(told, Link)).problem == "the bin refuses the connection: the bin stops"
                    assert client.status is None

    run(test)


def test_it_asks_and_is_answered_or_refused(path: Path) -> None:
    async def test() -> None:
        with serving(path) as bench:
            async with BinClient(path) as client:
                with client.subscribe() as told:
                    await connected(told)
                    done = await asyncio.gather(client.ask(Action.PAUSE), answered(bench, None))
                    assert done[0][0]["ok"]
                    with pytest.raises(RefusedError, match=r"^there is no bin 'x'$"):
                        await asyncio.gather(
                            client.ask(Action.JOG, bin="x", to="home"), answered(bench, "there is no bin 'x'")
                        )
                    look = await client.look()
                    assert (look.header["sequence"], look.jpeg) == (7, b"J" * 100)

    run(test)


def test_a_bin_that_goes_leaves_nobody_waiting(path: Path) -> None:
    async def test() -> None:
        async with BinClient(path) as client:
            with client.subscribe() as told:
                bin_ = serving(path)
                bench = bin_.__enter__()
                await connected(told)
                asked = asyncio.create_task(client.ask(Action.HOME))
                await asyncio.to_thread(bench.taken)
                await asyncio.to_thread(bin_.__exit__, None, None, None)
                with pytest.raises(BinUnreachableError, match="the bin stops"):
                    await asked

    run(test)


def test_a_loop_that_hangs_leaves_nobody_waiting(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.bin_socket.client.ANSWER_S", 0.1)

    async def test() -> None:
        with serving(path):
            async with BinClient(path) as client:
                with client.subscribe() as told:
                    await connected(told)
                    with pytest.raises(BinUnreachableError, match=r"has not answered for 0\.1 s"):
                        await client.ask(Action.HOME)

    run(test)


def test_all_who_listen_share_what_the_bin_tells_and_only_some_see_pictures(path: Path) -> None:
    async def test() -> None:
        with serving(path) as bench:
            async with BinClient(path) as client:
                with client.subscribe() as plain:
                    await connected(plain)
                    with client.subscribe(pictures=True, most_per_s=5) as seeing:
                        picture = await until(seeing, TrayPicture)
                        assert picture.jpeg == b"j" * 100
                        bench.clock.advance(1.0)
                        bench.exchange.tell_status({"tray": "empty"})
                        for one in (plain, seeing):
                            status = await until(one, Status)
                            assert status.report == {"tray": "empty"}
                        assert client.status == status
                        bench.exchange.tell({"event": {"number": 3}})
                        bench.exchange.tell({"outcome": {"number": 3, "outcome": "done"}})
                        for one in (plain, seeing):
                            assert await until(one, Decided) == Decided({"number": 3})
                            assert (await until(one, Outcome)).outcome["outcome"] == "done"
                    with client.subscribe() as late:
                        assert await late.next() == Link(None)
                        assert await late.next() == status, "how things stand is told first"

    run(test)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (b'{"hello": {"protocol": 99}}\n', "speaks protocol 99, expected 1: restart both after an upgrade"),
        (b'{"hello": 5}\n', "speaks protocol None"),
        (b"SSH-2.0-OpenSSH\n", "cannot be understood"),
        (b'{"picture": {}, "bytes": 99999999999}\n', "bytes: expected at most"),
        (b'{"status": 5}\n', "status: expected an object"),
        (b"x" * 100_000, "the bin has stopped"),
        (b"", "the bin has stopped"),
    ],
)
def test_what_is_no_bin_is_said(path: Path, said: bytes, problem: str) -> None:
    async def test() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(said)
            writer.close()

        async with await asyncio.start_unix_server(serve, path), BinClient(path) as client:
            with client.subscribe() as told:
                while problem not in ((await until(told, Link)).problem or ""):
                    pass

    run(test)


def test_a_bin_that_says_nothing_hangs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.bin_socket.client.SILENCE_S", 0.1)

    async def test() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        async with await asyncio.start_unix_server(serve, path), BinClient(path) as client:
            with client.subscribe() as told:
                while "the bin hangs" not in ((await until(told, Link)).problem or ""):
                    pass

    run(test)


def test_a_slow_listener_gets_the_newest_state_and_all_events_that_fit() -> None:
    async def test() -> None:
        told = Subscription(lambda one: None, lambda one: None, pictures=True, most_per_s=10.0)
        for number in range(MOST_WAITING + 5):
            told.put(Status({"number": number}, 0.0))
            told.put(TrayPicture(header(number), b""))
            told.put(Decided({"number": number}))
        found: list[Message] = [await told.next() for _ in range(MOST_WAITING + 2)]
        assert found[0] == Status({"number": MOST_WAITING + 4}, 0.0)
        assert [one.event["number"] for one in found if isinstance(one, Decided)] == list(range(5, MOST_WAITING + 5))
        assert isinstance(found[-1], TrayPicture)
        assert found[-1].header["sequence"] == MOST_WAITING + 4

    run(test)


def test_no_thread_of_a_server_is_left() -> None:
    assert not [one for one in threading.enumerate() if one.name == "bin socket"]
