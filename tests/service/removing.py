"""Steps: uninstall and purge."""

from tests.service.install_target import InstallTarget
from tests.service.service import expect

EVERYWHERE = (
    "/ -xdev -regextype posix-extended -regex '/(proc|sys|dev|run|tmp|usr/(bin|lib|sbin|share|include)|root)' -prune -o"
)
NOISE = (
    *("/etc/.pwd.lock", "/var/cache", "/var/lib/apt", "/var/lib/dpkg", "/var/lib/private", "/var/lib/systemd"),
    *("/var/log/apt", "/var/log/dpkg.log", "/var/log/journal", "/var/log/private", "/var/tmp"),
)
"""Paths that other programs write."""

STAYS = ("/var/lib/sorter", "/var/log/sorter", "/etc/sorter")


def everything(target: InstallTarget) -> set[str]:
    """All paths of the container except those that other programs write, and the accounts."""
    paths = {line.split(" ")[0] for line in target.listing(EVERYWHERE, times=False)}
    # Names that end with a minus are backups of the account tools.
    paths = {
        path for path in paths if not path.startswith(NOISE) and not (path.startswith("/etc/") and path.endswith("-"))
    }
    accounts = target.machine.run("getent passwd; getent group").splitlines()
    return paths | {f"account {account}" for account in accounts}


def uninstall(target: InstallTarget, before: set[str]) -> str:
    """Uninstall leaves only data and configuration."""
    events = len(target.service.query("SELECT * FROM event"))
    target.machine.run("/opt/sorter/current/uninstall.sh")
    left = {path for path in everything(target) - before if not path.startswith(STAYS)}
    expect(not left, f"left behind: {sorted(left)[:10]}")
    gone = sorted(before - everything(target))
    expect(not gone, f"removed files of others: {gone[:10]}")
    target.machine.run("test -s /etc/sorter/config.yaml")
    kept = len(target.service.query("SELECT * FROM event"))
    expect(kept >= events, f"of {events} events {kept} are left")
    code, text = target.machine.attempt("/root/sorter/systemd/uninstall.sh")
    expect(code == 0, f"a second uninstall ends with {code}: {text}")
    return f"only data ({kept} events) and configuration are left"


def install_over_data(target: InstallTarget) -> str:
    """An install after an uninstall uses the existing data and configuration."""
    config, events = target.service.config, len(target.service.query("SELECT * FROM event"))
    target.machine.run("/root/sorter/systemd/install.sh", timeout_s=900)
    expect(target.service.config == config, "the install changed the configuration it found")
    target.service.wait_for_item()
    kept = len(target.service.query("SELECT * FROM event"))
    expect(kept > events, f"{events} events before, {kept} after")
    return f"continues with {events} events"


def purge(target: InstallTarget, before: set[str]) -> str:
    """``--purge`` leaves nothing."""
    target.machine.run("/opt/sorter/current/uninstall.sh --purge")
    left = sorted(everything(target) - before)
    expect(not left, f"left behind: {left[:10]}")
    return "nothing is left"
