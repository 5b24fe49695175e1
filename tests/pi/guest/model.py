"""The shipped models answer here as on the machine that started this one."""

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
    differing = []
    for here, there in zip(found, expected, strict=True):
        furthest = max(abs(here["probabilities"][label] - p) for label, p in there["probabilities"].items())
        first, second = sorted(there["probabilities"].values(), reverse=True)[:2]
        # Where two labels are as good as equal, the last bit decides.
        if furthest > TOLERANCE or (here["label"] != there["label"] and first - second > 2 * TOLERANCE):
            differing.append(f"{there['path']}: {here['label']} instead of {there['label']}, off by {furthest:.3f}")
    assert not differing
