"""``explore``: a page about data sets, to read before training."""

import argparse
import json
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from edge.terminal.console import make_console
from train.commands.options import add_data_options, data_folders, label_list, label_map
from train.errors import SettingsError
from train.quiet_loading import quiet_loading
from train.runs.settings import Settings

if TYPE_CHECKING:
    from train.exploring.findings import Findings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``explore`` to the command line."""
    parser = commands.add_parser(
        "explore",
        help="a page about data sets: counts, duplicates, label errors, shortcuts",
        description="Write one HTML page about data sets: labels, files, duplicates, probable label errors, shortcuts.",
    )
    add_data_options(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.html", help="the page")
    parser.add_argument(
        "--weights",
        default="",
        metavar="FILE|MODEL|imagenet",
        help="weights as for fit, for a more reliable search for near-duplicates; a model that ships needs no network",
    )
    parser.add_argument(
        "--split", type=Path, metavar="FILE", help="split.json whose parts are checked for near-duplicates"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the folds and of the pictures shown (default: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="file of the same figures, JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the page and print a summary; returns the exit code.

    Raises:
        TrainError: the data sets, the split or the weights cannot be used.
    """
    # Not for --help and usage errors: these take seconds to import.
    with quiet_loading():
        from train.data.pictures import find_data
        from train.data.split import Split
        from train.exploring.explore_page import explore_page
        from train.exploring.findings import explore_data
        from train.files import check_output_file, write_text

    if options.out.suffix.lower() not in (".html", ".htm"):
        raise SettingsError(f"--out {options.out}: expected a file ending in .html")
    check_output_file(options.out, "--out")
    if options.json:
        check_output_file(options.json, "--json")
    roots = data_folders(options.data)
    settings = Settings(weights=options.weights or "none", seed=options.seed)
    data = find_data(
        roots,
        label_renames=label_map(options.map),
        labels=label_list(options.labels),
        keep_damaged=options.keep_damaged,
    )
    split = Split.load(options.split) if options.split else None
    embed = None
    if settings.weights != "none":
        with quiet_loading():
            from train.network.model import feature_extractor

        embed = feature_extractor(settings)
    console = make_console()
    with _Bars() as bars:
        findings = explore_data(
            roots,
            data,
            embed=embed,
            group_distance=settings.twin_distance,
            split=split,
            seed=options.seed,
            advance=bars.advance,
        )
        page = explore_page(findings, options.seed)
    write_text(options.out, page)
    if options.json:
        write_text(options.json, json.dumps(findings.to_json(), indent=1, ensure_ascii=False) + "\n")
    _print_summary(console, findings)
    console.print(f"{options.out}: {len(page.encode()) / 1e6:.1f} MB", highlight=False, soft_wrap=True)
    return 0


def _print_summary(console: Console, findings: "Findings") -> None:
    """Counts, and the remarks, the most severe first."""
    from train.exploring.remarks import remarks

    counts = Table("label", *findings.data_sets, "all", title="pictures", box=None, pad_edge=False)
    for column in counts.columns[1:]:
        column.justify = "right"
    for label, row in findings.counts.items():
        cells = [str(row.get(name, "")) for name in findings.data_sets]
        counts.add_row(label, *cells, str(sum(row.values())))
    console.print(counts)
    console.print()
    marks = {"bad": Text("problem", "red"), "look": Text("check", "yellow"), "good": Text("ok", "green")}
    table = Table("", "", box=None, show_header=False, pad_edge=False)
    for remark in remarks(findings):
        table.add_row(marks[remark.verdict], remark.text)
    console.print(table)


class _Bars:
    """A progress bar for each kind of work, on standard error if that is a terminal."""

    def __init__(self) -> None:
        console = make_console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def advance(self, what: str, done: int, total: int) -> None:
        """Report ``done`` more of ``total`` steps of the work called ``what``."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.advance(self._tasks[what], done)
