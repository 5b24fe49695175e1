"""A page in the local network that shows the pictures of a calibration: on a phone at the bin, or where the terminal is."""

import hmac
import html
import ipaddress
import os
import secrets
import socket
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from edge.errors import UnavailableError

TOKEN_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
TOKEN_LENGTH = 10
"""The secret part of the address: letters that nobody mistakes for another, and 49 bits, for as long as calibrate runs."""

REFRESH_S = 1
"""Seconds after which the page loads itself again."""

MAX_CONNECTIONS = 16
"""Number of connections served at a time: a browser or two. More are closed at once, so that nobody fills the memory."""

REQUEST_TIMEOUT_S = 5.0
"""Seconds in which a request must have come, and its answer be taken."""

FAREWELL_S = 1.5
"""Seconds for which a page that somebody has looked at is served after its end, so that it can say so: a browser that loads it
once more would show an error in place of the pictures."""

CLOSING_S = 0.1
"""Seconds after which the page at the latest notices that it is closed."""

EVERY_ADDRESS = "0.0.0.0"
"""Where it listens if nothing else is said: who looks at the pictures is usually at another machine."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>sorter calibrate</title>{refresh}
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 60rem; padding: 0 1rem }}
:root {{ color: #1c2128; background: #fafafa }}
h1 {{ font-size: 1.3rem; margin: 0 }} p {{ margin: 0 0 1rem }}
main {{ display: grid; gap: 1rem 2rem; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)) }}
figure {{ margin: 0 }} figcaption {{ padding: .5rem 0 }} img {{ width: 100%; height: auto; border-radius: .5rem }}
figure:first-child {{ grid-column: 1 / -1 }}
figure:first-child img {{ width: auto; max-width: 100%; min-height: min(60vh, 45vw); object-fit: contain }}
@media (prefers-color-scheme: dark) {{ :root {{ color: #e6e6e6; background: #16191d }} }}
</style></head><body><h1>sorter calibrate</h1>
<p>{says}</p>
<main>
{body}
</main></body></html>
"""
_REFRESH = f'<meta http-equiv="refresh" content="{REFRESH_S}">'
_RUNS = "Answer the questions in the terminal. Pictures appear here by themselves, the newest on top."
_NO_PICTURE = f"No picture yet. {_RUNS}"
_ENDED = "Calibration has ended: nothing more comes. These were its pictures."
_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class PublishedPicture:
    """A picture on the page.

    Attributes:
        content: JPEG.
        caption: what it shows.
        version: counts up over all pictures, so that a browser keeps what it has.
    """

    content: bytes
    caption: str
    version: int


