"""``sorter simulate``: runs scenarios in the simulated bin, and compares the result with the truth."""

import argparse
import logging
import os
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from edge.commands.options import add_config_options, chosen_config
from edge.config.invocation import invocation
from edge.config.schema import DecisionConfig
from edge.files.state_files import write_whole
from edge.service.landing_rows import landing_rows
from edge.service.loop import stop_on_signals
from edge.simulation.failure_pictures import FailurePictures
from edge.simulation.film import Film
from edge.simulation.observer import ScenarioObserver
from edge.simulation.result import ScenarioResult
from edge.simulation.scenario import Scenario
from edge.simulation.scenario_config import scenario_config
from edge.simulation.scenario_file import load_scenario
from edge.simulation.scenario_runner import run_scenario
from edge.simulation.scenarios import SHIPPED, TEMPLATE, scenario_path
from edge.terminal.console import make_console
from edge.terminal.output import say, say_json

EX_BROKEN = 1
"""Exit code when a rule was broken, or an item neither handled once nor reported."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as in the shell: 128 + SIGINT."""

SHOWN_VIOLATIONS = 8
"""Maximum number of broken rules listed per scenario, to keep the table on one screen; the others are counted."""

SHOWN_LOST = 10
"""Maximum number of lost items listed; the others are counted."""

