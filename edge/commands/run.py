"""``run``: sort until told to stop."""

import argparse
import logging
import sys

from edge.commands.options import add_config_options, chosen_config, config_note, count, positive_seconds
from edge.config.file import load_config
from edge.records.writer import WriterThread
from edge.service.assembly import assemble
from edge.service.loop import RunStats, run_loop, stop_on_signals
from edge.service.notify import Notifier
from edge.service.status import LogStatus, RichStatus, summary_tables
from edge.service.status_file import StatusFile, status_path
from edge.service.supervision import Supervision
from edge.terminal.console import make_console
from edge.terminal.patient_stream import patient
from edge.values import SortEvent
from hardware.clock import SystemClock

log = logging.getLogger(__name__)


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``run`` to the command line."""
    parser = commands.add_parser(
        "run", help="sort until told to stop (Ctrl-C, SIGTERM)", description="Sort until told to stop."
    )
    add_config_options(parser)
    parser.add_argument(
        "--duration", type=positive_seconds, metavar="S", help="stop after S seconds of the bin's clock"
    )
    parser.add_argument("--items", type=count, metavar="N", help="stop after N items")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Assemble the bin, sort, say what was done; in simulation also how it compares with the truth."""
    # Standard output may be a terminal that hangs: the page on it must not hold up the bin.
    console = make_console(file=None if sys.stdout is None else patient(sys.stdout))
    live = console.is_terminal
    if live and not arguments.debug and sys.stderr is not None and sys.stderr.isatty():
        # The page says the same, and log lines push it down. What was not asked for is still told: warnings.
        logging.getLogger().setLevel(logging.WARNING)
    overrides = list(arguments.overrides)
    if arguments.items is not None:
        # The simulated world then presents just so many; a real bin counts what it decided.
        overrides.append(f"simulation.items={arguments.items}")
    path = chosen_config(arguments)
    config = load_config(path, overrides)
    with stop_on_signals() as stop, assemble(config) as assembly:
        status = RichStatus(assembly, console, config_note(path)) if live else LogStatus(assembly)
        simulated = assembly.simulation is not None
        notifier = Notifier.of_environment()
        clock = SystemClock()
        supervision = Supervision(assembly, notifier, clock=clock)
        path = status_path(config.event_log.file)
        with status, StatusFile(assembly, path, writer=WriterThread(clock), clock=clock) as status_file:

            def on_step(tally: RunStats, event: SortEvent | None) -> None:
                status.show(tally, event)
                supervision.report_progress(tally)
                status_file.update(tally, event, ready=supervision.ready)

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
    for table in summary_tables(tally, config, score):
        console.print(table)
    if sys.stdout is not None:  # closed by whoever started us
        sys.stdout.flush()
    return 0