class PicturePage:
    """Serves pictures from memory until it is closed; it opens no file. A context manager.

    Args:
        address: IP address of this machine at which it listens; the default is every one.
        port: TCP port; 0 takes a free one.

    Raises:
        UnavailableError: it cannot listen there.

    Attributes:
        urls: addresses of the page, the easiest to type first. The last part is a secret of this run.
    """

    def __init__(self, *, address: str = EVERY_ADDRESS, port: int = 0) -> None:
        self._token = "".join(secrets.choice(TOKEN_LETTERS) for _ in range(TOKEN_LENGTH))
        self._pictures: dict[str, PublishedPicture] = {}
        self._lock = threading.Lock()
        self._version = 0
        self._was_looked_at = False
        self._has_ended, self._farewell = threading.Event(), threading.Event()
        try:
            self._server = _Server((address, port), self)
        except (OSError, OverflowError) as error:
            raise UnavailableError(
                f"the page of pictures cannot listen at {address} port {port}: {error}; --page takes an address of this "
                "machine, and --no-page goes without"
            ) from error
        self.urls = tuple(f"http://{host}:{self._server.server_address[1]}/{self._token}" for host in hosts_of(address))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(CLOSING_S,), name="picture page", daemon=True
        )
        self._thread.start()

    def publish(self, name: str, content: bytes, caption: str) -> None:
        """Show a picture, in place of the one of that name.

        Args:
            name: a file name ending in ``.jpg``.
            content: JPEG.
            caption: what it shows; plain text.
        """
        with self._lock:
            self._version += 1
            self._pictures.pop(name, None)
            self._pictures[name] = PublishedPicture(content, caption, self._version)

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """Content type and content for the path of a request; None if there is no such thing."""
        token, _, name = path.partition("?")[0].removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return None
        with self._lock:
            pictures = dict(self._pictures)
        if not name:
            return "text/html; charset=utf-8", self._page(pictures).encode()
        return ("image/jpeg", pictures[name].content) if name in pictures else None

    @property
    def has_ended(self) -> bool:
        """Whether whoever loads the page is told that nothing more comes."""
        return self._has_ended.is_set()

    def part(self) -> None:
        """Note that somebody has been told."""
        self._farewell.set()

    def close(self) -> None:
        """Stop serving, once the browser that shows the page has been told; may be called twice."""
        if self._was_looked_at and not self._has_ended.is_set():
            self._has_ended.set()
            self._farewell.wait(FAREWELL_S)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _page(self, pictures: dict[str, PublishedPicture]) -> str:
        figures = (
            f'<figure><figcaption>{html.escape(one.caption)}</figcaption><img src="/{self._token}/{html.escape(name)}'
            f'?{one.version}" alt="{html.escape(one.caption)}"></figure>'
            for name, one in reversed(pictures.items())
        )
        self._was_looked_at = True
        if self._has_ended.is_set():
            return _PAGE.format(refresh="", says=_ENDED, body="\n".join(figures))
        return _PAGE.format(refresh=_REFRESH, says=_RUNS if pictures else _NO_PICTURE, body="\n".join(figures))


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD, and nothing else."""

    server: "_Server"
    server_version, sys_version = "sorter", ""
    timeout = REQUEST_TIMEOUT_S

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *arguments: object) -> None:
        """The terminal belongs to the dialogue."""

    def _answer(self, *, with_body: bool) -> None:
        has_ended = self.server.page.has_ended
        found = self.server.page.answer(self.path)
        kind, content = found or ("text/plain; charset=utf-8", b"not found\n")
        self.send_response(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)
        # The address of a picture has its version; the page itself changes.
        self.send_header("Cache-Control", "private, max-age=600" if kind == "image/jpeg" else "no-store")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if with_body:
            self.wfile.write(content)
        if has_ended and kind.startswith("text/html"):
            self.server.page.part()


class _Server(ThreadingHTTPServer):
    """One thread a connection, up to ``MAX_CONNECTIONS``."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 2 * MAX_CONNECTIONS

    def __init__(self, place: tuple[str, int], page: PicturePage) -> None:
        if ":" in place[0]:
            self.address_family = socket.AF_INET6
        self.page = page
        self._free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__(place, _Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's own, which asks the name service for this machine's name, and may wait for it.
        self.allow_reuse_address = True
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "", self.server_address[1]

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is none of the user's business."""


def hosts_of(address: str) -> Iterator[str]:
    """Names and addresses under which others reach a server that listens at an IP address, the easiest to type first."""
    listens = ipaddress.ip_address(address)
    if not listens.is_unspecified:
        yield f"[{address}]" if listens.version == 6 else address
        return
    known = _address_in_network()
    if known is None:
        yield "localhost"
        return
    yield f"{socket.gethostname().partition('.')[0]}.local"
    yield known


def _address_in_network() -> str | None:
    """This machine's address where the user's terminal reaches it, else towards other networks; None without a network."""
    connection = os.environ.get("SSH_CONNECTION", "").split()
    if len(connection) == 4:
        return f"[{connection[2]}]" if ":" in connection[2] else connection[2]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation; a datagram socket sends nothing here
        except OSError:
            return None
        return str(probe.getsockname()[0])
