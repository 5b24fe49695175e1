"""Two versions in turns: their ratios, the versions as git keeps them, and the command."""

import json
import subprocess
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest

from edge.bench.checkout import checked_out
from edge.bench.comparison import PairedFigure, Report, compare, measure_version
from edge.cli import main
from edge.errors import InputMissingError, UnavailableError


def report(whole_ms: float, rss_mb: float | None = 100.0) -> Report:
    return {"stages_ms": {"whole": {"p50_ms": whole_ms}}, "start": {"rss_mb": rss_mb}}


def test_a_ratio_is_of_one_turn_so_that_a_busy_moment_changes_nothing() -> None:
    busy = iter([1.0, 1.0, 40.0, 40.0, 1.0, 1.0])
    found = compare(lambda: report(2.0 * next(busy)), lambda: report(3.0 * next(busy)), turns=3)
    whole = next(one for one in found if one.name == "whole line, ms")
    assert whole.ratios == pytest.approx([1.5] * 3)
    assert whole.tree(0.1) == {
        "before": pytest.approx(2.0),
        "after": pytest.approx(3.0),
        "ratio": 1.5,
        "range": [1.5, 1.5],
        "worse": True,
    }


def test_the_versions_take_turns_at_beginning() -> None:
    order: list[str] = []

    def measure(name: str) -> Callable[[], Report]:
        return lambda: (order.append(name), report(1.0))[1]

    compare(measure("before"), measure("after"), turns=3)
    assert order == ["before", "after", "after", "before", "before", "after"]


def test_what_one_of_them_does_not_measure_is_not_compared() -> None:
    found = compare(lambda: report(1.0), lambda: report(1.0, rss_mb=None), turns=1)
    assert [one.name for one in found] == ["whole line, ms"]


@pytest.mark.parametrize(("after", "worse"), [((1.0, 1.09, 9.0), False), ((1.0, 1.11, 1.12), True)])
def test_a_figure_is_worse_when_its_median_exceeds_the_tolerance(after: tuple[float, ...], worse: bool) -> None:
    assert PairedFigure("any", (1.0, 1.0, 1.0), after).is_worse(0.1) is worse


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """With a program at the tag ``old`` that another one has replaced."""
    folder = tmp_path / "repository"
    (folder / "edge").mkdir(parents=True)
    git = ("git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b")
    for name in ("old", "new"):
        (folder / "edge" / "__init__.py").write_text("")
        code = f"import json, sys\nprint(json.dumps({{'version': {name!r}, 'options': sys.argv[1:]}}))\n"
        (folder / "edge" / "__main__.py").write_text(code if name == "old" else "raise SystemExit('no such thing')\n")
        for order in (("init", "-q"), ("add", "."), ("commit", "-qm", name), ("tag", name)):
            subprocess.run([*git, *order], check=True)
    return folder


def test_each_version_runs_its_own_code(repository: Path) -> None:
    with checked_out("old", repository) as old:
        assert measure_version(old, ["--frames", "5"]) == {
            "version": "old",
            "options": ["bench", "--json", "--frames", "5"],
        }
    assert not old.exists()
    with checked_out("new", repository) as new, pytest.raises(UnavailableError, match="measured: no such thing"):
        measure_version(new, [])


@pytest.mark.parametrize("ref", ["nobody", "--output=/tmp/x"])
def test_a_version_that_is_not_there_is_an_error(repository: Path, ref: str) -> None:
    with pytest.raises(InputMissingError, match=r"expected a branch, tag or commit$"), checked_out(ref, repository):
        pass


@pytest.mark.parametrize(("after_ms", "tolerance", "code"), [(1.2, "10", 1), (1.2, "25", 0), (0.8, "0", 0)])
def test_the_command_fails_when_the_second_version_is_worse(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], after_ms: float, tolerance: str, code: int
) -> None:
    asked: list[Sequence[str]] = []

    def measure(folder: Path, options: Sequence[str]) -> Report:
        asked.append(options)
        return report(1.0 if folder.name == "old" else after_ms)

    monkeypatch.setattr("edge.commands.bench.measure_version", measure)
    monkeypatch.setattr("edge.commands.bench.checked_out", lambda ref: nullcontext(Path(ref)))
    command = ["bench", "--compare", "old", "new", "--turns", "2", "--tolerance", tolerance, "--set", "camera.fps=30"]
    assert main([*command, "--json"]) == code
    found = json.loads(capsys.readouterr().out)
    assert (found["before"], found["after"]) == ("old", "new")
    whole = found["figures"]["whole line, ms"]
    assert (whole["ratio"], whole["worse"]) == (after_ms, bool(code))
    assert len(asked) == 4
    assert "camera.fps=30" in asked[0]
    assert main(command) == code
    assert ("worse than" in capsys.readouterr().out) is bool(code)
