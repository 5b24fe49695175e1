"""The server against visitors who are slow, many, or ask for nonsense; over real connections on this machine."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from edge.errors import UnavailableError
from edge.page.certificate import fingerprint, self_made, tls_context
from edge.page.deadlines import Deadlines
from edge.page.server import LOOPBACK, PageListener, PagePort, serve

LONG_S = 20.0
"""No test waits for this long: what does not come has failed."""

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def hello(_: Request) -> Response:
    return PlainTextResponse("hello")


async def take(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def pour(_: Request) -> Response:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100_000

    return StreamingResponse(endless())


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


APP = Starlette(
    routes=[
        Route("/", hello),
        Route("/take", take, methods=["POST"]),
        Route("/pour", pour),
        WebSocketRoute("/talk", talk),
    ]
)


@asynccontextmanager
async def serving(app: ASGIApp = APP, tls: ssl.SSLContext | None = None, **limits: float) -> AsyncIterator[int]:
    listener = PageListener(app, **limits)  # type: ignore[arg-type]  # numbers of either kind
    await listener.listen("127.0.0.1", [PagePort(0, tls)])
    try:
        yield listener.ports[0]
    finally:
        listener.close()


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


_opened: list[asyncio.StreamWriter] = []
"""Connections of the test that runs."""


async def connect(port: int) -> Streams:
    streams = await asyncio.open_connection("127.0.0.1", port)
    _opened.append(streams[1])
    return streams


async def answer_to(port: int, request: bytes = REQUEST) -> bytes:
    reader, writer = await connect(port)
    writer.write(request)
    try:
        return await reader.readuntil(b"\r\n")
    finally:
        writer.close()


async def is_ended(streams: Streams) -> bool:
    """Whether the server ends a connection; reads all that comes before."""
    try:
        while await streams[0].read(65_536):
            pass
    except OSError:
        pass
    return True


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def in_time() -> None:
        try:
            async with asyncio.timeout(LONG_S):
                await test()
        finally:
            for writer in _opened:
                writer.transport.abort()
            _opened.clear()
            await asyncio.sleep(0)  # until they are gone

    asyncio.run(in_time())


def test_a_connection_without_a_request_is_ended() -> None:
    async def test() -> None:
        async with serving(header_s=0.1) as port:
            assert await is_ended(await connect(port))

    run(test)


@pytest.mark.parametrize("first", [b"", REQUEST], ids=["at once", "after a request"])
def test_a_header_that_trickles_in_is_given_up(first: bytes) -> None:
    async def test() -> None:
        async with serving(header_s=0.3) as port:
            reader, writer = await connect(port)
            writer.write(first)
            ended = asyncio.create_task(is_ended((reader, writer)))
            writer.write(b"GET / HTTP/1.1\r\n")
            while not ended.done():
                writer.write(b"X: y\r\n")
                await asyncio.sleep(0.02)

    run(test)


def test_a_request_that_takes_longer_than_its_header_may_is_answered() -> None:
    async def slow(_: Request) -> Response:
        await asyncio.sleep(0.3)
        return PlainTextResponse("at last")

    async def test() -> None:
        async with serving(Starlette(routes=[Route("/", slow)]), header_s=0.1) as port:
            assert b"200" in await answer_to(port)

    run(test)


def test_a_body_that_trickles_in_is_given_up() -> None:
    async def test() -> None:
        async with serving(Deadlines(APP, body_s=0.2)) as port:
            reader, writer = await connect(port)
            writer.write(b"POST /take HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc")
            assert await is_ended((reader, writer))

    run(test)


def test_an_answer_that_nobody_takes_is_given_up() -> None:
    async def test() -> None:
        async with serving(Deadlines(APP, send_s=0.2)) as port:
            reader, writer = await connect(port)
            writer.write(b"GET /pour HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await asyncio.sleep(1.0)
            assert await is_ended((reader, writer))

    run(test)


def test_200_slow_connections_keep_nobody_out() -> None:
    async def test() -> None:
        async with serving() as port:
            slow = [await connect(port) for _ in range(200)]
            for _, writer in slow:
                writer.write(b"GET / HTTP/1.1\r\nX: ")
            assert b"200" in await answer_to(port)
            for _, writer in slow:
                writer.close()

    run(test)


def test_of_too_many_connections_the_longest_idle_goes() -> None:
    async def test() -> None:
        async with serving(most=3, most_of_one=3) as port:
            first, *others = [await connect(port) for _ in range(4)]
            assert await is_ended(first)
            for reader, writer in others:
                writer.write(REQUEST)
                assert b"200" in await reader.readuntil(b"\r\n")

    run(test)


def test_connections_in_use_are_not_pushed_out() -> None:
    async def test() -> None:
        async with serving(most=2, most_of_one=2) as port:
            talking = [await open_talk(port) for _ in range(2)]
            assert await is_ended(await connect(port))
            for reader, writer in talking:
                writer.write(b"\x81\x82\0\0\0\0hi")
                assert await reader.readexactly(4) == b"\x81\x02hi"

    run(test)


def test_a_websocket_that_ended_makes_room() -> None:
    async def test() -> None:
        async with serving(most=1, most_of_one=1) as port:
            for _ in range(3):
                _, writer = await open_talk(port)
                writer.close()
                await writer.wait_closed()
                await asyncio.sleep(0.05)
            assert b"200" in await answer_to(port)

    run(test)


async def open_talk(port: int) -> Streams:
    reader, writer = await connect(port)
    key = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    writer.write(b"GET /talk HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + key)
    assert b"101" in (await reader.readuntil(b"\r\n\r\n")).splitlines()[0]
    return reader, writer


@pytest.mark.parametrize(
    "request_line",
    [
        *(
            b"\x00\xff\x00" * 100 + b"\r\n\r\n",
            b"GET /\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        ),
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: " + b"y" * 100_000,
        b"POST /take HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
        b"POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    ],
)
def test_nonsense_ends_its_own_connection_alone(request_line: bytes) -> None:
    async def test() -> None:
        async with serving(header_s=0.5) as port:
            reader, writer = await connect(port)
            writer.write(request_line)
            await is_ended((reader, writer))
            assert b"200" in await answer_to(port)

    run(test)


def test_it_listens_where_it_is_told_and_nowhere_else() -> None:
    async def test() -> None:
        listener = PageListener(APP)
        await listener.listen("127.0.0.1", [PagePort(0)])
        (port,) = listener.ports
        kept = await connect(port)
        await listener.listen("127.0.0.2", [PagePort(port)])
        with pytest.raises(ConnectionRefusedError):
            await connect(port)
        reader, writer = kept
        writer.write(REQUEST)
        assert b"200" in await reader.readuntil(b"\r\n")  # who is connected stays so
        listener.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", port)

    run(test)


def test_a_port_that_is_taken_is_told() -> None:
    async def test() -> None:
        async with serving() as port:
            with pytest.raises(UnavailableError, match=f"127.0.0.1 port {port}"):
                await PageListener(APP).listen("127.0.0.1", [PagePort(port)])

    run(test)


def test_it_stops_with_the_process_that_it_belongs_to() -> None:
    async def test() -> None:
        child = await asyncio.create_subprocess_exec("sleep", "600")
        ready = asyncio.Event()
        task = asyncio.create_task(
            serve(APP, [PagePort(0)], lambda: LOOPBACK, on_ready=ready.set, until_exit=child.pid)
        )
        await ready.wait()
        child.kill()
        await task
        await child.wait()
        with pytest.raises(UnavailableError, match="process"):
            await serve(APP, [PagePort(0)], lambda: LOOPBACK, until_exit=child.pid)

    run(test)


def test_a_self_made_certificate_serves_tls(tmp_path: Path) -> None:
    certificate, key = self_made(tmp_path / "page", ("bin-7", "bin-7.local", "localhost"))
    assert self_made(tmp_path / "page", ("other",)) == (certificate, key)
    assert key.stat().st_mode & 0o077 == 0

    async def test() -> None:
        trusting = ssl.create_default_context(cafile=certificate)
        async with serving(tls=tls_context(certificate, key)) as port:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=trusting, server_hostname="bin-7.local"
            )
            der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            assert fingerprint(certificate) == hashlib.sha256(der).digest().hex(":").upper()
            writer.write(REQUEST)
            assert b"200" in await reader.readuntil(b"\r\n")
            writer.close()

    run(test)


def test_files_that_are_no_certificate_are_told(tmp_path: Path) -> None:
    certificate, key = self_made(tmp_path / "one", ("a",))
    _, other_key = self_made(tmp_path / "other", ("b",))
    for pair in ((certificate, other_key), (tmp_path / "none.pem", key), (key, key)):
        with pytest.raises(UnavailableError, match="belong together"):
            tls_context(*pair)


def test_without_openssl_it_says_what_else_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="--certificate"):
        self_made(tmp_path / "page", ("a",))