MAX_SEED = 2**32
"""Largest value of ``--seed``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``simulate``."""
    parser.description = (
        "Run scenarios in the simulated bin, with injected faults, and compare the result with the truth. "
        "Exit code 1 if a rule was broken, or an item neither handled once nor reported."
    )
    parser.add_argument(
        "scenarios",
        nargs="*",
        type=scenario_path,
        metavar="SCENARIO",
        help=f"YAML file, or the name of one that ships: {', '.join(SHIPPED)}; tests/scenarios in the sources has more",
    )
    parser.add_argument(
        "--new",
        type=Path,
        metavar="FILE",
        help="write a scenario of your own to start from, with every key explained (-: print it), and play nothing",
    )
    add_config_options(parser)
    parser.add_argument("--realtime", action="store_true", help="run in real time instead of as fast as possible")
    parser.add_argument(
        "--seed", type=_seed, metavar="N", help="seed of the items and the light, in place of the scenario's own"
    )
    parser.add_argument(
        "--json", action="store_true", help="one JSON object per scenario, nothing else on standard output"
    )
    parser.add_argument(
        "--video",
        type=Path,
        metavar="FILE",
        help="write a film of the run with box, label, truth and flaps drawn in: .webm, or .mp4 where there is an "
        "encoder for H.264; browsers play both",
    )
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="write a picture of every wrongly sorted item")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="keep event logs and pictures here, one folder per scenario"
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Run every scenario, or write a new one.

    Returns:
        Exit code: 0, 1 if a rule was broken or an item lost, 130 after Ctrl-C.

    Raises:
        SorterError: a scenario or the configuration is not valid.
        OSError: the new scenario cannot be written.
    """
    if arguments.new is not None:
        if arguments.scenarios:
            arguments.parser.error("--new FILE only writes FILE; play it in a second command")
        return _write_new(arguments)
    if not arguments.scenarios:
        arguments.parser.error(
            f"which SCENARIO? A YAML file, or one of {', '.join(SHIPPED)}; --new FILE writes your own"
        )
    config_file = chosen_config(arguments)
    scenarios = [_with_seed(load_scenario(path), arguments.seed) for path in arguments.scenarios]
    if not arguments.debug:
        # The tables replace the messages to the bin's operator.
        logging.getLogger().setLevel(logging.CRITICAL)
    broken = False
    with ExitStack() as stack:
        stop = stack.enter_context(stop_on_signals())
        state = arguments.state or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sorter-")))
        film = None
        out = make_console()
        for number, scenario in enumerate(scenarios):
            config = scenario_config(
                scenario,
                config_file,
                (state / f"{number:02d}-{scenario.file_name}").resolve(),
                realtime=arguments.realtime,
                overrides=arguments.overrides,
            )
            observers: list[ScenarioObserver] = []
            if arguments.video is not None:
                film = film or stack.enter_context(Film(arguments.video, fps=config.camera.fps))
                film.begin(scenario.name, scenario.shows)
                observers.append(film)
            if arguments.pictures is not None:
                decision = config.decision
                observers.append(
                    FailurePictures(
                        arguments.pictures,
                        scenario.file_name,
                        labels=decision.labels,
                        residual_bin=decision.residual_bin,
                    )
                )
            with _progress() as progress:
                task = progress.add_task(escape(scenario.name), total=len(scenario.arrivals()))
                result = run_scenario(
                    scenario, config, observers=observers, on_progress=partial(_show, progress, task), stop=stop
                )
            broken |= not result.ok
            if arguments.json:
                say_json(result.as_dict(), flush=True)
            else:
                for table in _tables(result, config.decision):
                    out.print(table)
            if stop.is_set():
                if film is not None:
                    film.discard()
                return INTERRUPTED
        if film is not None:
            film.close()
            if film.frames and not arguments.json:
                say(f"{film.path}: {film.frames} frames, {film.path.stat().st_size / 1e6:.1f} MB")
    sys.stdout.flush()
    return EX_BROKEN if broken else 0


def _write_new(arguments: argparse.Namespace) -> int:
    """Write the template, or print it for the path ``-``. A file that is there is a usage error."""

    path: Path = arguments.new
    text = TEMPLATE.read_text(encoding="utf-8")
    if str(path) == "-":
        say(text.removesuffix("\n"))
        return 0
    if os.path.lexists(path):
        arguments.parser.error(f"{path} is there already; --new writes a file that is not there yet")
    write_whole(path, text.encode(), durable=False)
    say(f"{path} is written: a scenario with every key explained. Next:")
    say(f"  {invocation('simulate', str(path))}")
    return 0


def _progress() -> Progress:
    console = make_console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("items"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _show(progress: Progress, task: TaskID, gone: int) -> None:
    progress.update(task, completed=gone)


def _tables(result: ScenarioResult, decision: DecisionConfig) -> list[Table]:
    scenario, score = result.scenario, result.score
    verdict = Text("all rules kept", "green") if result.ok else Text("FAILED", "bold red")
    table = Table(
        title=f"{scenario.name}: {scenario.shows}" if scenario.shows else scenario.name,
        title_justify="left",
        show_header=False,
        caption=Text(
            f"{result.simulated_s:.0f} s simulated in {result.real_s:.1f} s, {result.frames} frames: ",
            style="table.caption",
        ).append(verdict),
        caption_justify="left",
        min_width=60,
    )
    total = max(score.items, 1)
    for name, value in (
        ("items shown", score.items),
        ("handled exactly once", score.handled_once),
        ("handled twice", score.double),
        ("missed", score.missed),
        ("taken back by the user", score.withdrawn),
    ):
        table.add_row(name, str(value), f"{value / total:.1%}")
    for row in landing_rows(score, decision):
        table.add_row(*row)
    table.add_row("flap opened on an empty tray", str(score.empty_openings), "")
    if score.rest_to_command_s:
        waits = ", ".join(f"{name} {value:.2f} s" for name, value in score.rest_to_command_s.items())
        table.add_row("rest to flap command", waits, "")
    table.add_row("flap commands", str(sum(score.flap_moves.values())), "")
    for exception, count in sorted(result.exceptions.items()):
        table.add_row(f"moved under people: {exception.value}", str(count), "")
    if result.reported:
        table.add_row("items during an alarm", str(len(result.reported)), "")
    if result.starts > 1:
        table.add_row("starts of the program", str(result.starts), "")
    if result.lost:
        table.add_row(
            Text("neither handled once nor reported", style="red"), _listed([str(item) for item in result.lost]), ""
        )
    tables = [table]
    if score.contamination:
        bins = Table(title="bins", title_justify="left")
        for head in ("bin", "contamination", "capture rate"):
            bins.add_column(head, justify="left" if head == "bin" else "right")
        for bin in sorted(score.contamination | score.capture):
            cells = (score.contamination.get(bin), score.capture.get(bin))
            bins.add_row(bin, *("·" if cell is None else f"{cell:.1%}" for cell in cells))
        tables.append(bins)
    if result.violations:
        broken = Table("at", "rule", "what happened", title="broken rules", title_justify="left", title_style="red")
        for violation in result.violations[:SHOWN_VIOLATIONS]:
            broken.add_row(f"{violation.time_s:.2f} s", violation.invariant.value, violation.text)
        if len(result.violations) > SHOWN_VIOLATIONS:
            broken.add_row("", f"and {len(result.violations) - SHOWN_VIOLATIONS} more", "")
        tables.append(broken)
    return tables


def _listed(names: list[str]) -> str:
    more = len(names) - SHOWN_LOST
    return ", ".join(names[:SHOWN_LOST]) + (f" and {more} more" if more > 0 else "")


def _with_seed(scenario: Scenario, seed: int | None) -> Scenario:
    return scenario if seed is None else scenario.model_copy(update={"seed": seed})


def _seed(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = -1
    if not 0 <= value <= MAX_SEED:
        raise argparse.ArgumentTypeError(f"expected a whole number 0..{MAX_SEED}, got {text!r}")
    return value
