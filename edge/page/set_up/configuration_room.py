"""The page of the configuration: every key, changes that are looked at before they are written, and the versions before."""

from collections.abc import Sequence

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from edge.errors import SorterError
from edge.page.access.needs import needs
from edge.page.access.noting import note_change
from edge.page.access.roles import Role
from edge.page.late_part import PartValues, answer_in_parts
from edge.page.page_state import state_of
from edge.page.rendering import render
from edge.page.set_up.configuration import RESTART, ConfigurationEditor, command_for
from edge.page.texts import mark

PREFIX = "set."
"""Beginning of a field's name that sets a key: ``set.tray.region``."""

SIDES = {"left": mark("left"), "top": mark("top"), "right": mark("right"), "bottom": mark("bottom")}
"""Fields of the tray's region, in per cent of the picture, in the order of ``tray.region``."""

PATH = "/set-up/configuration"


class ConfigurationRoom:
    """The room."""

    def __init__(self) -> None:
        self._editor = ConfigurationEditor()

    def routes(self) -> list[BaseRoute]:
        """Where it is served."""
        guard = needs(Role.SET_UP)
        return [
            Route(PATH, guard(self.show)),
            Route(f"{PATH}/look", guard(self.look), methods=["POST"]),
            Route(f"{PATH}/write", guard(self.write), methods=["POST"]),
            Route(f"{PATH}/back", guard(self.back), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Every key."""
        return await self._page(request, None)

    async def look(self, request: Request) -> Response:
        """What a change would change."""
        settings = state_of(request).settings
        form = await request.form()
        try:
            change = await self._editor.look(settings, _assignments(form))
        except SorterError as error:
            return await self._page(request, str(error))
        if not change.difference:
            return RedirectResponse(PATH, 303)
        commands = [command_for(settings, "set", *change.assignments), RESTART]
        return render(request, "set_up/change.html", change=change, commands=commands, prefix=PREFIX)

    async def write(self, request: Request) -> Response:
        """Write a change that was looked at."""
        settings = state_of(request).settings
        form = await request.form()
        try:
            keys = await self._editor.write(settings, _assignments(form), _text(form, "sha256"))
        except SorterError as error:
            return await self._page(request, str(error))
        await note_change(request, mark("changed the configuration: %(keys)s"), keys=", ".join(keys))
        return RedirectResponse(f"{PATH}?written=1", 303)

    async def back(self, request: Request) -> Response:
        """Go back to a version."""
        form = await request.form()
        number = _text(form, "number")
        if not (number.isascii() and number.isdigit() and 0 < len(number) < 4):
            raise HTTPException(400, "number: expected that of a version")
        try:
            await self._editor.go_back(state_of(request).settings, int(number), _text(form, "sha256"))
        except SorterError as error:
            return await self._page(request, str(error))
        await note_change(request, mark("went back to version %(number)s of the configuration"), number=number)
        return RedirectResponse(f"{PATH}?written=1", 303)

    async def _page(self, request: Request, refusal: str | None) -> Response:
        settings = state_of(request).settings

        async def read() -> PartValues:
            try:
                return {"configuration": await self._editor.read(settings), "problem": None, "prefix": PREFIX}
            except SorterError as error:
                return {"configuration": None, "problem": str(error), "prefix": PREFIX}

        return await answer_in_parts(
            request,
            "set_up/configuration.html",
            "set_up/keys.html",
            read,
            # Who was refused has waited already.
            is_whole=refusal is not None,
            status_code=200 if refusal is None else 409,
            refusal=refusal,
            is_written="written" in request.query_params,
            restart=RESTART,
        )


def _assignments(form: FormData) -> Sequence[str]:
    """What a form sets, each as ``key=value``.

    Raises:
        HTTPException: nothing, or a region of something else than numbers.
    """
    found = [
        f"{name.removeprefix(PREFIX)}={value}"
        for name, value in form.multi_items()
        if name.startswith(PREFIX) and isinstance(value, str) and "\0" not in name + value
    ]
    if all(side in form for side in SIDES):
        found.append(f"tray.region=[{', '.join(_share(form, side) for side in SIDES)}]")
    if not found:
        raise HTTPException(400, "expected keys and their values")
    return found


def _share(form: FormData, side: str) -> str:
    """A side of the region, sent in per cent, as a fraction."""
    try:
        percent = float(_text(form, side).replace(",", "."))
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise HTTPException(400, f"{side}: expected a number from 0 to 100")
    return f"{percent / 100:.3f}".rstrip("0").rstrip(".")


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str) or "\0" in value:
        raise HTTPException(400, f"{name}: expected text")
    return value
