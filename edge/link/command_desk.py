"""Commands that come over the broker: which are allowed, each done once, and each answered."""

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from edge.bin_socket.protocol import Action
from edge.errors import SorterError

MOST_BYTES = 512
"""Longest command, in bytes: many times what one takes."""

MOST_ID = 64
"""Longest transaction id, in characters."""

MOST_UNDER_WAY = 8
"""Most commands that are carried out at a time."""

MOST_KNOWN = 64
"""Commands whose answer is known, should one come twice."""


class NotACommandError(SorterError, ValueError):
    """What came is no command; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class NetworkCommand:
    """Something that is asked of the bin.

    Attributes:
        do: what.
        id: of the transaction, chosen by who asks; None: none, so that one that comes twice is done twice.
    """

    do: Action
    id: str | int | None = None


COMMANDS = {str(action): action for action in (Action.PAUSE, Action.GO_ON, Action.HOME, Action.IDENTIFY)}
"""What can be asked for; ``home`` alone moves anything."""


def read_command(payload: bytes) -> NetworkCommand:
    """A message as a command.

    Raises:
        NotACommandError: it is none.
    """
    try:
        found = json.loads(payload) if len(payload) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not found.keys() <= {"do", "id"}:
        raise NotACommandError('expected {"do": COMMAND, "id": TRANSACTION}, of at most 512 bytes')
    number = found.get("id")
    is_number = isinstance(number, int) and not isinstance(number, bool)
    if not (number is None or is_number or (isinstance(number, str) and len(number) <= MOST_ID)):
        raise NotACommandError(f"id: expected a whole number, or a text of at most {MOST_ID} characters")
    do = found.get("do")
    if not isinstance(do, str) or do not in COMMANDS:
        raise NotACommandError(f"do: expected one of {', '.join(COMMANDS)}")
    return NetworkCommand(COMMANDS[do], number)


class CommandDesk:
    """Has commands carried out.

    Args:
        allowed: names of those that are.
        ask: has the bin do something. Raises SorterError with the reason where it does not.
    """

    def __init__(self, allowed: Collection[str], ask: Callable[[Action], Awaitable[object]]) -> None:
        self._allowed = allowed
        self._ask = ask
        self._known: OrderedDict[str | int, dict[str, object]] = OrderedDict()
        self._under_way = 0

    async def take(self, payload: bytes, *, is_retained: bool) -> dict[str, object] | None:
        """Do what a message asks for; the answer. None: it is under way already, and answered then.

        Args:
            payload: the message.
            is_retained: whether the broker had kept it, so that it may have been asked for long ago.
        """
        try:
            command = read_command(payload)
        except NotACommandError as error:
            return {"id": None, "error": str(error)}
        answer: dict[str, object] = {"id": command.id, "do": str(command.do)}
        if is_retained:
            return {**answer, "error": "it was kept by the broker, and may be old: send commands without retain"}
        if command.do not in self._allowed:
            return {**answer, "error": f"{command.do} is not among link.commands of the bin's configuration"}
        if command.id is not None and command.id in self._known:
            return self._known[command.id] or None
        if self._under_way >= MOST_UNDER_WAY:
            return {**answer, "error": "too many commands at a time"}
        return await self._carry_out(command, answer)

    async def _carry_out(self, command: NetworkCommand, answer: dict[str, object]) -> dict[str, object]:
        self._remember(command, {})
        self._under_way += 1
        try:
            await self._ask(command.do)
            answer["ok"] = True
        except SorterError as error:
            answer["error"] = str(error)
        finally:
            self._under_way -= 1
        self._remember(command, answer)
        return answer

    def _remember(self, command: NetworkCommand, answer: dict[str, object]) -> None:
        if command.id is None:
            return
        self._known[command.id] = answer
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
