"""Steps: the first install, and a second one."""

import re

from tests.service.install_target import Site
from tests.service.service import expect

TOUCHED = ("/etc", "/opt", "/usr/local", "/var/lib")
"""Where install.sh may write, beside what apt does."""


def dry_run(site: Site) -> str:
    """``--dry-run`` shows what would be done and does none of it."""
    before = site.listing(*TOUCHED)
    output = site.machine.run("/root/sorter/systemd/install.sh --dry-run")
    expect(site.listing(*TOUCHED) == before, "install.sh --dry-run changed something")
    commands = [line for line in output.splitlines() if line.startswith("+ ")]
    for part in ("install -y", "useradd", "-m venv", "pip", "systemctl restart sorter"):
        expect(any(part in line for line in commands), f"install.sh --dry-run does not show {part!r}:\n{output}")
    return f"{len(commands)} commands shown, nothing changed"


def install(site: Site) -> str:
    """From the unpacked project to a service that is ready."""
    site.machine.run("/root/sorter/systemd/install.sh", timeout_s=900)
    service = site.service
    expect(service.show("ActiveState") == "active", "the service is not active after install.sh")
    expect(
        service.show("UnitFileState") == "enabled", "the service is not enabled: it would not come back after a boot"
    )
    groups = set(site.machine.run("id -nG sorter").split())
    expect(groups >= {"sorter", "video", "gpio", "i2c", "plugdev"}, f"user sorter is in {sorted(groups)} only")
    values = re.findall(r"^\s*(?:file|memory|images): (\S+)", service.config, flags=re.MULTILINE)
    expect(values and all(value.startswith("/") for value in values), f"the installed paths are not absolute: {values}")
    # On a busy machine the tray is learnt late, and whoever throws in before spoils it.
    service.configure("  gap_s: [0.4, 1.0] ", "  gap_s: [3.0, 3.5] ")
    version = site.machine.run("readlink /opt/sorter/current").strip()
    megabytes = int(site.machine.run("du -sm /opt/sorter").split()[0])
    return f"{version}, {megabytes} MB"


def install_again(site: Site) -> str:
    """The same project once more: nothing is written, nothing is restarted."""
    before, pid = site.listing("/etc", "/opt", "/usr/local"), site.service.pid
    site.machine.run("/root/sorter/systemd/install.sh", timeout_s=900)
    changed = sorted(site.listing("/etc", "/opt", "/usr/local") ^ before)
    expect(not changed, f"a second install changed {changed[:5]}")
    expect(site.service.pid == pid, "a second install restarted the service")
    return "nothing written, not restarted"


def ready(site: Site) -> str:
    """Ready means that it sorts; as its own user, who cannot write where it has no business."""
    service = site.service
    expect(service.show("Type") == "notify", "the unit is not Type=notify")
    begun_s = service.restart()
    lines = {line.text: line.time_s for line in service.journal(begun_s)}
    started_s = next((time_s for text, time_s in lines.items() if text.startswith("Started sorter.service")), None)
    expect(started_s is not None, f"systemd does not say that it started; it logged {list(lines)}")
    assert started_s is not None
    event = service.wait_for_item()
    owner = site.machine.run(f"stat -c %U /proc/{service.pid}").strip()
    expect(owner == "sorter", f"it runs as {owner}; expected sorter")
    return f"ready {started_s - begun_s:.1f} s after the restart; first item: {event['label']} to {event['bin']}"
