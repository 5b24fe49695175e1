"""Fixtures that several test files share."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import Phase, settings

from tests.builders.configuration import write_config
from tests.paths import MODEL, ROOT, TESTS

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

# A busy machine is no failure, and tests leave nothing behind in the checkout.
settings.register_profile("house", deadline=None, database=None)
# Mutation testing asks thousands of times whether a test fails, not for the least example; and the same ones each time.
settings.register_profile(
    "mutants", settings.get_profile("house"), max_examples=30, derandomize=True, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("house")


GROUPED = ("train", "convert", "wheel")
"""Folders whose packages have fixtures that take seconds: trained runs, an environment with the wheel."""

PLAYED_ONCE = TESTS / "bin" / "test_faults.py"
"""Its tests ask about the same scenarios, each of which takes a second."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "LoadScopeScheduling":
    """Keep tests that share a slow fixture on one worker of pytest-xdist, which makes fixtures once a worker.

    Not by the mark ``xdist_group``: pytest-xdist 3.8 writes it into a node id that pytest 9.2 no longer reads.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByPackage(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = ROOT / nodeid.partition("::")[0]
            package = file.parent.relative_to(TESTS)
            if file == PLAYED_ONCE:
                return str(file)
            return str(package) if package.parts and package.parts[0] in GROUPED else nodeid

    return ByPackage(config, log)


@pytest.fixture(scope="session")
def model_file() -> Path:
    """The model that ships."""
    assert MODEL.is_file(), f"{MODEL} is missing: the checkout is incomplete"
    return MODEL


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """A configuration of its own, whose records lie in the test's folder."""
    return write_config(tmp_path / "sorter.yaml")


@pytest.fixture(autouse=True)
def root_logger_as_it_was() -> Iterator[None]:
    """The command line sets the log up; the next test must not inherit that."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level


@pytest.fixture(autouse=True)
def environment_as_it_was() -> Iterator[None]:
    """What starts workers makes them ignore the current folder through the environment; the next test must not inherit that."""
    with patch.dict(os.environ):
        yield
