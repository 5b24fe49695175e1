"""The link as it runs: hears of the bin, looks at the event log, keeps a connection to the broker, serves the figures."""

import asyncio
import logging
import shutil
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from datetime import date
from pathlib import Path

from edge.bin_socket.bin_link import BinLink
from edge.bin_socket.messages import Link, Outcome, Status
from edge.board import has_undervoltage, temperature_c
from edge.errors import EventLogError
from edge.files.bounded import read_bounded
from edge.link.bin_view import BinView
from edge.link.broker import BrokerError
from edge.link.command_desk import CommandDesk
from edge.link.emptying_watch import EmptyingWatch
from edge.link.event_queue import EventQueue
from edge.link.link_settings import BrokerSettings, LinkSettings
from edge.link.log_look import LogLook, LogReader
from edge.link.metrics import metrics_text
from edge.link.metrics_server import ADDRESS, PATH, MetricsServer
from edge.link.mqtt import LastWill, open_connection
from edge.link.position import PositionFile
from edge.link.reconnect import ReconnectPause
from edge.link.uplink import OFFLINE, Uplink
from edge.records.event_row import image_name
from hardware.clock import Clock

log = logging.getLogger(__name__)

TICK_S = 1.0
"""Time between two looks at what is to be said, in seconds."""

LOOK_S = 15.0
"""Longest time between two looks at the event log, in seconds: an outcome that the bin tells brings the next one at once."""

WRITTEN_S = 0.3
"""Time after an outcome is told until it is looked for in the log, in seconds: a thread of the bin writes it."""

MOST_PICTURE_BYTES = 1_000_000
"""Largest picture that is sent, in bytes."""


