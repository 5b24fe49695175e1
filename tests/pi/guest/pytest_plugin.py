"""A pytest plug-in: tells the host of every test when it has ended."""

import os

import pytest

from tests.pi.guest.checks import tell


@pytest.hookimpl
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Told once a test: when it was called, or, where it never was, when it was set up."""
    if report.when == "call" or (report.when in ("setup", "teardown") and not report.passed):
        detail = ", ".join(f"{name} {value}" for name, value in report.user_properties)
        if report.skipped and isinstance(report.longrepr, tuple):
            detail = str(report.longrepr[2]).removeprefix("Skipped: ")
        elif report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            detail = " ".join(str(crash.message if crash else report.longrepr).split())[:600]
        name = report.nodeid.rpartition("/")[2].removesuffix(".py")
        tell(f"{os.environ['PI_STEP']}: {name}", report.outcome, report.duration, detail)
