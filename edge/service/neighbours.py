"""The loop's end of the bin's socket: carries out what the page and others ask for, and tells them how the bin is."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from edge.bin_socket.exchange import Exchange
from edge.bin_socket.listener import Listener
from edge.bin_socket.protocol import Action, Request
from edge.bin_socket.server import BinServer
from edge.errors import RefusedError
from edge.service.assembly import Assembly
from edge.service.loop import RunStats
from edge.service.scene_pictures import ScenePictures
from edge.service.status_report import StatusReporter
from edge.sorter import Sorter
from edge.values import SortEvent
from hardware.clock import Clock

if TYPE_CHECKING:
    from edge.service.model_watch import ModelWatch

log = logging.getLogger(__name__)

TELL_S = 0.1
"""Time between two reports to those who watch, in seconds."""


class Neighbours:
    """Between a running loop and the socket. Costs the loop next to nothing while nobody watches or asks.

    Args:
        sorter: the line.
        exchange: what passes to the socket's thread and from it.
        reporter: says how the bin is.
        clock: real time.
        models: takes updates of the model; None: there are none.
    """

    def __init__(
        self,
        sorter: Sorter,
        exchange: Exchange,
        reporter: StatusReporter,
        *,
        clock: Clock,
        models: "ModelWatch | None" = None,
    ) -> None:
        self._sorter = sorter
        self._models = models
        self._exchange = exchange
        self._reporter = reporter
        self._clock = clock
        self._outcome = sorter.recorder.newest_outcome
        self._told_s = 0.0

    def update(self, tally: RunStats, event: SortEvent | None, *, ready: bool) -> None:
        """Take a step of the loop.

        Args:
            tally: what the run has done so far.
            event: the item that was decided in this step.
            ready: whether the bin can sort.
        """
        exchange = self._exchange
        has_acted = False
        while (asked := exchange.take()) is not None:
            error = "it came too late: the bin was busy" if exchange.is_late(asked) else self._do(asked.request)
            exchange.answer(asked, error)
            has_acted = True
        outcome, before = self._sorter.recorder.newest_outcome, self._outcome
        self._outcome = outcome
        if not exchange.is_watched:
            return
        if event is not None:
            exchange.tell({"event": asdict(event)})
        if outcome is not None and outcome is not before:
            exchange.tell({"outcome": asdict(outcome)})
        now_s = self._clock.now_s()
        if has_acted or now_s - self._told_s >= TELL_S:
            self._told_s = now_s
            exchange.tell_status(self._reporter.report(tally, ready=ready))

    def _do(self, request: Request) -> str | None:
        """Carry out a request; why not, if it is refused."""
        try:
            self._carry_out(request)
        except RefusedError as error:
            return str(error)
        if request.do is not Action.JOG:
            log.info("%s: asked for over the bin's socket", request.do)
        return None

    def _carry_out(self, request: Request) -> None:
        """Raises RefusedError."""
        hand = self._sorter.flaps.hand
        match request.do:
            case Action.PAUSE:
                hand.pause()
            case Action.GO_ON:
                hand.go_on()
            case Action.HOME:
                hand.home()
            case Action.JOG:
                hand.jog(request.bin, request.to, is_delivering=self._sorter.busy)
            case Action.IDENTIFY:
                self._sorter.flaps.panel.identify()
            case Action.LEARN_TRAY:
                self._sorter.learn_tray()
            case Action.TAKE_UPDATE:
                if self._models is None:
                    raise RefusedError("this bin takes no updates: the section update of its configuration is null")
                self._models.hurry()
            case Action.WATCH | Action.LOOK:
                raise AssertionError(f"{request.do}: the socket's thread sees to it")


@contextmanager
def serve_neighbours(
    assembly: Assembly, path: Path, reporter: StatusReporter, *, clock: Clock
) -> Iterator[Neighbours | None]:
    """Make the socket; None where that cannot be: the bin sorts without it.

    Args:
        assembly: the bin.
        path: the socket's file.
        reporter: says how the bin is.
        clock: real time.

    Raises:
        UnavailableError: another sorter listens there.
    """
    with ExitStack() as held:
        try:
            listener = Listener(path)
        except OSError as error:
            log.error(
                "bin socket %s: cannot be made, the page sees nothing of the bin: %s", path, error.strerror or error
            )
            yield None
            return
        exchange = Exchange(clock=clock)
        held.callback(exchange.close)
        sorter = assembly.sorter
        pictures = ScenePictures(lambda: sorter.scene, region=assembly.config.tray.region, clock=assembly.clock)
        held.enter_context(BinServer(listener, exchange, pictures, clock=clock))
        yield Neighbours(sorter, exchange, reporter, clock=clock, models=assembly.models)
