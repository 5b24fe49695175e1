"""What somebody has the bin do by hand from the page: pause, go on, flaps home, one flap by a held button, a new empty tray."""

import json
from dataclasses import dataclass
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from edge.bin_socket.protocol import MOST_NAME, Action
from edge.page.access.network import address_of
from edge.page.access.visitors import visitor_of
from edge.page.page_state import PageState, state_of
from hardware.clock import Clock

NOTES = {
    Action.PAUSE: "paused the bin",
    Action.GO_ON: "let the bin go on",
    Action.HOME: "sent the flaps home",
    Action.LEARN_TRAY: "had the tray taken anew for empty",
}
"""What can be asked for besides ``JOG`` -> how the list of changes says it."""

PRESSED_ANEW_S = 2.0
"""Time without a word of a held button after which the next one is another press, in seconds: the bin has long let go."""


@dataclass(frozen=True, slots=True)
class HandCommand:
    """What is asked for.

    Attributes:
        do: one of ``NOTES``, or ``JOG``.
        bin: of ``JOG``: whose flap; elsewhere None.
        to: of ``JOG``: which way; elsewhere None.
    """

    do: Action
    bin: str | None = None
    to: Literal["open", "home"] | None = None

    @property
    def note(self) -> str:
        """What the list of changes says of it."""
        return NOTES.get(self.do) or f"moved the flap of {self.bin} by hand"


class HandCommands:
    """Passes commands on to the bin, and notes who gave them.

    Args:
        clock: tells one press of a held button from the next.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: tuple[str, HandCommand, float] | None = None

    async def give(self, request: Request, command: HandCommand) -> None:
        """Have the bin do it.

        Raises:
            RefusedError, BinUnreachableError: it does not; the text says why.
            HTTPException: there is no bin.
        """
        state = state_of(request)
        if state.bin is None:
            raise HTTPException(400, "there is no bin: only an event log is shown")
        await state.bin.ask(command.do, bin=command.bin, to=command.to)
        await self._note(request, state, command)

    async def _note(self, request: Request, state: PageState, command: HandCommand) -> None:
        visitor, now_s = visitor_of(request), self._clock.now_s()
        name = "" if visitor is None else visitor.account.name
        held, self._held = self._held, (name, command, now_s) if command.do is Action.JOG else None
        if held is not None and held[:2] == (name, command) and now_s - held[2] < PRESSED_ANEW_S:
            return  # the same button, still held
        await run_in_threadpool(state.door.audit.add, name, address_of(request), command.note)


async def read_command(request: Request) -> HandCommand:
    """The command that a form or a script sends.

    Raises:
        HTTPException: it is none.
    """
    if not request.headers.get("content-type", "").startswith("application/json"):
        return HandCommand(_action((await request.form()).get("do"), among=(*NOTES,)))
    try:
        found = json.loads(await request.body())
        do, name, to = found["do"], found.get("bin"), found.get("to")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise HTTPException(400, "expected an object with do") from error
    action = _action(do, among=(*NOTES, Action.JOG))
    if action is not Action.JOG:
        return HandCommand(action)
    if not isinstance(name, str) or not 0 < len(name) <= MOST_NAME or to not in ("open", "home"):
        raise HTTPException(400, "expected the name of a bin, and open or home")
    return HandCommand(action, name, to)


def _action(value: object, *, among: tuple[Action, ...]) -> Action:
    for action in among:
        if value == action:
            return action
    raise HTTPException(400, f"do: expected one of {', '.join(among)}")
