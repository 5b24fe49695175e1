"""Steps: the first install, and a repeated one."""

import re

from tests.service.install_target import InstallTarget
from tests.service.service import expect

TOUCHED = ("/etc", "/opt", "/usr/local", "/var/lib")
"""Where install.sh may write, apart from apt."""


def dry_run(target: InstallTarget) -> str:
    """``--dry-run`` prints the commands and changes nothing."""
    before = target.listing(*TOUCHED)
    output = target.machine.run("/root/sorter/systemd/install.sh --dry-run")
    expect(target.listing(*TOUCHED) == before, "install.sh --dry-run changed something")
    commands = [line for line in output.splitlines() if line.startswith("+ ")]
    for part in ("install -y", "useradd", "-m venv", "pip", "systemctl restart sorter"):
        expect(any(part in line for line in commands), f"install.sh --dry-run does not show {part!r}:\n{output}")
    return f"{len(commands)} commands shown, nothing changed"


def install(target: InstallTarget) -> str:
    """Install from the unpacked project until the service is ready."""
    target.machine.run("/root/sorter/systemd/install.sh", timeout_s=900)
    service = target.service
    expect(service.show("ActiveState") == "active", "the service is not active after install.sh")
    expect(service.show("UnitFileState") == "enabled", "the service is not enabled: it would not start after a reboot")
    groups = set(target.machine.run("id -nG sorter").split())
    expect(groups >= {"sorter", "video", "gpio", "i2c", "plugdev"}, f"user sorter is in {sorted(groups)} only")
    # model.file names a model that ships.
    values = re.findall(r"^\s*(?:file|memory|images): (\S*/\S*)", service.config, flags=re.MULTILINE)
    expect(
        len(values) == 3 and all(value.startswith("/") for value in values),
        f"the installed paths are not absolute: {values}",
    )
    # On a busy machine the tray is learnt late, and an item before that would become part of it.
    service.configure("  gap_s: [0.4, 1.0] ", "  gap_s: [3.0, 3.5] ")
    version = target.machine.run("readlink /opt/sorter/current").strip()
    megabytes = int(target.machine.run("du -sm /opt/sorter").split()[0])
    return f"{version}, {megabytes} MB"


def install_again(target: InstallTarget) -> str:
    """Install the same project again: nothing is written, nothing is restarted."""
    before, pid = target.listing("/etc", "/opt", "/usr/local"), target.service.pid
    target.machine.run("/root/sorter/systemd/install.sh", timeout_s=900)
    changed = sorted(target.listing("/etc", "/opt", "/usr/local") ^ before)
    expect(not changed, f"a second install changed {changed[:5]}")
    expect(target.service.pid == pid, "a second install restarted the service")
    return "nothing written, not restarted"


def ready(target: InstallTarget) -> str:
    """A ready service sorts, and runs as its own user."""
    service = target.service
    expect(service.show("Type") == "notify", "the unit is not Type=notify")
    begun_s = service.restart()
    lines = {line.text: line.time_s for line in service.journal(begun_s)}
    started_s = next((time_s for text, time_s in lines.items() if text.startswith("Started sorter.service")), None)
    expect(started_s is not None, f"systemd does not report that it started; it logged {list(lines)}")
    assert started_s is not None
    event = service.wait_for_item()
    owner = target.machine.run(f"stat -c %U /proc/{service.pid}").strip()
    expect(owner == "sorter", f"it runs as {owner}; expected sorter")
    return f"ready {started_s - begun_s:.1f} s after the restart; first item: {event['label']} to {event['bin']}"
