"""Teach: labels, looks, the fit's figures, and what is in use."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from edge.bin_socket.bin_link import BinLink
from edge.bin_socket.protocol import Action
from edge.errors import LabelError, SorterError
from edge.page.access.needs import needs
from edge.page.access.noting import note_change
from edge.page.access.roles import Role
from edge.page.bin_settings import BinSettings
from edge.page.late_part import PartValues, answer_in_parts
from edge.page.page_state import state_of
from edge.page.rendering import language_of, render
from edge.page.teach.lessons import CommandAnswer, Lessons
from edge.page.teach.showing import Showing
from edge.page.texts import PageError, mark
from edge.teaching.pictures.label_name import known_label

DONE = {
    "seen": mark("Now see what the bin has learnt."),
    "given-up": mark("Nothing was taught."),
    "drop": mark("The label was taken out."),
    "undo": mark("The last change was undone."),
    "use": mark("In use: the bin takes it as soon as the tray is free."),
    "back": mark("The one before is in use again, as soon as the tray is free."),
}
"""What was done -> how that is said."""

COUNTS = ("added", "known", "failed")
"""Numbers of looks that were taught, taught nothing more, and could not be used; they stand in the address that says so."""


def routes() -> list[BaseRoute]:
    """Where they are served."""
    room = TeachRoom()
    teach = needs(Role.TEACH)
    return [
        Route("/teach", teach(room.show)),
        Route("/teach/begin", teach(room.begin), methods=["POST"]),
        Route("/teach/looks", teach(room.show_looks)),
        Route("/teach/looks/take", teach(room.take), methods=["POST"]),
        Route("/teach/looks/end", teach(room.end), methods=["POST"]),
        Route("/teach/looks/{number:int}.jpg", teach(room.picture)),
        Route("/teach/do", teach(room.do), methods=["POST"]),
    ]


class TeachRoom:
    """The room. There is one tray, so there is one showing at a time."""

    def __init__(self) -> None:
        self._lessons = Lessons()
        self._showing: Showing | None = None

    async def show(self, request: Request) -> Response:
        """What is taught, and what can be done with it; a script gets the list of what is taught, once it is known."""
        query = request.query_params
        counts = {name: _number(query.get(name, "")) for name in COUNTS} if "added" in query else None
        return await self._page(request, done=DONE.get(query.get("done", "")), counts=counts)

    async def begin(self, request: Request) -> Response:
        """Pause the bin, and begin to show it things of a label."""
        text = str((await request.form()).get("label", "")).strip()
        try:
            label = await self._label(request, text)
            if self._showing is None:
                await _bin(request).ask(Action.PAUSE)
                self._showing = Showing(label)
        except SorterError as error:
            return await self._page(request, error=_told(error))
        await note_change(request, mark("began to teach %(label)s"), label=label)
        return RedirectResponse("/teach/looks", 303)

    async def show_looks(self, request: Request) -> Response:
        """The things that are shown."""
        if self._showing is None:
            return RedirectResponse("/teach", 303)
        return render(request, "teach-looks.html", showing=self._showing, error=None)

    async def take(self, request: Request) -> Response:
        """Take a look at what lies there; a script gets its number."""
        showing = self._showing
        is_script = "text/html" not in request.headers.get("accept", "")
        if showing is None:
            raise HTTPException(409, "nothing is being taught")
        try:
            look = await _bin(request).look()
            taken = await run_in_threadpool(showing.keep, look)
        except SorterError as error:
            told = _told(error)
            if is_script:
                # What somebody has to do otherwise is no error of the script.
                return JSONResponse({"number": None, "problem": language_of(request).text(told.text) % told.values})
            return render(request, "teach-looks.html", showing=showing, error=told)
        if is_script:
            problem = language_of(request).text(taken.problem) if taken.problem else ""
            return JSONResponse({"number": taken.number, "problem": problem})
        return RedirectResponse("/teach/looks", 303)

    async def end(self, request: Request) -> Response:
        """Teach what was shown, or give it up; the bin goes on."""
        showing, state = self._showing, state_of(request)
        done = "given-up"
        if showing is not None:
            if (await request.form()).get("do") == "keep" and showing.looks:
                try:
                    found = await self._lessons.add(state.settings, showing.label, [one.path for one in showing.looks])
                except SorterError as error:
                    return render(request, "teach-looks.html", showing=showing, error=_told(error))
                added, known, failed = found["added"], found["known"], len(found["errors"])
                await note_change(
                    request, mark("taught %(label)s from %(number)s looks"), label=showing.label, number=added
                )
                done = f"seen&added={added}&known={known}&failed={failed}"
            showing.close()
            self._showing = None
        try:
            await _bin(request).ask(Action.GO_ON)
        except SorterError as error:
            return await self._page(request, error=_told(error))
        return RedirectResponse(f"/teach?done={done}", 303)

    async def picture(self, request: Request) -> Response:
        """The picture of a look."""
        showing = self._showing
        content = None
        if showing is not None:
            content = await run_in_threadpool(showing.picture, request.path_params["number"])
        if content is None:
            raise HTTPException(404)
        return Response(content, media_type="image/jpeg")

    async def do(self, request: Request) -> Response:
        """Fit, use, go back, undo, or take a label out."""
        form = await request.form()
        action, label = str(form.get("do", "")), str(form.get("label", ""))
        lessons, settings = self._lessons, state_of(request).settings
        head = None if lessons.fitted is None else lessons.fitted.head
        # object: what they give is asked for elsewhere
        known: dict[str, tuple[str, Callable[[], Awaitable[object]]]] = {
            "fit": (mark("fitted what is taught"), lambda: lessons.fit(settings)),
            "back": (mark("went back to the head before"), lambda: lessons.back(settings)),
            "undo": (mark("undid the last change of what is taught"), lambda: lessons.undo(settings)),
            "drop": (mark("took %(label)s out of what is taught"), lambda: lessons.drop(settings, label)),
        }
        if head is not None:
            known["use"] = mark("used what was taught"), lambda: lessons.use(settings, head)
        if action not in known:
            raise HTTPException(400, f"do: expected one of {', '.join(known)}")
        what, run = known[action]
        try:
            await run()
        except SorterError as error:
            return await self._page(request, error=_told(error))
        await note_change(request, what, **({"label": label} if action == "drop" else {}))
        return RedirectResponse("/teach#learnt" if action == "fit" else f"/teach?done={action}", 303)

    async def _page(
        self,
        request: Request,
        *,
        done: str | None = None,
        counts: Mapping[str, int] | None = None,
        error: PageError | None = None,
    ) -> Response:
        state, lessons = state_of(request), self._lessons
        known = lessons.known(state.settings)
        return await answer_in_parts(
            request,
            "teach.html",
            "teach/taught.html",
            lambda: self._taught_values(request),
            known=None if known is None else _list_values(state.settings, known),
            has_bin=state.settings.config is not None and state.bin is not None,
            showing=self._showing,
            fitted=lessons.fitted,
            done=done,
            counts=counts,
            error=error,
        )

    async def _taught_values(self, request: Request) -> PartValues:
        """What the list of what was taught shows."""
        settings = state_of(request).settings
        try:
            return _list_values(settings, await self._lessons.taught(settings))
        except SorterError as error:
            return _list_values(settings, [], _told(error))

    async def _label(self, request: Request, text: str) -> str:
        """The label that is meant. Raises PageError."""
        settings = state_of(request).settings
        taught = [one["label"] for one in await self._lessons.taught(settings)]
        try:
            return known_label(text, taught, settings.labels)
        except LabelError as error:
            raise PageError(
                mark("%(label)s cannot be a label: a word or several, without slash or colon."), label=text
            ) from error


def _number(text: str) -> int:
    """A number of looks in an address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _list_values(settings: BinSettings, taught: Sequence[CommandAnswer], error: PageError | None = None) -> PartValues:
    """What the list of what was taught shows; ``error``: why it is not known."""
    labels = list(dict.fromkeys([*(one["label"] for one in taught), *settings.labels]))
    return {"taught": taught, "labels": labels, "list_error": error}


def _bin(request: Request) -> BinLink:
    """The way to the bin. Raises PageError."""
    link = state_of(request).bin
    if link is None:
        raise PageError(mark("There is no bin here, only what one has sorted"))
    return link


def _told(error: SorterError) -> PageError:
    """An error as the page says it."""
    return error if isinstance(error, PageError) else PageError(mark("This did not work: %(problem)s"), problem=error)
