"""What a request finds: the bin's settings and its socket, who may do what, and the page's own texts and files."""

from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from edge.bin_socket.bin_link import BinLink
from edge.page.access.door import PageDoor
from edge.page.bin_settings import BinSettings
from edge.page.figures.vitals import Vitals
from edge.page.languages import Languages
from edge.page.static_files import StaticFiles


@dataclass(frozen=True, slots=True)
class PageState:
    """The parts of the page that its rooms share.

    Attributes:
        settings: the bin, as its configuration describes it.
        bin: the way to the loop; None: only an event log is shown.
        door: who may do what.
        vitals: levels, temperature and disk, hour by hour; None: only an event log is shown.
        languages: the texts.
        static: style, scripts and pictures.
    """

    settings: BinSettings
    bin: BinLink | None
    door: PageDoor
    vitals: Vitals | None = None
    languages: Languages = field(default_factory=Languages)
    static: StaticFiles = field(default_factory=StaticFiles)


def state_of(connection: HTTPConnection) -> PageState:
    """The state of the page that a request or WebSocket has come to."""
    state: PageState = connection.app.state.page
    return state
