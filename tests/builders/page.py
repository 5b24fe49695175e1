"""The bin's page with accounts, asked without a network."""

from pathlib import Path
from typing import Literal

from starlette.testclient import TestClient

from edge.bin_socket.bin_link import BinLink
from edge.bin_socket.client import BinUnreachableError
from edge.bin_socket.messages import Link, Message, Status, TrayPicture
from edge.bin_socket.protocol import Action
from edge.bin_socket.subscription import Subscription
from edge.errors import RefusedError
from edge.page.access.accounts import UserAccount
from edge.page.access.door import PageDoor
from edge.page.access.roles import Role
from edge.page.access.visitors import COOKIE
from edge.page.app import make_app
from edge.page.bin_settings import BinSettings
from edge.page.page_state import PageState
from hardware.clock import ManualClock

PASSWORD = "correct horse battery"

SETTINGS = BinSettings(
    name="bin-7",
    event_log=Path("/nowhere/events.sqlite"),
    bins=("glass", "metal", "residual"),
    labels={"glass": "glass", "metal": "metal", "trash": "residual"},
    residual_bin="residual",
)


class FakeBin:
    """A bin behind its socket.

    Attributes:
        status, problem: as of ``BinClient``; ``tell`` and ``lose`` change them.
        asked: the commands it was given, with their ``bin`` and ``to``.
        answers: command -> its answer and picture, or what it raises; of others the answer is empty.
        picture: what ``look`` gives; None: it refuses.
    """

    def __init__(self) -> None:
        self.status: Status | None = None
        self.problem: str | None = None
        self.asked: list[tuple[Action, str | None, str | None]] = []
        self.answers: dict[Action, tuple[dict[str, object], bytes] | Exception] = {}
        self.picture: TrayPicture | None = None
        self._subscriptions: set[Subscription] = set()

    def tell(self, message: Message) -> None:
        """Say something to whoever listens; a status also to those who come later."""
        if isinstance(message, Status):
            self.status = message
        for one in self._subscriptions:
            one.put(message)

    def lose(self, problem: str | None) -> None:
        """Be gone, for a reason; None: be there again."""
        self.problem, self.status = problem, None
        self.tell(Link(problem))

    async def ask(
        self, do: Action, *, bin: str | None = None, to: Literal["open", "home"] | None = None
    ) -> tuple[dict[str, object], bytes]:
        self.asked.append((do, bin, to))
        if self.problem is not None:
            raise BinUnreachableError(self.problem)
        answer = self.answers.get(do, ({}, b""))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def look(self) -> TrayPicture:
        await self.ask(Action.LOOK)
        if self.picture is None:
            raise RefusedError("there is nothing at rest on the tray")
        return self.picture

    def subscribe(self, *, pictures: bool = False, most_per_s: float = 10.0) -> Subscription:
        return Subscription(self._begin, self._subscriptions.discard, pictures=pictures, most_per_s=most_per_s)

    def _begin(self, subscription: Subscription) -> None:
        self._subscriptions.add(subscription)
        subscription.put(Link(self.problem))
        if self.status is not None:
            subscription.put(self.status)


class PageRig:
    """A page and its parts.

    Args:
        folder: for accounts and changes.
        settings: the bin; a made-up one where nothing else is said.
        bin_link: the way to the loop.

    Attributes:
        clock: of sessions and waits.
        door, app: the page's parts.
    """

    def __init__(
        self,
        folder: Path,
        *,
        settings: BinSettings = SETTINGS,
        bin_link: BinLink | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.door = PageDoor(folder / "page", self.clock)
        self.app = make_app(PageState(settings, bin_link, self.door))

    def account(self, role: Role) -> UserAccount:
        """The account of a role; it is named after it, and made where there is none."""
        if not len(self.door.accounts):
            self.door.accounts.add("set-up", Role.SET_UP, PASSWORD)
        name = role.replace(" ", "-")
        return self.door.accounts.get(name) or self.door.accounts.add(name, role, PASSWORD)

    def stranger(self, address: str = "192.168.1.20") -> TestClient:
        """A browser in which nobody is logged in."""
        return TestClient(
            self.app,
            base_url="http://localhost",
            client=(address, 50_000),
            headers={"Accept": "text/html"},
            follow_redirects=False,
        )

    def visitor(self, role: Role = Role.SET_UP) -> TestClient:
        """A browser of somebody who is logged in; its scripts know the session's token."""
        account = self.account(role)
        client = self.stranger()
        cookie = self.door.open_session(account)
        client.cookies.set(COOKIE, cookie)
        visitor = self.door.visitor(cookie)
        assert visitor is not None
        client.headers["X-CSRF-Token"] = visitor.form_token
        return client
