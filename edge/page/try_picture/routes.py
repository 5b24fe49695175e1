"""Try a picture: taken with the phone or uploaded."""

import secrets
from collections import OrderedDict

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from edge.errors import SorterError
from edge.page.access.needs import needs
from edge.page.access.roles import Role
from edge.page.items.item_view import REASON_TEXTS
from edge.page.page_state import state_of
from edge.page.rendering import render
from edge.page.texts import PageError, mark
from edge.page.try_picture.trial import MOST_BYTES, Trial, Trials

KEPT = 8
"""Results that are kept, some 50 KB each; the oldest gives way."""

FORM_BYTES = 10_000
"""What a form adds to its file, in bytes."""

REASONS = {**REASON_TEXTS, "no_bin": mark("its label has no bin")}
"""Reason -> its name."""


def routes() -> list[BaseRoute]:
    """Where they are served."""
    room = TryRoom()
    limit = [Middleware(RequestBodyLimitMiddleware, max_body_size=MOST_BYTES + FORM_BYTES)]
    return [
        Route("/try", needs(Role.LOOK)(room.show)),
        Route("/try", needs(Role.LOOK)(room.take), methods=["POST"], middleware=limit),
        Route("/try/{name}/{kind}.png", needs(Role.LOOK)(room.picture)),
    ]


class TryRoom:
    """The room. A result has a name that nobody guesses; the picture itself is not kept."""

    def __init__(self) -> None:
        self._trials = Trials()
        self._found: OrderedDict[str, Trial] = OrderedDict()

    async def show(self, request: Request) -> Response:
        """The form, and the result that the address names."""
        name = request.query_params.get("result", "")
        return _page(request, name=name, trial=self._found.get(name))

    async def take(self, request: Request) -> Response:
        """Look at a picture."""
        form = await request.form()
        files = [one for one in form.getlist("picture") if isinstance(one, UploadFile) and one.size]
        try:
            if not files:
                raise PageError(mark("Choose a picture first."))
            trial = await self._trials.look_at(state_of(request).settings, await files[0].read())
        except PageError as error:
            return _page(request, error=error, status_code=400)
        except SorterError as error:
            return _page(
                request, error=PageError(mark("This did not work: %(problem)s"), problem=error), status_code=503
            )
        name = secrets.token_urlsafe(12)
        self._found[name] = trial
        while len(self._found) > KEPT:
            self._found.popitem(last=False)
        return RedirectResponse(f"/try?result={name}", 303)

    async def picture(self, request: Request) -> Response:
        """A picture of a result."""
        trial = self._found.get(request.path_params["name"])
        kind = request.path_params["kind"]
        if trial is None or kind not in ("view", "looked"):
            raise HTTPException(404)
        return Response(trial.view if kind == "view" else trial.looked, media_type="image/png")


def _page(
    request: Request,
    *,
    name: str = "",
    trial: Trial | None = None,
    error: PageError | None = None,
    status_code: int = 200,
) -> Response:
    has_model = state_of(request).settings.config is not None
    return render(
        request,
        "try.html",
        status_code=status_code,
        name=name,
        trial=trial,
        error=error,
        has_model=has_model,
        reasons=REASONS,
    )
