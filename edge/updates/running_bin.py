"""The running bin, as an update deals with it: tells it to look, and sees what it runs."""

import asyncio
from pathlib import Path
from typing import Protocol

from edge.bin_socket.client import BinClient
from edge.bin_socket.messages import Status
from edge.bin_socket.protocol import Action
from edge.errors import RefusedError, UnavailableError
from hardware.clock import Clock

ANSWER_S = 5.0
"""Longest wait for the bin to tell how it is, in seconds."""

TAKEN_S = 60.0
"""Longest wait until the bin has taken a slot, in seconds: an item may be under way, or a hand over the tray."""


class RunningBin(Protocol):
    """A bin that runs."""

    def check(self) -> None:
        """See that it runs, and takes updates.

        Raises:
            UnavailableError: it does not.
        """

    def take(self, slot: str | None) -> bool:
        """Have the bin take the slot in use, and wait until it says that it runs; False: it has not in time.

        Args:
            slot: name of the slot; None: what the configuration says.

        Raises:
            UnavailableError: it does not run.
        """


class SocketBin:
    """A bin behind its socket.

    Args:
        path: the socket.
        clock: real time.
        taken_s: longest wait until it has taken a slot, in seconds.
    """

    def __init__(self, path: Path, clock: Clock, *, taken_s: float = TAKEN_S) -> None:
        self._path = path
        self._clock = clock
        self._taken_s = taken_s

    def check(self) -> None:
        """See ``RunningBin``."""
        asyncio.run(self._check())

    def take(self, slot: str | None) -> bool:
        """See ``RunningBin``."""
        return asyncio.run(self._take(slot))

    async def _check(self) -> None:
        async with BinClient(self._path) as client:
            report = await self._status(client)
            if "slot" not in report:
                raise UnavailableError("the bin that runs takes no updates: restart it after 'update' is configured")

    async def _take(self, slot: str | None) -> bool:
        async with BinClient(self._path) as client:
            await self._status(client)
            try:
                await client.ask(Action.TAKE_UPDATE)
            except (RefusedError, ConnectionError) as error:
                raise UnavailableError(f"the bin does not take the update: {error}") from error
            began_s = self._clock.now_s()
            with client.subscribe() as told:
                while (left_s := began_s + self._taken_s - self._clock.now_s()) > 0:
                    try:
                        message = await asyncio.wait_for(told.next(), left_s)
                    except TimeoutError:
                        break
                    if isinstance(message, Status) and message.report.get("slot") == slot:
                        return True
        return False

    async def _status(self, client: BinClient) -> dict[str, object]:
        with client.subscribe() as told:
            try:
                async with asyncio.timeout(ANSWER_S):
                    async for message in told:
                        if isinstance(message, Status):
                            return message.report
            except TimeoutError:
                pass
        raise UnavailableError(
            f"the bin does not run, so that nothing could be watched: {client.problem or 'it hangs'}"
        )
