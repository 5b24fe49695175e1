"""What the bin loads when it runs. Which package may import which is checked by import-linter (pyproject.toml, make check)."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

TRAINING = {"tensorflow", "keras", "torch", "jax", "sklearn", "scipy", "matplotlib", "mitsuba", "train", "convert"}
"""What only training needs."""

OTHER_COMMANDS = {
    *("rich", "ruamel", "shtab", "PIL", "simplejpeg", "pillow_heif", "argcomplete", "http", "asyncio", "ssl"),
    *("edge.backup", "edge.bench", "edge.calibrate", "edge.doctor", "edge.simulation", "edge.wiring"),
    "edge.terminal.console",
}
"""What only other commands than ``run`` need, or its live page."""

RARE = {"multiprocessing", "difflib", "edge.inference.accelerator"}
"""What few bins need."""

HEAVY_CALLS = re.compile(r"\bnp\.(median|percentile|quantile|nan\w+|unique|ma)\b")
"""What loads NumPy's masked arrays, 1.4 MB, at its first call. ``edge.sight.quantile`` does without them."""

LINE = ("actuation", "decision", "guard", "inference", "records", "sight")
"""The wings of ``edge`` whose code runs on every frame or item."""

SIMULATION = {"hardware.pictures.reader", "hardware.sim", "hardware.world", "edge.service.world_factory"}
"""What only the simulated bin needs."""

MOST_MODULES = 203
"""Our own modules in a real bin. Each takes memory for as long as the bin runs: raise it when that is worth it."""

SOCKET_MODULES = 10
"""Those that its socket needs beside these, unless the configuration leaves it out."""

SERVICE = """
import json, sys
import edge.commands.run as run
import hardware.drives.relay.driver, hardware.drives.servo.driver
real = list(sys.modules)
run._print_summary = lambda *_: print(json.dumps([real, list(sys.modules)]))  # it may load Rich: the bin has stopped
from edge.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""A process that does what the service does, as far as that goes without a camera, and tells what it has loaded."""

MEASURED_START = """
import json, runpy, sys
runpy.run_module("edge.cold_start_child", run_name="__main__", alter_sys=True)
print()
print(json.dumps(list(sys.modules)))
"""
"""The process whose start ``sorter bench`` measures."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str]]:
    """Modules of a real bin before its first frame, and of a simulated bin that has sorted an item."""
    state: Path = tmp_path_factory.mktemp("state")
    options = ["--items", "1", "--set", "simulation.speed=0", "--set", f"event_log.file={state}/events.sqlite"]
    done = subprocess.run(
        [sys.executable, "-c", SERVICE, "run", *options, "--set", "tray.memory=null"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    real, simulated = json.loads(done.stdout)
    return set(real), set(simulated)


def within(modules: set[str], unwanted: set[str]) -> set[str]:
    return {one for one in modules if any(one == name or one.startswith(f"{name}.") for name in unwanted)}


@pytest.mark.parametrize("unwanted", [TRAINING, OTHER_COMMANDS, RARE], ids=["training", "other commands", "rare"])
def test_a_bin_that_sorts_has_not_loaded(loaded: tuple[set[str], set[str]], unwanted: set[str]) -> None:
    assert not within(loaded[0] | loaded[1], unwanted)


def test_a_real_bin_has_not_loaded_the_simulated_one(loaded: tuple[set[str], set[str]]) -> None:
    assert not within(loaded[0], SIMULATION)


def test_the_modules_of_a_real_bin_are_counted(loaded: tuple[set[str], set[str]]) -> None:
    assert len(within(loaded[0], {"edge", "hardware"})) <= MOST_MODULES
    of_socket = {"edge.bin_socket", "edge.service.neighbours", "edge.service.scene_pictures"}
    assert not within(loaded[0], of_socket)
    assert 0 < len(within(loaded[1], of_socket)) <= SOCKET_MODULES


def test_the_start_that_is_measured_loads_what_the_service_loads(
    loaded: tuple[set[str], set[str]], tmp_path: Path
) -> None:
    settings = (
        "simulation.items=1",
        "simulation.speed=0",
        f"event_log.file={tmp_path / 'e.sqlite'}",
        "tray.memory=null",
    )
    done = subprocess.run(
        [sys.executable, "-c", MEASURED_START, "config.yaml", *settings],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    measured = within(set(json.loads(done.stdout.splitlines()[-1])), {"edge", "hardware"})
    # What reads the memory afterwards.
    assert measured - loaded[1] == {"edge.bench", "edge.bench.machine_info", "edge.board"}


@pytest.mark.parametrize("wing", LINE)
def test_the_line_calls_nothing_that_loads_masked_arrays(wing: str) -> None:
    for path in sorted((ROOT / "edge" / wing).rglob("*.py")):
        found = HEAVY_CALLS.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path.relative_to(ROOT)} calls {found and found[0]}; use edge.sight.quantile"
