"""The door's own pages: first visit, log-in, one's account, all accounts, the list of changes, the language."""

import math
from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from edge.page.access.audit import in_words
from edge.page.access.door import Visitor
from edge.page.access.gate import FIRST_VISIT
from edge.page.access.needs import local_path, needs, public
from edge.page.access.network import address_of
from edge.page.access.noting import note_change
from edge.page.access.roles import Role
from edge.page.access.visitors import delete_cookie, is_encrypted, put_cookie, visitor_of
from edge.page.page_state import state_of
from edge.page.rendering import LANGUAGE_COOKIE, language_of, render
from edge.page.texts import PageError, mark

ROLES = {Role.LOOK: mark("look"), Role.TEACH: mark("correct and teach"), Role.SET_UP: mark("set up")}
"""Role -> what an account may do, in words."""

LANGUAGE_KEPT_S = 365 * 86_400
"""Time for which a browser keeps the language that was chosen, in seconds."""

MOST_CHANGES = 200
"""Number of changes that are shown."""


def routes() -> list[BaseRoute]:
    """Where they are served."""
    return [
        Route(FIRST_VISIT, first_visit, methods=["GET", "POST"]),
        Route("/log-in", log_in, methods=["GET", "POST"]),
        Route("/log-out", log_out, methods=["POST"]),
        Route("/language", choose_language, methods=["POST"]),
        Route("/account", show_account),
        Route("/account/password", change_password, methods=["POST"]),
        Route("/account/log-out-everywhere", log_out_everywhere, methods=["POST"]),
        Route("/accounts", show_accounts),
        Route("/accounts/{action}", change_accounts, methods=["POST"]),
        Route("/changes", show_changes),
    ]


@public
async def first_visit(request: Request) -> Response:
    """Make the first account, with the code that the console shows."""
    door = state_of(request).door
    if len(door.accounts):
        return RedirectResponse("/log-in", 303)
    if request.method == "GET":
        return render(request, "first-visit.html", error=None, values={"code": request.query_params.get("code", "")})
    form = await _form(request)
    address = address_of(request)
    try:
        _check_wait(door.attempts.wait_s(address, FIRST_VISIT))
        if not door.first_visit.is_code(form.get("code", "")):
            door.attempts.fail(address, FIRST_VISIT)
            raise PageError(mark("This is not the code that the bin's console shows."))
        _check_same(form)
        account = await run_in_threadpool(
            door.accounts.add, form.get("name", ""), Role.SET_UP, form.get("password", "")
        )
    except PageError as error:
        return render(request, "first-visit.html", status_code=400, error=error, values=form)
    await note_change(request, mark("made the first account"), who=account.name)
    response = RedirectResponse("/", 303)
    put_cookie(response, request, door.open_session(account))
    return response


@public
async def log_in(request: Request) -> Response:
    """Ask for name and password, and open a session."""
    door = state_of(request).door
    if request.method == "GET":
        next_path = local_path(request.query_params.get("next", "/"))
        if visitor_of(request) is not None:
            return RedirectResponse(next_path, 303)
        return render(request, "log-in.html", error=None, name="", next=next_path)
    form = await _form(request)
    name, address = form.get("name", ""), address_of(request)
    next_path = local_path(form.get("next", "/"))
    try:
        _check_wait(door.attempts.wait_s(address, name))
        account = await door.check(name, form.get("password", ""))
        if account is None:
            door.attempts.fail(address, name)
            raise PageError(mark("Name or password is wrong."))
    except TooSoonError as error:
        response: Response = render(request, "log-in.html", status_code=429, error=error, name=name, next=next_path)
        response.headers["Retry-After"] = str(error.values["seconds"])
        return response
    except PageError as error:
        return render(request, "log-in.html", status_code=403, error=error, name=name, next=next_path)
    door.attempts.succeed(address, name)
    await note_change(request, mark("logged in"), who=account.name)
    response = RedirectResponse(next_path, 303)
    put_cookie(response, request, door.open_session(account))
    return response


@needs(Role.LOOK)
async def log_out(request: Request) -> Response:
    """End the session."""
    await run_in_threadpool(state_of(request).door.accounts.end_session, _visitor(request).session.id)
    response = RedirectResponse("/log-in", 303)
    delete_cookie(response)
    return response


@public
async def choose_language(request: Request) -> Response:
    """Remember the language that a visitor chose."""
    form = await _form(request)
    response = RedirectResponse(local_path(form.get("next", "/")), 303)
    if (code := form.get("language", "")) in state_of(request).languages.by_code:
        response.set_cookie(
            LANGUAGE_COOKIE,
            code,
            max_age=LANGUAGE_KEPT_S,
            httponly=True,
            secure=is_encrypted(request),
            samesite="lax",
        )
    return response


