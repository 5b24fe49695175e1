"""After a first boot from a fresh card: the service is up, and nobody had a hand in it. Debian's own Python runs this."""

import pwd
import subprocess
import time
from collections.abc import Callable

PATIENCE_S = 600.0


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def shown(name: str) -> str:
    return said("systemctl", "show", "sorter", "--property", name, "--value")


def test_cloud_init_ends_without_an_error(record_property: Callable[[str, object], None]) -> None:
    status = said("timeout", str(PATIENCE_S), "cloud-init", "status", "--wait", "--long")
    record_property("uptime", f"{time.clock_gettime(time.CLOCK_BOOTTIME):.0f} s")
    assert "status: done" in status, status
    assert "errors: []" in status, status


def test_the_service_is_ready(record_property: Callable[[str, object], None]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while said("systemctl", "is-active", "sorter") != "active" and time.monotonic() < end_s:
        time.sleep(1)
    for name in ("ActiveState", "NRestarts", "StatusText"):
        record_property(name, shown(name))
    assert said("systemctl", "is-active", "sorter") == "active", said("journalctl", "-u", "sorter", "-n", "20")
    assert shown("NRestarts") == "0"
    assert shown("StatusText")


def test_the_service_has_its_own_user() -> None:
    assert shown("User") == "sorter"
    assert pwd.getpwnam("sorter").pw_shell.endswith("nologin")
    assert {"video", "gpio", "i2c", "plugdev"} <= set(said("id", "-nG", "sorter").split())


def test_the_service_comes_at_every_boot() -> None:
    assert said("systemctl", "is-enabled", "sorter") == "enabled"


def test_it_stays_up() -> None:
    """Longer than its watchdog waits."""
    time.sleep(12)
    assert said("systemctl", "is-active", "sorter") == "active"
    assert shown("NRestarts") == "0"
