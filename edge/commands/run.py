"""``run``: sort until told to stop."""

import argparse
import logging
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from edge.commands.options import add_config_options, chosen_config, config_note, count, positive_seconds
from edge.config.file import load_config
from edge.config.schema import Config
from edge.records.writer import WriterThread
from edge.service.assembly import Assembly, assemble
from edge.service.loop import RunStats, run_loop, stop_on_signals
from edge.service.notify import Notifier
from edge.service.status import LogStatus
from edge.service.status_file import StatusFile, status_path
from edge.service.status_report import StatusReporter
from edge.service.supervision import Supervision
from edge.terminal.patient_stream import patient
from edge.values import SortEvent
from hardware.clock import Clock, SystemClock

if TYPE_CHECKING:
    from edge.service.live_page import LivePage
    from edge.service.neighbours import Neighbours
    from edge.terminal.console import PrintableConsole
    from hardware.world.score import SimulationScore

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``run``."""
    parser.description = "Sort until told to stop."
    add_config_options(parser)
    parser.add_argument(
        "--duration", type=positive_seconds, metavar="S", help="stop after S seconds of the bin's clock"
    )
    parser.add_argument("--items", type=count, metavar="N", help="stop after N items")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Assemble the bin, sort, say what was done; in simulation also how it compares with the truth."""
    live = sys.stdout is not None and sys.stdout.isatty()
    if live and not arguments.debug and sys.stderr is not None and sys.stderr.isatty():
        # The page says the same, and log lines push it down. What was not asked for is still told: warnings.
        logging.getLogger().setLevel(logging.WARNING)
    overrides = list(arguments.overrides)
    if arguments.items is not None:
        # The simulated world then presents just so many; a real bin counts what it decided.
        overrides.append(f"simulation.items={arguments.items}")
    path = chosen_config(arguments)
    config = load_config(path, overrides)
    with stop_on_signals() as stop, assemble(config) as assembly, ExitStack() as held:
        status = _live_page(assembly, path) if live else LogStatus(assembly)
        simulated = assembly.simulation is not None
        notifier = Notifier.of_environment()
        clock = SystemClock()
        supervision = Supervision(assembly, notifier, clock=clock)
        path = status_path(config.event_log.file)
        reporter = StatusReporter(assembly, clock=clock)
        neighbours = _neighbours(assembly, reporter, clock, held)
        with status, StatusFile(reporter, path, writer=WriterThread(clock), clock=clock) as status_file:

            def on_step(tally: RunStats, event: SortEvent | None) -> None:
                status.show(tally, event)
                supervision.report_progress(tally)
                reporter.note(event)
                status_file.update(tally, ready=supervision.ready)
                if neighbours is not None:
                    neighbours.update(tally, event, ready=supervision.ready)

            try:
                tally = run_loop(
                    assembly,
                    stop,
                    duration_s=arguments.duration,
                    items=None if simulated else arguments.items,
                    on_step=on_step,
                )
            finally:
                notifier.stopping()
        if assembly.sorter.freshness.stale_count:
            log.warning(
                "%d frames came too late to act on (camera.max_frame_age_s)", assembly.sorter.freshness.stale_count
            )
        score = assembly.simulation.score() if assembly.simulation is not None else None
    _print_summary(tally, config, score)
    return 0


def _neighbours(assembly: Assembly, reporter: StatusReporter, clock: Clock, held: ExitStack) -> "Neighbours | None":
    """The bin's socket; None where there is none."""
    if not assembly.config.socket.enabled:
        return None
    # Half a megabyte that a bin without the socket does not need.
    from edge.bin_socket.address import socket_path
    from edge.service.neighbours import serve_neighbours

    path = socket_path(assembly.config.event_log.file)
    return held.enter_context(serve_neighbours(assembly, path, reporter, clock=clock))


def _live_page(assembly: Assembly, config_file: Path) -> "LivePage":
    # Rich, which draws it, takes 2.7 MB: a service has no terminal.
    from edge.service.live_page import LivePage

    return LivePage(assembly, _console(), config_note(config_file))


def _print_summary(tally: RunStats, config: Config, score: "SimulationScore | None") -> None:
    if sys.stdout is None:  # closed by whoever started us
        return
    from edge.service.summary import summary_tables

    console = _console()
    for table in summary_tables(tally, config, score):
        console.print(table)
    sys.stdout.flush()


def _console() -> "PrintableConsole":
    from edge.terminal.console import make_console

    # Standard output may be a terminal that hangs: the page on it must not hold up the bin.
    return make_console(file=patient(sys.stdout))
