"""Fetches files of a repository over HTTP, with an end to all patience."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import IO

from tuf.api.exceptions import SlowRetrievalError
from tuf.ngclient.urllib3_fetcher import Urllib3Fetcher
from urllib3.exceptions import TimeoutError as GapError
from urllib3.response import BaseHTTPResponse

from hardware.clock import Clock

GAP_S = 10
"""Longest wait for the next bytes, in seconds."""

CHUNK_BYTES = 65_536

LEAST_BYTES_PER_S = 2_000
"""Slowest server that is waited for in the long run, in bytes a second: a tenth of what the worst mobile network gives."""

GRACE_S = 20.0
"""Time that a file may take however small it is, in seconds."""


class PatientFetcher(Urllib3Fetcher):
    """As TUF's own, but a server that trickles is given up: bytes that come one by one would hold the bin for ever.

    Args:
        clock: real time.
        gap_s: longest wait for the next bytes, in whole seconds.
        grace_s: time that a file may take however small it is, in seconds.
    """

    def __init__(self, clock: Clock, *, gap_s: int = GAP_S, grace_s: float = GRACE_S) -> None:
        super().__init__(socket_timeout=gap_s, chunk_size=CHUNK_BYTES, app_user_agent="smart-bin-sorter")
        self._clock = clock
        self._grace_s = grace_s
        self._began_s = 0.0
        self._body: Generator[bytes] | None = None

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """See ``FetcherInterface``. Who stops in the middle of a body leaves its connection open; here it is closed."""
        try:
            with super().download_file(url, max_length) as file:
                yield file
        finally:
            if self._body is not None:
                self._body.close()

    def _fetch(self, url: str) -> Iterator[bytes]:
        self._began_s = self._clock.now_s()
        return super()._fetch(url)

    def _chunks(self, response: BaseHTTPResponse) -> Iterator[bytes]:
        self._body = self._read(response)
        return self._body

    def _read(self, response: BaseHTTPResponse) -> Generator[bytes]:
        # Not stream(), which waits until a chunk is full, however slowly that comes.
        count = 0
        try:
            while chunk := response.read1(self.chunk_size):
                count += len(chunk)
                taken_s = self._clock.now_s() - self._began_s
                if taken_s > self._grace_s + count / LEAST_BYTES_PER_S:
                    raise SlowRetrievalError(f"{count} bytes in {taken_s:.0f} s")
                yield chunk
        except GapError as error:
            raise SlowRetrievalError(f"nothing more after {count} bytes") from error
        finally:
            response.close()
