"""The shipped models answer on the emulated machine as on its host."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.pi.expected_answers import MODELS, TOLERANCE, classify_command, rows
from tests.pi.guest.checks import RUN


@pytest.mark.parametrize("model", MODELS)
def test_the_labels_are_the_same(model: str) -> None:
    expected: list[dict[str, Any]] = json.loads((RUN / f"{model}.json").read_text())
    done = subprocess.run(classify_command(sys.executable, model), capture_output=True, text=True, check=True)
    found = rows(done.stdout)
    assert [row["path"] for row in found] == [row["path"] for row in expected]
    different = []
    for guest, host in zip(found, expected, strict=True):
        largest = max(abs(guest["probabilities"][label] - p) for label, p in host["probabilities"].items())
        first, second = sorted(host["probabilities"].values(), reverse=True)[:2]
        # Rounding decides between two labels that are almost equally probable.
        if largest > TOLERANCE or (guest["label"] != host["label"] and first - second > 2 * TOLERANCE):
            different.append(f"{host['path']}: {guest['label']} instead of {host['label']}, off by {largest:.3f}")
    assert not different
