"""Notes in the list of changes what a visitor has done."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from edge.page.access.network import address_of
from edge.page.access.visitors import visitor_of
from edge.page.page_state import state_of


async def note_change(request: Request, text: str, *, who: str | None = None, **values: object) -> None:
    """Note a change; returns when it is on disk.

    Args:
        request: by which it was asked for.
        text: what was done, as of ``Audit.add``.
        who: the account; None: the visitor's.
        values: as of ``Audit.add``.
    """
    if who is None:
        visitor = visitor_of(request)
        who = "" if visitor is None else visitor.account.name
    audit = state_of(request).door.audit
    await run_in_threadpool(audit.add, who, address_of(request), text, **values)
