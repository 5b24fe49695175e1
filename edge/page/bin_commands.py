"""What somebody has the bin do from the page: pause, go on, flaps home, one flap by a held button, a new empty tray."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from edge.bin_socket.protocol import MOST_NAME, Action
from edge.errors import SorterError
from edge.page.access.noting import note_change
from edge.page.access.roles import Role
from edge.page.access.visitors import visitor_of
from edge.page.page_state import state_of
from edge.page.texts import mark
from hardware.clock import Clock


@dataclass(frozen=True, slots=True)
class CommandKind:
    """A kind of command.

    Attributes:
        role: the least role of who may give it.
        note: how the list of changes says it; ``%(bin)s`` stands for the bin's name.
    """

    role: Role
    note: str


KINDS = {
    Action.PAUSE: CommandKind(Role.TEACH, mark("paused the bin")),
    Action.GO_ON: CommandKind(Role.TEACH, mark("let the bin go on")),
    Action.HOME: CommandKind(Role.SET_UP, mark("sent the flaps home")),
    Action.LEARN_TRAY: CommandKind(Role.SET_UP, mark("had the tray taken anew for empty")),
    Action.JOG: CommandKind(Role.SET_UP, mark("moved the flap of %(bin)s by hand")),
}
"""What can be asked for."""

PRESSED_ANEW_S = 2.0
"""Time without a word of a held button after which the next one is another press, in seconds: the bin has long let go."""


@dataclass(frozen=True, slots=True)
class BinCommand:
    """What is asked for.

    Attributes:
        do: one of ``KINDS``.
        bin: of ``JOG``: whose flap; elsewhere None.
        to: of ``JOG``: which way; elsewhere None.
    """

    do: Action
    bin: str | None = None
    to: Literal["open", "home"] | None = None


class BinCommands:
    """Passes commands on to the bin, and notes who gave them.

    Args:
        clock: tells one press of a held button from the next.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: tuple[str, BinCommand, float] | None = None

    async def answer(self, request: Request, *, back: str, refuse: Callable[[str], Awaitable[Response]]) -> Response:
        """Have the bin do what a form or a script sends.

        Args:
            request: what is sent.
            back: where a form leads once it is done.
            refuse: the page that says to who sent a form why it is not done.

        Raises:
            HTTPException: it is no command, the visitor may not give it, there is no bin, or the bin refuses what a script sends.
        """
        command, is_script = await read_command(request), _is_script(request)
        state, visitor = state_of(request), visitor_of(request)
        if visitor is None or not visitor.account.role.includes(KINDS[command.do].role):
            raise HTTPException(403, "your account may not do this")
        if state.bin is None:
            raise HTTPException(400, "there is no bin: only an event log is shown")
        try:
            await state.bin.ask(command.do, bin=command.bin, to=command.to)
        except SorterError as error:
            if is_script:
                raise HTTPException(409, str(error)) from error
            return await refuse(str(error))
        if self._is_news(visitor.account.name, command):
            await note_change(request, KINDS[command.do].note, **({} if command.bin is None else {"bin": command.bin}))
        return JSONResponse({"ok": True}) if is_script else RedirectResponse(back, 303)

    def _is_news(self, name: str, command: BinCommand) -> bool:
        """Whether it is more than another word of the button that is held already."""
        now_s = self._clock.now_s()
        held, self._held = self._held, (name, command, now_s) if command.do is Action.JOG else None
        return held is None or held[:2] != (name, command) or now_s - held[2] >= PRESSED_ANEW_S


async def read_command(request: Request) -> BinCommand:
    """The command that a form or a script sends; a form cannot hold a button.

    Raises:
        HTTPException: it is none.
    """
    if not _is_script(request):
        return BinCommand(_action((await request.form()).get("do"), but=Action.JOG))
    try:
        found = json.loads(await request.body())
        do, name, to = found["do"], found.get("bin"), found.get("to")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise HTTPException(400, "expected an object with do") from error
    action = _action(do)
    if action is not Action.JOG:
        return BinCommand(action)
    if not isinstance(name, str) or not 0 < len(name) <= MOST_NAME or to not in ("open", "home"):
        raise HTTPException(400, "expected the name of a bin, and open or home")
    return BinCommand(action, name, to)


def _is_script(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/json")


def _action(value: object, *, but: Action | None = None) -> Action:
    """One of ``KINDS``. Raises HTTPException."""
    known = [one for one in KINDS if one is not but]
    for action in known:
        if value == action:
            return action
    raise HTTPException(400, f"do: expected one of {', '.join(known)}")
