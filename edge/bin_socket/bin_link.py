"""What a neighbour asks of the bin; ``edge.bin_socket.client.BinClient`` is one."""

from typing import Literal, Protocol

from edge.bin_socket.messages import Status, TrayPicture
from edge.bin_socket.protocol import MOST_PER_S, Action
from edge.bin_socket.subscription import Subscription


class BinLink(Protocol):
    """A connection to the bin that comes back by itself when the bin does. See ``BinClient`` for what each part means."""

    @property
    def status(self) -> Status | None:
        """The newest status; None while there is no connection."""
        ...

    @property
    def problem(self) -> str | None:
        """Why there is no connection; None: there is one."""
        ...

    async def ask(
        self, do: Action, *, bin: str | None = None, to: Literal["open", "home"] | None = None
    ) -> tuple[dict[str, object], bytes]:
        """Ask the bin to do something; its answer and picture."""
        ...

    async def look(self) -> TrayPicture:
        """The newest picture in full."""
        ...

    def subscribe(self, *, pictures: bool = False, most_per_s: float = MOST_PER_S) -> Subscription:
        """Listen to what the bin tells."""
        ...
