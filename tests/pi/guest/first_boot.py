"""Tests after the first boot from a fresh card: the service is up without any manual step. Run by Debian's Python."""

import pwd
import subprocess
import time
from collections.abc import Callable

TIMEOUT_S = 600.0


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def unit_property(name: str) -> str:
    return output("systemctl", "show", "sorter", "--property", name, "--value")


def test_cloud_init_ends_without_an_error(record_property: Callable[[str, object], None]) -> None:
    status = output("timeout", str(TIMEOUT_S), "cloud-init", "status", "--wait", "--long")
    record_property("uptime", f"{time.clock_gettime(time.CLOCK_BOOTTIME):.0f} s")
    assert "status: done" in status, status
    assert "errors: []" in status, status


def test_the_service_is_ready(record_property: Callable[[str, object], None]) -> None:
    end_s = time.monotonic() + TIMEOUT_S
    while output("systemctl", "is-active", "sorter") != "active" and time.monotonic() < end_s:
        time.sleep(1)
    for name in ("ActiveState", "NRestarts", "StatusText"):
        record_property(name, unit_property(name))
    assert output("systemctl", "is-active", "sorter") == "active", output("journalctl", "-u", "sorter", "-n", "20")
    assert unit_property("NRestarts") == "0"
    assert unit_property("StatusText")


def test_the_service_has_its_own_user() -> None:
    assert unit_property("User") == "sorter"
    assert pwd.getpwnam("sorter").pw_shell.endswith("nologin")
    assert {"video", "gpio", "i2c", "plugdev"} <= set(output("id", "-nG", "sorter").split())


def test_the_service_starts_at_every_boot() -> None:
    assert output("systemctl", "is-enabled", "sorter") == "enabled"


def test_it_stays_up() -> None:
    """For longer than its watchdog's time."""
    time.sleep(12)
    assert output("systemctl", "is-active", "sorter") == "active"
    assert unit_property("NRestarts") == "0"
