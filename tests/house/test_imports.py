"""The rooms of the house import only what DESIGN allows, and the bin never needs what only training needs."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT

ROOMS = ("edge", "hardware", "train", "convert")

MAY_IMPORT = {
    "hardware": set(),
    "edge": {"hardware"},
    "train": {"edge", "hardware"},
    "convert": {"train", "edge", "hardware"},
}
"""Room -> other rooms that it may import. train and convert reach hardware only for ``Frame`` and its pixels."""

HEAVY = ("tensorflow", "keras", "torch", "jax", "sklearn", "matplotlib", "mitsuba", "train", "convert")
"""What must not be loaded in the bin."""


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; name the whole module"
            yield node.module or ""


def modules(room: str) -> list[Path]:
    found = sorted((ROOT / room).rglob("*.py"))
    assert found, f"{room}/ has no modules: the test looks in the wrong place"
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_what_the_design_allows(room: str) -> None:
    for path in modules(room):
        for name in imports(path):
            other = name.partition(".")[0]
            if other in ROOMS and other != room:
                assert other in MAY_IMPORT[room], f"{path.relative_to(ROOT)} imports {name}"


def test_edge_reaches_drivers_only_through_the_registry() -> None:
    base = {
        "hardware.frame",
        "hardware.camera",
        "hardware.flap",
        "hardware.sensor",
        "hardware.light",
        "hardware.limits",
        "hardware.clock",
        "hardware.errors",
        "hardware.registry",
    }
    for path in modules("edge"):
        for name in imports(path):
            if name.startswith("hardware"):
                assert name in base, f"{path.relative_to(ROOT)} imports the driver {name}"


@pytest.mark.parametrize("room", ["train", "convert"])
def test_training_uses_only_the_pictures_side_of_hardware(room: str) -> None:
    for path in modules(room):
        for name in imports(path):
            if name.startswith("hardware"):
                assert name in {"hardware.frame", "hardware.errors"}, f"{path.relative_to(ROOT)} imports {name}"


def test_the_bin_loads_nothing_that_only_training_needs() -> None:
    code = f"import sys; import edge.cli, edge.service.assembly; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
