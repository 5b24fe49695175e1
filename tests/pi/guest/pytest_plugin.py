"""pytest plug-in that reports every test to the host."""

import os

import pytest

from tests.pi.guest.checks import report as report_check


@pytest.hookimpl
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Report each test once: after its call, or after its set-up or tear-down if that did not pass."""
    if report.when == "call" or (report.when in ("setup", "teardown") and not report.passed):
        detail = ", ".join(f"{name} {value}" for name, value in report.user_properties)
        if report.skipped and isinstance(report.longrepr, tuple):
            detail = str(report.longrepr[2]).removeprefix("Skipped: ")
        elif report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            detail = " ".join(str(crash.message if crash else report.longrepr).split())[:600]
        name = report.nodeid.rpartition("/")[2].removesuffix(".py")
        report_check(f"{os.environ['PI_STEP']}: {name}", report.outcome, report.duration, detail)
