"""What the training packages take, as it is said before they are installed."""

import re
from importlib import metadata

import pytest

from tests.paths import ROOT
from train.extra import INSTALL, INSTALLED_GB

REQUIREMENTS = ROOT / "requirements-train.txt"


def test_the_size_that_is_said_is_that_of_the_packages() -> None:
    pytest.importorskip("tensorflow", reason="the size is TensorFlow's most of all; install the train extra")
    found = [re.match(r"[A-Za-z0-9._-]+", line) for line in REQUIREMENTS.read_text().splitlines()]
    total = 0
    for name in {one[0] for one in found if one}:
        try:
            total += sum(file.size or 0 for file in metadata.files(name) or [])
        except metadata.PackageNotFoundError:  # of another platform
            continue
    assert total / 1e9 == pytest.approx(INSTALLED_GB, rel=0.15)
    said = f"{INSTALLED_GB:g} GB"
    assert said in INSTALL
    assert said in (ROOT / "docs" / "train.md").read_text()
