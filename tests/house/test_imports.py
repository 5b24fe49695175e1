"""What the bin loads when it runs. Which package may import which is checked by import-linter (pyproject.toml, make check)."""

import subprocess
import sys

from tests.paths import ROOT

HEAVY = ("tensorflow", "keras", "torch", "jax", "sklearn", "scipy", "matplotlib", "mitsuba", "train", "convert")
"""What must not be loaded in the bin."""


def test_the_bin_loads_nothing_that_only_training_needs() -> None:
    code = f"import sys; import edge.cli, edge.service.assembly; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
