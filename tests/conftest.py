"""Fixtures that several test files share."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.builders.configuration import write_config
from tests.paths import MODEL, TESTS

# A busy machine is no failure, and tests leave nothing behind in the checkout.
settings.register_profile("house", deadline=None, database=None)
settings.load_profile("house")


GROUPED = ("train", "convert", "wheel")
"""Folders whose packages have fixtures that take seconds: trained runs, an environment with the wheel."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep tests that share a slow fixture on one worker of pytest-xdist, which makes fixtures once a worker."""
    package = item.path.parent.relative_to(TESTS)
    if str(package).partition("/")[0] in GROUPED and item.config.pluginmanager.hasplugin("xdist"):
        item.add_marker(pytest.mark.xdist_group(str(package)))


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