class LinkService:
    """All of it, in one process.

    Args:
        settings: the bin.
        bin_link: the way to its program.
        position_file: where it is kept how far the broker has taken the events over.
        clock: time.
        pause: between two connections.
    """

    def __init__(
        self,
        settings: LinkSettings,
        bin_link: BinLink,
        position_file: PositionFile,
        *,
        clock: Clock,
        pause: ReconnectPause,
    ) -> None:
        self._settings = settings
        self._bin = bin_link
        self._positions = position_file
        self._clock = clock
        self._pause = pause
        self.view = BinView()
        self.view.connected = None if settings.broker is None else False
        self._queue = EventQueue(position_file.read())
        self._kept = self._queue.acknowledged
        self._emptying = EmptyingWatch()
        self.view.emptied_wall_s = self._emptying.emptied_wall_s
        self._reader = LogReader(settings.event_log)
        self._desk = CommandDesk(settings.commands, bin_link.ask)
        self._look_now = asyncio.Event()
        self._uplink = Uplink(
            settings,
            self.view,
            self._queue,
            on_command=self._take_command,
            on_room=self._look_now.set,
        )
        self._metrics = MetricsServer(lambda: metrics_text(self.view, version=settings.version))
        self._commands: set[asyncio.Task[None]] = set()

    async def run(self, *, on_ready: Callable[[str], None] = lambda _: None) -> None:
        """Run until SIGTERM or Ctrl-C.

        Args:
            on_ready: told what is begun, in words.

        Raises:
            UnavailableError: the figures cannot be served.
        """
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        broker, port = self._settings.broker, self._settings.metrics_port
        async with AsyncExitStack() as held:
            if port is not None:
                port = await held.enter_async_context(self._metrics.listening(port))
                on_ready(f"link: figures at http://{ADDRESS}:{port}{PATH}")
            if broker is not None:
                on_ready(f"link: to the broker {broker.host}:{broker.port}, as {self._uplink.topics.state}")
            try:
                async with asyncio.TaskGroup() as tasks:
                    for one in (self._hear(), self._look(), self._tick()):
                        tasks.create_task(one)
                    if broker is not None:
                        tasks.create_task(self._keep_connected(broker))
                    await stop.wait()
                    raise _StoppedError
            except* _StoppedError:
                pass
        self._keep_position()

    # The bin.

    async def _hear(self) -> None:
        """Take what the bin tells."""
        with self._bin.subscribe() as told:
            async for message in told:
                if isinstance(message, Status):
                    self.view.report, self.view.age_s = message.report, message.age_s
                    clock = self._clock
                    self._emptying.observe(self.view.levels, now_s=clock.now_s(), wall_s=clock.wall_s())
                elif isinstance(message, Link) and message.problem is not None:
                    self.view.report, self.view.problem = None, message.problem
                elif isinstance(message, Outcome):
                    asyncio.get_running_loop().call_later(WRITTEN_S, self._look_now.set)

    def _take_command(self, payload: bytes, is_retained: bool) -> None:
        task = asyncio.create_task(self._obey(payload, is_retained))
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)

    async def _obey(self, payload: bytes, is_retained: bool) -> None:
        answer = await self._desk.take(payload, is_retained=is_retained)
        if answer is not None:
            log.info("asked for over the broker: %s", answer)
            self._uplink.answer(answer)

    # The event log.

    async def _look(self) -> None:
        """Look at the log, again and again."""
        while True:
            self._look_now.clear()
            await self._look_once()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._look_now.wait()

    async def _look_once(self) -> None:
        after = self._queue.reads_after if self._uplink.is_connected else None
        self.view.temperature_c, self.view.has_undervoltage = temperature_c(), has_undervoltage()
        self.view.free_bytes = _free_bytes(self._settings.event_log.parent)
        try:
            look = await asyncio.to_thread(
                self._reader.look, after, today=date.today(), hour=int(self._clock.now_s() // 3600)
            )
        except EventLogError as error:
            if str(error) != self.view.log_problem:
                log.warning("%s", error)
            self.view.log_problem = str(error)
            return
        self.view.log_problem = None
        if look is not None:
            self._take(look)

    def _take(self, look: LogLook) -> None:
        is_news = look.newest is not None and look.newest != self.view.newest
        self.view.counts, self.view.newest, self.view.reasons = look.counts, look.newest, look.reasons
        if look.batch is not None:
            self._queue.add(look.batch)
        if is_news and self._settings.pictures and look.newest is not None and look.newest["image"] is not None:
            name = f"{image_name(look.newest['session'], look.newest['number'])}.jpg"
            with suppress(OSError, ValueError):
                self._uplink.show_picture(read_bounded(self._settings.images / name, MOST_PICTURE_BYTES))
        self._uplink.tick(self._clock.now_s())
        if self._uplink.is_connected and self._queue.waiting and self._queue.reads_after is not None:
            self._look_now.set()  # what was read were damaged events alone, which nobody acknowledges

    # The broker.

    async def _tick(self) -> None:
        while True:
            self._uplink.tick(self._clock.now_s())
            self._keep_position()
            await asyncio.sleep(TICK_S)

    def _keep_position(self) -> None:
        if self._queue.acknowledged != self._kept:
            self._kept = self._queue.acknowledged
            self._positions.write(self._kept)

    async def _keep_connected(self, broker: BrokerSettings) -> None:
        """Connect, and again whenever the connection ends."""
        will = LastWill(self._uplink.topics.availability, OFFLINE)
        client_id = f"{self._settings.prefix}-{self._settings.name}"
        while True:
            began_s, held_s = self._clock.now_s(), 0.0
            try:
                connection = await open_connection(broker, client_id=client_id, will=will, listener=self._uplink)
            except BrokerError as error:
                reason = str(error)
            else:
                log.info("broker %s:%d: connected", broker.host, broker.port)
                try:
                    self._uplink.connected(connection)
                    self._look_now.set()
                    reason = await asyncio.shield(connection.ended)
                    held_s = self._clock.now_s() - began_s
                except asyncio.CancelledError:
                    self._uplink.leave()
                    raise
                finally:
                    self._uplink.lost()
                    connection.close()
            pause_s = self._pause.next_s(held_s=held_s)
            log.warning("%s; next attempt in %.0f s", reason, pause_s)
            await asyncio.sleep(pause_s)


class _StoppedError(Exception):
    """The service is told to stop."""


def _free_bytes(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
