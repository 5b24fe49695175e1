"""The parts of the live page that change while it is looked at: each is a template, for the page and for its stream alike."""

from typing import Any

from starlette.requests import HTTPConnection

from edge.page.access.roles import Role
from edge.page.access.visitors import visitor_of
from edge.page.live.line_state import LineState
from edge.page.live.today import Today
from edge.page.page_state import state_of
from edge.page.rendering import fill

PARTS = ("line", "troubles", "commands", "bins", "recent")
"""Names of the parts; each has a template, and an element of the page has its name."""


# Any: what templates show
def part_values(connection: HTTPConnection, line: LineState, today: Today) -> dict[str, Any]:
    """What the templates of the parts show.

    Args:
        connection: of whoever looks.
        line: the state of the bin.
        today: what was sorted.
    """
    visitor = visitor_of(connection)
    settings = state_of(connection).settings
    role = None if visitor is None else visitor.account.role
    return {
        "line": line,
        "levels": dict(line.levels),
        "counts": today.counts,
        "bins": list(dict.fromkeys([*settings.bins, *today.counts])),
        "newest": today.newest,
        "may_pause": role is not None and role.includes(Role.TEACH),
        "may_set_up": role is not None and role.includes(Role.SET_UP),
    }


def fill_parts(connection: HTTPConnection, line: LineState, today: Today) -> dict[str, str]:
    """Name of each part -> its HTML; arguments as of ``part_values``."""
    values = part_values(connection, line, today)
    return {name: fill(connection, f"live/{name}.html", **values) for name in PARTS}
