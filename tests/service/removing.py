"""Steps: the sorter is taken off the machine."""

from tests.service.install_target import Site
from tests.service.service import expect

EVERYWHERE = (
    "/ -xdev -regextype posix-extended -regex '/(proc|sys|dev|run|tmp|usr/(bin|lib|sbin|share|include)|root)' -prune -o"
)
NOISE = (
    *("/etc/.pwd.lock", "/var/cache", "/var/lib/apt", "/var/lib/dpkg", "/var/lib/private", "/var/lib/systemd"),
    *("/var/log/apt", "/var/log/dpkg.log", "/var/log/journal", "/var/log/private", "/var/tmp"),
)
"""What other programs write."""

STAYS = ("/var/lib/sorter", "/var/log/sorter", "/etc/sorter")


def everything(site: Site) -> set[str]:
    """All paths of the container but what other programs write, and the accounts."""
    paths = {line.split(" ")[0] for line in site.listing(EVERYWHERE, times=False)}
    # The files with a minus are the copies that the account tools keep.
    paths = {
        path for path in paths if not path.startswith(NOISE) and not (path.startswith("/etc/") and path.endswith("-"))
    }
    accounts = site.machine.run("getent passwd; getent group").splitlines()
    return paths | {f"account {account}" for account in accounts}


def uninstall(site: Site, before: set[str]) -> str:
    """Nothing is left but data and configuration."""
    events = len(site.service.query("SELECT * FROM event"))
    site.machine.run("/opt/sorter/current/uninstall.sh")
    left = {path for path in everything(site) - before if not path.startswith(STAYS)}
    expect(not left, f"left behind: {sorted(left)[:10]}")
    gone = sorted(before - everything(site))
    expect(not gone, f"taken away, though not its own: {gone[:10]}")
    site.machine.run("test -s /etc/sorter/config.yaml")
    kept = len(site.service.query("SELECT * FROM event"))
    expect(kept >= events, f"of {events} events {kept} are left")
    code, text = site.machine.attempt("/root/sorter/systemd/uninstall.sh")
    expect(code == 0, f"a second uninstall ends with {code}: {text}")
    return f"data ({kept} events) and configuration stay, nothing else"


def install_over_data(site: Site) -> str:
    """An install finds the data and the configuration of the one before."""
    config, events = site.service.config, len(site.service.query("SELECT * FROM event"))
    site.machine.run("/root/sorter/systemd/install.sh", timeout_s=900)
    expect(site.service.config == config, "the install changed the configuration it found")
    site.service.wait_for_item()
    kept = len(site.service.query("SELECT * FROM event"))
    expect(kept > events, f"{events} events before, {kept} after")
    return f"goes on with {events} events"


def purge(site: Site, before: set[str]) -> str:
    """``--purge`` leaves nothing at all."""
    site.machine.run("/opt/sorter/current/uninstall.sh --purge")
    left = sorted(everything(site) - before)
    expect(not left, f"left behind: {left[:10]}")
    return "nothing is left"
