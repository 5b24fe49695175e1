"""Fills the page's templates in the visitor's language."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse

from edge.page.access.network import is_on_this_machine
from edge.page.access.visitors import visitor_of
from edge.page.languages import Language
from edge.page.navigation import ON_A_PHONE, places_for
from edge.page.page_state import state_of

FOLDER = Path(__file__).with_name("web") / "templates"

LANGUAGE_COOKIE = "sorter-language"


class Texts:
    """What templates call to write a text, number or time in a language.

    Args:
        language: the language.
    """

    def __init__(self, language: Language) -> None:
        self._language = language

    def text(self, english: str, **values: object) -> Markup:
        """A text, with ``%(name)s`` replaced by values, which are escaped."""
        return _filled(self._language.text(english), values)

    def plural(self, one: str, many: str, number: int, **values: object) -> Markup:
        """The form of a text that goes with a number, which stands in it as ``%(number)s``."""
        return _filled(self._language.plural(one, many, number), {"number": number, **values})

    def decimal(self, value: float, digits: int = 1) -> str:
        """A number with a fixed number of decimals."""
        return f"{value:.{digits}f}".replace(".", self._language.decimal_point)

    def percent(self, share: float, digits: int = 0) -> str:
        """A share as per cent."""
        return f"{self.decimal(100 * share, digits)} %"

    def day(self, wall_s: float) -> str:
        """The day of a time, given in seconds since 1970 UTC, where the bin is."""
        return datetime.fromtimestamp(wall_s).strftime(self._language.date_format)

    def time(self, wall_s: float) -> str:
        """The time of day, with seconds."""
        return datetime.fromtimestamp(wall_s).strftime("%H:%M:%S")


def render(request: Request, template: str, *, status_code: int = 200, **values: object) -> HTMLResponse:
    """Answer with a template, see ``fill``.

    Args:
        request: what is answered.
        template: its name below ``web/templates``.
        status_code: of the answer.
        values: what the template shows.
    """
    headers = {"Content-Language": language_of(request).code}
    return HTMLResponse(fill(request, template, **values), status_code=status_code, headers=headers)


def fill(connection: HTTPConnection, template: str, **values: object) -> str:
    """A template, or a part of a page, as HTML.

    Every template has: ``_`` and ``plural`` (texts), ``decimal``, ``percent``, ``day`` and ``time``, ``language``, ``visitor``
    (None: nobody is logged in), ``csrf`` (for forms), ``places`` (navigation), ``places_on_a_phone``, ``path``, ``static``
    (address of a file), ``settings`` (the bin), ``bin_number`` (bin -> its number, for its colour).

    Args:
        connection: the request or WebSocket that it is for.
        template: its name below ``web/templates``.
        values: what the template shows.
    """
    state = state_of(connection)
    language = language_of(connection)
    texts = Texts(language)
    visitor = visitor_of(connection)
    return (
        _environment()
        .get_template(template)
        .render(
            _=texts.text,
            plural=texts.plural,
            decimal=texts.decimal,
            percent=texts.percent,
            day=texts.day,
            time=texts.time,
            language=language,
            languages=state.languages.by_code.values(),
            visitor=visitor,
            csrf="" if visitor is None else visitor.form_token,
            places=list(places_for(visitor)),
            places_on_a_phone=ON_A_PHONE,
            path=connection.url.path,
            static=state.static.address,
            settings=state.settings,
            bin_number={name: number for number, name in enumerate(state.settings.bins)},
            on_this_machine=is_on_this_machine(connection),
            **values,
        )
    )


def language_of(connection: HTTPConnection) -> Language:
    """The language that a request or WebSocket is answered in."""
    wished = connection.cookies.get(LANGUAGE_COOKIE)
    return state_of(connection).languages.chosen(wished, connection.headers.get("accept-language", ""))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # In the order of the page: scripts give bins their colours by it.
    environment.policies["json.dumps_kwargs"] = {}
    return environment


def _filled(text: str, values: Mapping[str, object]) -> Markup:
    """A text of ours, in which values of anybody are put: those are escaped."""
    return Markup(text) % values if values else Markup(text)
