"""``simulate``: play scenarios in the simulated bin, and compare with the truth."""

import argparse
import json
import logging
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from edge.commands.options import add_config_options
from edge.service.loop import stop_on_signals

if TYPE_CHECKING:
    from edge.simulation.play import ScenarioObserver, ScenarioResult
    from edge.simulation.scenario import Scenario

EX_BROKEN = 1

SHOWN_BREACHES = 8
"""So many broken rules are listed; the others are counted."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``simulate`` to the command line."""
    parser = commands.add_parser(
        "simulate",
        help="play scenarios in the simulated bin",
        description="Play scenarios in the simulated bin, with things that go wrong, and compare with the truth. "
        "Exit code 1 when a rule was broken or an item neither handled once nor reported.",
    )
    parser.add_argument("scenarios", nargs="+", type=Path, metavar="SCENARIO", help="YAML file (see tests/scenarios)")
    add_config_options(parser)
    parser.add_argument(
        "--realtime", action="store_true", help="at the speed of this world, instead of as fast as it can"
    )
    parser.add_argument(
        "--seed", type=_seed, metavar="N", help="other items and light than the scenario's own seed makes"
    )
    parser.add_argument(
        "--json", action="store_true", help="one JSON object per scenario, nothing else on standard output"
    )
    parser.add_argument("--video", type=Path, metavar="FILE", help="write an annotated film of what happens (.mp4)")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="write a picture of every item that went wrong")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="keep event logs and pictures here, a folder a scenario"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play every scenario; exit code 1 when one did not go well."""
    # Imported here: the bin in the street starts without its test bench.
    from edge.simulation.film import Film, Pictures
    from edge.simulation.play import run_scenario, scenario_config
    from edge.simulation.scenario import load_scenario

    scenarios = [_reseeded(load_scenario(path), arguments.seed) for path in arguments.scenarios]
    if not arguments.debug:
        # What the bin says to its operator; here the tables say it.
        logging.getLogger().setLevel(logging.CRITICAL)
    broken = False
    with ExitStack() as stack:
        stop = stack.enter_context(stop_on_signals())
        state = arguments.state or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sorter-")))
        film = None
        out = Console()
        for number, scenario in enumerate(scenarios):
            config = scenario_config(
                scenario,
                arguments.config,
                (state / f"{number:02d}-{scenario.name}").resolve(),
                realtime=arguments.realtime,
                overrides=arguments.overrides,
            )
            watchers: list[ScenarioObserver] = []
            if arguments.video is not None:
                film = film or stack.enter_context(Film(arguments.video, fps=config.camera.fps))
                film.begin(scenario.name, scenario.shows)
                watchers.append(film)
            if arguments.pictures is not None:
                decision = config.decision
                watchers.append(
                    Pictures(
                        arguments.pictures, scenario.name, labels=decision.labels, residual_bin=decision.residual_bin
                    )
                )
            with _progress() as progress:
                task = progress.add_task(escape(scenario.name), total=len(scenario.arrivals()))
                result = run_scenario(
                    scenario, config, watchers=watchers, on_progress=partial(_show, progress, task), stop=stop
                )
            broken |= not result.ok
            if arguments.json:
                print(json.dumps(result.as_dict()), flush=True)
            else:
                for table in _tables(result):
                    out.print(table)
            if stop.is_set():
                return 130
    sys.stdout.flush()
    return EX_BROKEN if broken else 0


def _progress() -> Progress:
    console = Console(stderr=True)
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


def _tables(result: "ScenarioResult") -> list[Table]:
    scenario, score = result.scenario, result.score
    verdict = "[green]all rules kept[/]" if result.ok else "[bold red]NOT GOOD[/]"
    table = Table(
        title=f"{escape(scenario.name)}: {escape(scenario.shows)}",
        title_justify="left",
        show_header=False,
        caption=f"{result.simulated_s:.0f} s simulated in {result.real_s:.1f} s, {result.frames} frames: {verdict}",
        caption_justify="left",
        min_width=60,
    )
    total = max(score.items, 1)
    for name, value in (
        ("items shown", score.items),
        ("handled exactly once", score.handled_once),
        ("handled twice", score.double),
        ("missed", score.missed),
        ("taken back by their user", score.withdrawn),
        ("in their label's bin", score.right),
        ("in the residual bin instead", score.residual),
        ("in a wrong bin", score.wrong),
    ):
        table.add_row(name, str(value), f"{value / total:.1%}")
    table.add_row("flap opened on an empty tray", str(score.empty_openings), "")
    if score.rest_to_command_s:
        waits = ", ".join(f"{name} {value:.2f} s" for name, value in score.rest_to_command_s.items())
        table.add_row("rest to flap command", waits, "")
    table.add_row("commands to the flaps", str(sum(score.flap_moves.values())), "")
    if result.reported:
        table.add_row("items while the operator was called", str(len(result.reported)), "")
    if result.starts > 1:
        table.add_row("starts of the program", str(result.starts), "")
    if result.lost:
        table.add_row("[red]neither handled once nor reported[/]", _some([str(item) for item in result.lost]), "")
    tables = [table]
    if score.contamination:
        bins = Table(title="bins", title_justify="left")
        for head in ("bin", "of other bins in it", "of its own in it"):
            bins.add_column(head, justify="left" if head == "bin" else "right")
        for bin in sorted(score.contamination | score.capture):
            cells = (score.contamination.get(bin), score.capture.get(bin))
            bins.add_row(escape(bin), *("·" if cell is None else f"{cell:.1%}" for cell in cells))
        tables.append(bins)
    if result.breaches:
        broken = Table("at", "rule", "what happened", title="broken rules", title_justify="left", title_style="red")
        for breach in result.breaches[:SHOWN_BREACHES]:
            broken.add_row(f"{breach.time_s:.2f} s", breach.invariant.value, escape(breach.text))
        if len(result.breaches) > SHOWN_BREACHES:
            broken.add_row("", f"and {len(result.breaches) - SHOWN_BREACHES} more", "")
        tables.append(broken)
    return tables


def _some(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _reseeded(scenario: "Scenario", seed: int | None) -> "Scenario":
    return scenario if seed is None else scenario.model_copy(update={"seed": seed})


def _seed(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 2**32:
        raise argparse.ArgumentTypeError(f"expected a whole number 0..4294967296, got {text!r}")
    return value
