"""The picture of the first item above the live page."""

import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from edge.config.file import load_config
from edge.service import live_page
from edge.service.item_picture import LEAST_ROWS, MOST_ROWS, picture_rows
from edge.service.live_page import PAGE_ROWS, LivePage
from edge.service.loop import RunStats
from edge.terminal.picture import UPPER_HALF
from tests.builders.values import make_event, make_item
from tests.edge.service.test_status import make_assembly


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KITTY_WINDOW_ID", "TERM_PROGRAM", "LC_TERMINAL", "TMUX", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def terminal(height: int) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=80, height=height)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", console.file.getvalue())


def simulated(config_file: Path) -> Any:
    assembly = make_assembly(load_config(config_file))
    assembly.simulation = SimpleNamespace(on_tray=None)
    assembly.sorter.last_item = make_item()
    return assembly


@pytest.mark.parametrize(
    ("height", "rows"), [(24, 0), (PAGE_ROWS + LEAST_ROWS + 2, LEAST_ROWS), (30, 13), (60, MOST_ROWS)]
)
def test_it_takes_what_the_page_leaves(height: int, rows: int) -> None:
    assert picture_rows(terminal(height), PAGE_ROWS) == rows


def test_the_first_item_is_shown_and_no_other(config_file: Path) -> None:
    console = terminal(40)
    page = LivePage(simulated(config_file), console)
    page.show(RunStats(), None)
    assert UPPER_HALF not in written(console)
    page.show(RunStats(), make_event(1, label="glass", bin="glass", confidence=0.91))
    first = written(console)
    assert sum(UPPER_HALF in line for line in first.splitlines()) == MOST_ROWS
    assert "item 1: glass 0.91, to the bin glass" in first
    page.show(RunStats(), make_event(2))
    assert written(console) == first


def test_picture_and_page_fit_the_terminal_together(config_file: Path) -> None:
    console = terminal(30)
    page = LivePage(simulated(config_file), console, note="a line")
    for number in range(1, 30):
        page.show(RunStats(), make_event(number))
    console.print(page._page())
    assert len(written(console).splitlines()) <= 30


def test_a_real_bin_shows_no_picture(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assembly, console = make_assembly(load_config(config_file)), terminal(60)
    monkeypatch.setattr(live_page, "item_picture", None)
    LivePage(assembly, console).show(RunStats(), make_event(1))
    assert written(console) == ""
