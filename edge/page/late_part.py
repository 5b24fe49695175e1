"""A page whose main part takes the bin seconds: the rest is there at once, and a script fetches the part."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from edge.page.rendering import fill, render

PartValues = Mapping[str, Any]  # Any: what templates show


async def answer_in_parts(
    request: Request,
    page: str,
    part: str,
    values: Callable[[], Awaitable[PartValues]],
    *,
    known: PartValues | None = None,
    is_whole: bool = False,
    status_code: int = 200,
    **others: object,
) -> Response:
    """Answer with the page, or to a script with its part.

    Whoever has no script finds a link to the whole page there (``?whole=1``), and waits for it.

    Args:
        request: what is answered.
        page: template of the page, which shows ``late``, the part's HTML or None, by the macro ``late_part``.
        part: template of the part.
        values: finds what the part shows.
        known: what the part shows, where that is known without ``values``; None: it is not.
        is_whole: wait for the part in any case.
        status_code: of the answer.
        others: what the page shows besides.
    """
    if "text/html" not in request.headers.get("accept", "") and not is_whole:
        return JSONResponse({"parts": {"late": fill(request, part, **await values())}})
    if known is None and (is_whole or request.query_params.get("whole") == "1"):
        known = await values()
    late = None if known is None else Markup(fill(request, part, **known))
    return render(request, page, status_code=status_code, late=late, **others)
