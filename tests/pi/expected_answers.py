"""Answers of the shipped models to a few pictures, by the same command on this machine and on the emulated one."""

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

ONE_VIEW = ("--set", "decision.views=1")
"""One view per picture: each takes an emulated processor a second."""

TOLERANCE = 0.08
"""Largest difference of a probability: kernels for another processor round differently, by a few of 256 output levels."""


def classify_command(python: str, model: str) -> list[str]:
    """The command that prints one JSON object per picture; it runs in the project's folder."""
    labels = sorted(path for path in (PROJECT / PICTURES).iterdir() if path.is_dir())
    pictures = [str(path.relative_to(PROJECT)) for label in labels for path in sorted(label.iterdir())[:PER_LABEL]]
    return [python, "-m", "edge", "classify", "--json", "--model", f"edge/models/{model}.tflite", *ONE_VIEW, *pictures]


def rows(output: str) -> list[dict[str, Any]]:
    """Parse the output of the command."""
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def write_expectations(folder: Path) -> None:
    """Write this machine's answers to ``folder/MODEL.json``.

    Raises:
        PiStepError: a model does not answer.
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
            raise PiStepError(f"model {model} does not answer on this machine: {done.stderr.strip()[-500:]}")
        (folder / f"{model}.json").write_text(json.dumps(found))
