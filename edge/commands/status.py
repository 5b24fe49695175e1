"""``sorter status``: how the bin that runs on this machine is, as one line and an exit code for a monitor."""

import argparse
from pathlib import Path

from edge.commands.options import add_config_options
from edge.config.default import find_config, is_packaged
from edge.config.file import load_config
from edge.errors import SorterError
from edge.service.status_file import SERVICE_STATUS, status_beside
from edge.service.status_reading import NoStatusError, StatusAnswer, read_status
from edge.service.status_report import Condition
from edge.terminal.output import say, say_json
from hardware.clock import SystemClock
from hardware.printable import one_line

EXIT_CODES = {Condition.OK: 0, Condition.ATTENTION: 1, Condition.FAULT: 2}
"""As of monitoring plugins: ok, warning, critical."""

UNKNOWN = 3
"""Exit code when it is not known how the bin is: it does not run, or hangs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``status``."""
    parser.description = (
        "Say in one line how the bin on this machine is: the service, or a 'sorter run' with this configuration. "
        "Exit code 0: ok; 1: attention; 2: fault; 3: it does not run, or hangs."
    )
    add_config_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print how the bin is; the exit code says it as well."""
    try:
        answer = _find(arguments)
    except (NoStatusError, SorterError) as error:
        sentence = one_line(str(error))
        if arguments.json:
            say_json({"condition": "unknown", "sentence": sentence})
        else:
            say(f"unknown: {sentence}")
        return UNKNOWN
    if arguments.json:
        say_json({**answer.report, "sentence": answer.sentence, "age_s": round(answer.age_s, 1)})
    else:
        say(f"{answer.condition}: {one_line(answer.sentence)}")
    return EXIT_CODES[answer.condition]


def _find(arguments: argparse.Namespace) -> StatusAnswer:
    """The status of the bin that is asked for: of the service first, which most often runs, and of any where none is named.

    Raises:
        NoStatusError: none runs.
        SorterError: the configuration that is named cannot be read.
    """
    clock = SystemClock()
    config = find_config(arguments.config)
    is_any = arguments.config is None and is_packaged(config) and not arguments.overrides
    try:
        return read_status(SERVICE_STATUS, clock=clock, event_log=None if is_any else _event_log(config, arguments))
    except NoStatusError as no_service:
        beside = status_beside(_event_log(config, arguments))
        try:
            return read_status(beside, clock=clock, event_log=_event_log(config, arguments))
        except NoStatusError as no_run:
            # What is there tells more than what is not.
            raise (no_service if SERVICE_STATUS.exists() and not beside.exists() else no_run) from None


def _event_log(config: Path, arguments: argparse.Namespace) -> Path:
    return load_config(config, arguments.overrides).event_log.file.resolve()
