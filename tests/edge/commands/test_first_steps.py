"""The first commands in an empty folder: the default that ships, a configuration of one's own, completion."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from edge.cli import COMMANDS, build_parser, main
from edge.commands.teach import ACTIONS
from edge.config.default import DEFAULT_CONFIG, PACKAGED_CONFIG, find_config
from edge.config.file import load_config
from edge.config.invocation import invocation
from edge.errors import InputMissingError
from edge.models import FOLDER, SHIPPED, model_path
from tests.paths import ROOT
from tests.processes import run_sorter

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


# --- the default that ships -------------------------------------------------------------------------------------------


def test_the_default_that_ships_is_config_yaml() -> None:
    assert PACKAGED_CONFIG.read_bytes() == (ROOT / "config.yaml").read_bytes()


def test_the_default_that_ships_is_used_as_if_it_lay_in_the_current_folder(empty: Path) -> None:
    assert find_config() == PACKAGED_CONFIG
    config = load_config(find_config(), ["tray.empty_tray=tray.png"])
    assert config.event_log.file == empty / "state" / "events.sqlite"
    assert config.event_log.images == empty / "state" / "images"
    assert config.tray.memory == empty / "state" / "tray.npz"
    assert config.tray.empty_tray == empty / "tray.png"
    assert config.model.file == FOLDER / "trashnet6.tflite"


def test_a_configuration_in_the_current_folder_comes_first(empty: Path) -> None:
    DEFAULT_CONFIG.symlink_to("nowhere.yaml")
    assert find_config() == DEFAULT_CONFIG, "a link that leads nowhere is an error, not another bin's configuration"
    with pytest.raises(InputMissingError, match=r"configuration config\.yaml: no such file"):
        load_config(find_config())


def test_a_configuration_that_is_named_must_be_there(empty: Path, capsys: Capture) -> None:
    assert main(["run", "--config", "mine.yaml"]) == 66
    assert "configuration mine.yaml: no such file" in capsys.readouterr().err


def test_run_in_an_empty_folder_sorts_and_says_what_it_uses(empty: Path) -> None:
    ran = run_sorter("run", "--items", "1", "--set", "simulation.speed=0", cwd=empty)
    assert ran.code == 0, ran.err
    (line,) = (line for line in ran.err.splitlines() if "there is no config.yaml here" in line)
    assert f"using the one that ships ({PACKAGED_CONFIG})" in line
    assert f"records go to {empty / 'state'}" in line
    assert "'python -m edge init' writes your own" in line
    assert {path.name for path in empty.iterdir()} == {"state"}
    events = run_sorter("events", "--json", cwd=empty)
    assert events.code == 0, events.err
    assert len(events.out.splitlines()) == 1


def test_events_before_anything_was_sorted_say_so(empty: Path, capsys: Capture) -> None:
    assert main(["events"]) == 74
    assert "nothing has been sorted yet" in capsys.readouterr().err


def test_where_a_service_is_installed_its_configuration_is_named(
    empty: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = empty.parent / "service.yaml"
    monkeypatch.setattr("edge.commands.options.SERVICE_CONFIG", service)
    assert main(["events"]) == 74
    assert str(service) not in capsys.readouterr().err
    service.touch()
    caplog.clear()
    assert main(["events"]) == 74
    assert f"--config {service}" in next(
        line for line in capsys.readouterr().err.splitlines() if "no such file" in line
    )


def test_calibrate_asks_for_a_configuration_of_ones_own(
    empty: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/x/edge/__main__.py"])
    for arguments in (["calibrate"], ["calibrate", "--config", str(PACKAGED_CONFIG)]):
        assert main(arguments) == 66
        assert "'python -m edge init' writes one to start from" in capsys.readouterr().err


def test_doctor_examines_the_default_that_ships(empty: Path) -> None:
    ran = run_sorter("doctor", "--json", cwd=empty)
    findings = [one for one in json.loads(ran.out) if one["check"] in ("config", "model")]
    assert [one["status"] for one in findings] == ["ok", "warning", "ok"]
    assert "there is no config.yaml here" in findings[1]["found"]
    assert findings[1]["advice"] == "'python -m edge init' writes one to start from"


def test_advice_leaves_out_the_default_that_ships(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/x/edge/__main__.py"])
    assert invocation("run", config=PACKAGED_CONFIG) == "python -m edge run"


def test_simulate_plays_a_scenario_that_ships(empty: Path) -> None:
    ran = run_sorter("simulate", "short", "--json", cwd=empty)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["scenario"] == "short"
    assert not list(empty.iterdir())


# --- models by name ---------------------------------------------------------------------------------------------------


def test_a_model_that_ships_goes_by_its_name(empty: Path, capsys: Capture) -> None:
    assert set(SHIPPED) == {"bin8", "trashnet6"}
    assert model_path("bin8") == FOLDER / "bin8.tflite"
    assert model_path("./bin8") == Path("bin8")
    (empty / "own.yaml").write_text(
        yaml.safe_dump(yaml.safe_load(PACKAGED_CONFIG.read_text()) | {"model": {"file": "bin8"}})
    )
    assert load_config(empty / "own.yaml").model.file == FOLDER / "bin8.tflite"
    assert load_config(empty / "own.yaml", ["model.file=trashnet6"]).model.file == FOLDER / "trashnet6.tflite"
    assert load_config(empty / "own.yaml", ["model.file=./bin8"]).model.file == empty / "bin8"
    assert main(["model", "info", "bin8", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "bin8"


# --- init -------------------------------------------------------------------------------------------------------------


def test_init_writes_the_default_and_says_what_comes_next(empty: Path, capsys: Capture) -> None:
    assert main(["init"]) == 0
    told = capsys.readouterr().out
    assert (empty / "config.yaml").read_bytes() == PACKAGED_CONFIG.read_bytes()
    assert "config.yaml is written" in told
    for command in ("run", "calibrate", "doctor"):
        assert any(line.split("  ")[1].endswith(command) for line in told.splitlines() if line.startswith("  "))
    assert find_config() == DEFAULT_CONFIG
    assert load_config(find_config()).event_log.file == empty / "state" / "events.sqlite"


def test_init_makes_the_folder_and_names_the_file_in_what_comes_next(empty: Path, capsys: Capture) -> None:
    assert main(["init", "bins/hall"]) == 0
    assert "run --config bins/hall/config.yaml" in capsys.readouterr().out
    assert [path.name for path in (empty / "bins" / "hall").iterdir()] == ["config.yaml"]


def test_init_replaces_nothing_unless_told_to(empty: Path, capsys: Capture) -> None:
    own = empty / "config.yaml"
    own.write_text("camera: {fps: 30}\n")
    with pytest.raises(SystemExit, match="2"):
        main(["init"])
    assert "config.yaml is there already; --force replaces it" in capsys.readouterr().err
    assert own.read_text() == "camera: {fps: 30}\n"
    assert main(["init", "--force"]) == 0
    assert own.read_bytes() == PACKAGED_CONFIG.read_bytes()
    assert (empty / "config.yaml.bak").read_text() == "camera: {fps: 30}\n"
    assert "kept as config.yaml.bak" in capsys.readouterr().out


def test_init_where_nothing_can_be_written_is_one_line(empty: Path, capsys: Capture) -> None:
    (empty / "file").touch()
    assert main(["init", "file/bin"]) == 74
    assert len(capsys.readouterr().err.splitlines()) == 1


# --- completion -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_every_command(shell: str, capsys: Capture) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for command in COMMANDS:
        assert command in script


def test_bash_completes_commands_options_and_files(empty: Path) -> None:
    (empty / "completion.bash").write_text(run_sorter("completion", "bash", cwd=empty).out)
    (empty / "photo.jpg").touch()

    def complete(*words: str) -> set[str]:
        quoted = " ".join(f"'{word}'" for word in ("sorter", *words))
        asked = f"COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _shtab_sorter sorter '{words[-1]}'; echo ${{COMPREPLY[@]}}"
        done = subprocess.run(
            ["bash", "-c", f"source completion.bash; {asked}"], cwd=empty, capture_output=True, text=True, check=True
        )
        return set(done.stdout.split())

    assert set(COMMANDS) <= complete("")
    assert complete("ca") == {"calibrate"}
    assert {"--force", "--help"} <= complete("init", "--")
    assert "photo.jpg" in complete("classify", "pho")


def test_completion_without_its_package_says_what_to_install(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 69
    assert "pip install shtab" in capsys.readouterr().err


def test_the_list_of_the_commands_loads_none_of_them() -> None:
    code = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from edge.cli import main; main(['--help'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    *text, modules = done.stdout.splitlines()
    listed = " ".join(" ".join(text).split())
    for name, line in COMMANDS.items():
        assert f" {name} {line} " in listed
    assert not {"numpy", "pydantic", "rich", "edge.commands.run"} & set(modules.split())


def test_the_help_of_teaching_needs_no_action(capsys: Capture) -> None:
    code = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from edge.cli import main; "
        "main(['teach', '--help'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    *text, modules = done.stdout.splitlines()
    listed = " ".join(" ".join(text).split())
    for name, (_, line) in ACTIONS.items():
        assert f" {name} {line}" in listed
    assert not {"numpy", "rich", "edge.commands.teach.fit"} & set(modules.split())


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_of_teaching_has_a_help_of_its_own(action: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["teach", action, "--help"])
    text = capsys.readouterr().out
    assert text.startswith(f"usage: sorter teach {action} ")
    assert "--config" in text
    assert f"\n  sorter teach {action}" in text


def test_a_command_is_complete_when_it_is_asked_for(capsys: Capture) -> None:
    commands = next(action.choices for action in build_parser(whole=False)._actions if action.dest == "command")
    assert commands is not None
    assert "--duration" not in commands["run"].format_help()
    for _ in range(2):
        arguments, _rest = commands["run"].parse_known_args(["--duration", "3"])
        assert arguments.duration == 3
    assert "--duration" in commands["run"].format_help()
