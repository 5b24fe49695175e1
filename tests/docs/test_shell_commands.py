"""Every command that the docs show is one that works: those of ours run as they stand, or a test runs them elsewhere."""

import importlib.util
import re
import shlex
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert.cli import build_parser as convert_parser
from edge.cli import build_parser, main
from edge.inference.bundle import read_bundle
from edge.inference.taught_classifier import feature_spec
from edge.records.event_log import EventLog
from tests.builders.heads import make_head, write_made_head
from tests.docs.shell_commands import PAGES, ShownCommand, shown_commands
from tests.paths import ROOT
from train.cli import build_parser as train_parser

COMMANDS = [command for page in PAGES for command in shown_commands(page)]

PARSERS = {"sorter": build_parser, "sorter-train": train_parser, "sorter-convert": convert_parser}

OTHERS = {
    "apt",
    "cd",
    "cp",
    "git",
    "journalctl",
    "mosquitto_pub",
    "mosquitto_sub",
    "pip",
    "scp",
    "ssh",
    "systemctl",
    "unzip",
    "useradd",
}
"""Programs of the system that pages show."""

ELSEWHERE = {
    "sorter bench": "tests/edge/bench",  # waits for real time
    "sorter calibrate": "tests/edge/calibrate",  # a dialogue
    "sorter link": "tests/edge/link",  # without an end
    "sorter page": "tests/edge/commands",  # without an end
    "sorter run": "tests/bin",  # without an end, or in real time
    "sorter teach": "tests/edge/commands",  # of a bin that has sorted, and was taught
    "sorter-train": "tests/train",  # needs TensorFlow's time
    "sorter-convert": "tests/convert",
}
"""Beginnings of commands that are only parsed here, and where they run."""

EXIT_CODES = {
    "sorter config back": {66},
    "sorter config set camera.fps=20 --of": {78},
    "sorter doctor": {0, 1},
    "sorter events --repair": {0, 66},
    "sorter status": {3},
    "sorter update": {0, 78},
}
"""Exit codes that are right where 0 is not the only one: there is no earlier configuration, and none with the hash that is shown;
what doctor finds is a matter of the machine; no sorter runs here, and no updates are configured."""

INSTALLED = {
    "/opt/sorter/current/install.sh": "systemd/install.sh",
    "/opt/sorter/current/uninstall.sh": "systemd/uninstall.sh",
}
"""Scripts of a release -> where they come from."""

SHORTEST = "short"
"""Stands for the other scenarios, all of which tests/bin plays."""


MADE = {("init",): "config.yaml", ("simulate", "--new", "my.yaml"): "my.yaml"}
"""Commands that make a file, which must not be there before."""


def beginning(words: Iterable[str], table: Iterable[str]) -> str:
    """The entry of a table that a command begins with; empty if there is none."""
    text = " ".join(words)
    return next((key for key in table if f"{text} ".startswith(f"{key} ")), "")


def stand_in(word: str) -> str:
    """What takes a word's place here."""
    if word == "tray-hand" or word.startswith("tests/scenarios/"):
        return SHORTEST
    if word == "/etc/sorter":
        return "etc"
    return word.replace("/etc/sorter/config.yaml", "config.yaml")


OURS = [command for command in COMMANDS if command.program in PARSERS]
RUN = sorted(
    {tuple(stand_in(word) for word in command.words) for command in OURS if not beginning(command.words, ELSEWHERE)}
)


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the commands name, where something has been sorted."""
    rng = np.random.default_rng(1)
    for name in ("photo.jpg", "tray.jpg", "folder/a.jpg", "my-tray-photos/glass/a.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / name), rng.integers(0, 255, (120, 160, 3), dtype=np.uint8))
    shutil.copy(ROOT / "edge" / "models" / "trashnet6.tflite", tmp_path / "mine.tflite")
    base = read_bundle(tmp_path / "mine.tflite").manifest
    write_made_head(tmp_path / "new.head", make_head(base=base, numbers=feature_spec(base).size))
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    (tmp_path / "my.yaml").write_text(
        "config: {camera: {width: 320, height: 240}}\nitems: [{label: glass, gap_s: 3}]\n"
    )
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    with EventLog(tmp_path / "state" / "events.sqlite") as log:
        log.start_session(wall_s=1_767_225_600.0, model="trashnet6")
    return tmp_path


@pytest.mark.parametrize("command", OURS, ids=str)
def test_a_command_of_ours_is_understood(command: ShownCommand, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        PARSERS[command.program]().parse_args(command.arguments)
    except SystemExit:
        pytest.fail(capsys.readouterr().err)


@pytest.mark.parametrize("words", RUN, ids=shlex.join)
def test_a_command_of_the_bin_runs(words: tuple[str, ...], sandbox: Path) -> None:
    if words[1] == "init" and "--force" not in words:
        (sandbox / "config.yaml").unlink()
    elif words[1:] in MADE:
        (sandbox / MADE[words[1:]]).unlink()
    if words[1] == "restore":
        assert main(["backup", "bin7.tar.gz"]) == 0
    assert main(words[1:]) in EXIT_CODES.get(beginning(words, EXIT_CODES), {0})


def _makefile(command: ShownCommand) -> bool:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [word for word in command.arguments if "=" not in word]
    names = [word.partition("=")[0] for word in command.arguments if "=" in word]
    return all(re.search(rf"^{target}:", text, re.MULTILINE) for target in targets) and all(
        re.search(rf"^{name} \?=|\$\({name}\)|\$\${name}", text, re.MULTILINE) for name in names
    )


def _module(command: ShownCommand) -> bool:
    return command.arguments[0] == "-m" and importlib.util.find_spec(command.arguments[1]) is not None


def _script(command: ShownCommand) -> bool:
    script = ROOT / INSTALLED.get(command.program, command.program)
    text = script.read_text(encoding="utf-8") if script.is_file() else ""
    return bool(text) and all(word in text for word in command.arguments if word.startswith("--"))


def _python_script(command: ShownCommand) -> bool:
    script = ROOT / command.arguments[0]
    text = script.read_text(encoding="utf-8") if script.is_file() else ""
    return all(f'"{word}"' in text for word in command.arguments if word.startswith("--")) and bool(text)


def _of_the_system(command: ShownCommand) -> bool:
    return command.program in OTHERS


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.program not in PARSERS], ids=str)
def test_any_other_command_leads_somewhere(command: ShownCommand) -> None:
    checks: dict[str, Callable[[ShownCommand], bool]] = {
        "make": _makefile,
        "python": _module,
        "python3": _python_script,
    }
    default = _script if "/" in command.program else _of_the_system
    assert checks.get(command.program, default)(command), f"{command}: no such target, module, script or program"


@pytest.mark.parametrize("where", sorted(set(ELSEWHERE.values())))
def test_what_runs_elsewhere_has_tests_there(where: str) -> None:
    assert list((ROOT / where).rglob("test_*.py"))


def test_commands_are_found_in_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '`sorter not --here`\n```sh\nA="x y"   # a comment\n'
        "sudo B=1 sorter run $A \\\n  --b 'c d' > file && make e | f -g\n```\n"
    )
    found = [command.words for command in shown_commands(page)]
    assert found == [("sorter", "run", "x", "y", "--b", "c d"), ("make", "e"), ("f", "-g")]
