"""What the shipped models say of a few pictures; asked with the same command here and on the emulated machine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.pi.shell import PiStepError

PROJECT = Path(__file__).parents[2]

MODELS = ("trashnet6", "bin8")

PICTURES = "hardware/sim/sprites"

PER_LABEL = 2

ONE_LOOK = ("--set", "decision.views=1")
"""At each picture; a look takes an emulated processor a second."""

TOLERANCE = 0.08
"""Of a probability: kernels for another processor round differently, a few counts of 256 at the output."""


def classify_command(python: str, model: str) -> list[str]:
    """The command, relative to the project's folder, that prints a JSON object for each picture."""
    labels = sorted(path for path in (PROJECT / PICTURES).iterdir() if path.is_dir())
    pictures = [str(path.relative_to(PROJECT)) for label in labels for path in sorted(label.iterdir())[:PER_LABEL]]
    return [python, "-m", "edge", "classify", "--json", "--model", f"edge/models/{model}.tflite", *ONE_LOOK, *pictures]


def rows(output: str) -> list[dict[str, Any]]:
    """The command's answers."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def write_expectations(folder: Path) -> None:
    """``folder/MODEL.json``, as this machine answers.

    Raises:
        PiStepError: a model cannot be asked.
    """
    for model in MODELS:
        done = subprocess.run(
            classify_command(sys.executable, model),
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            check=False,
        )
        found = rows(done.stdout)
        if done.returncode or not found:
            raise PiStepError(f"model {model} does not answer here: {done.stderr.strip()[-500:]}")
        (folder / f"{model}.json").write_text(json.dumps(found))