@needs(Role.LOOK)
async def show_account(request: Request) -> Response:
    """One's own account."""
    return render(request, "account.html", error=None)


@needs(Role.LOOK)
async def change_password(request: Request) -> Response:
    """Change one's own password; every session but a new one ends."""
    door, visitor, address = state_of(request).door, _visitor(request), address_of(request)
    name, form = visitor.account.name, await _form(request)
    try:
        _check_wait(door.attempts.wait_s(address, name))
        if await door.check(name, form.get("old", "")) is None:
            door.attempts.fail(address, name)
            raise PageError(mark("The old password is wrong."))
        _check_same(form)
        account = await run_in_threadpool(door.accounts.set_password, name, form.get("password", ""))
    except PageError as error:
        return render(request, "account.html", status_code=400, error=error)
    await note_change(request, mark("changed the own password"))
    response = RedirectResponse("/account", 303)
    put_cookie(response, request, door.open_session(account))
    return response


@needs(Role.LOOK)
async def log_out_everywhere(request: Request) -> Response:
    """End every session of one's account."""
    door, visitor = state_of(request).door, _visitor(request)
    await run_in_threadpool(door.accounts.end_sessions, visitor.account.name)
    await note_change(request, mark("logged out everywhere"))
    response = RedirectResponse("/log-in", 303)
    delete_cookie(response)
    return response


@needs(Role.SET_UP)
async def show_accounts(request: Request) -> Response:
    """All accounts."""
    return _accounts_page(request)


@needs(Role.SET_UP)
async def change_accounts(request: Request) -> Response:
    """Add or remove an account, or change its role or password."""
    accounts, form = state_of(request).door.accounts, await _form(request)
    name, password = form.get("name", ""), form.get("password", "")
    values = {"name": name}
    try:
        match request.path_params["action"]:
            case "add":
                role = _role(form)
                await run_in_threadpool(accounts.add, name, role, password)
                values["role"], what = role, mark("made account %(name)s, which may %(role)s")
            case "role":
                role = _role(form)
                await run_in_threadpool(accounts.set_role, name, role)
                values["role"], what = role, mark("let account %(name)s %(role)s")
            case "password":
                await run_in_threadpool(accounts.set_password, name, password)
                what = mark("gave account %(name)s another password")
            case "remove":
                await run_in_threadpool(accounts.remove, name)
                what = mark("removed account %(name)s")
            case _:
                raise HTTPException(404)
    except PageError as error:
        return _accounts_page(request, error)
    await note_change(request, what, **values)
    return RedirectResponse("/accounts", 303)


@needs(Role.SET_UP)
async def show_changes(request: Request) -> Response:
    """Who changed what, newest first."""
    changes = await run_in_threadpool(state_of(request).door.audit.newest, MOST_CHANGES)
    translate = language_of(request).text
    return render(request, "changes.html", changes=[(one, in_words(one, translate)) for one in changes])


class TooSoonError(PageError):
    """After failures the next attempt has to wait."""


def _check_wait(seconds: float) -> None:
    """Raises TooSoonError as long as an attempt has to wait."""
    if seconds > 0:
        raise TooSoonError(mark("Too many attempts: wait %(seconds)s seconds."), seconds=math.ceil(seconds))


def _check_same(form: Mapping[str, str]) -> None:
    """Raises PageError if a new password was not typed twice the same."""
    if form.get("password", "") != form.get("again", ""):
        raise PageError(mark("The two passwords differ."))


def _role(form: Mapping[str, str]) -> Role:
    """The role that a form chose. Raises HTTPException for one that there is not."""
    try:
        return Role(form.get("role", ""))
    except ValueError as error:
        raise HTTPException(400, "there is no such role") from error


def _accounts_page(request: Request, error: PageError | None = None) -> Response:
    return render(
        request,
        "accounts.html",
        status_code=200 if error is None else 400,
        error=error,
        accounts=state_of(request).door.accounts.all(),
        roles=ROLES,
    )


def _visitor(request: Request) -> Visitor:
    """Who asks; the endpoint's guard has seen to it that there is somebody."""
    visitor = visitor_of(request)
    assert visitor is not None
    return visitor


async def _form(request: Request) -> dict[str, str]:
    """The texts of a form; files are left out."""
    form: FormData = await request.form()
    return {key: value for key, value in form.items() if isinstance(value, str)}
