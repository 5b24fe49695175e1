"""Steps: what outlives a card and a power cut, the backup and the log."""

from tests.service.install_target import InstallTarget
from tests.service.service import expect

BACKUP = "/root/bin.tar.gz"
CONFIG = "/etc/sorter/config.yaml"
RESTORE = f"sorter restore {BACKUP} --config {CONFIG}"
ELSEWHERE = "/srv/root-only"
"""A folder of root that a planted link leads to."""

VOLATILE = "/usr/lib/systemd/journald.conf.d/40-rpi-volatile-storage.conf"
"""What Raspberry Pi OS 13 ships: the log in memory."""


def journal(target: InstallTarget) -> str:
    """install.sh asks whether to keep a log that is in memory, and keeps it; doctor tells before and after."""
    machine = target.machine
    machine.run(f"mkdir -p $(dirname {VOLATILE}) && printf '[Journal]\\nStorage=volatile\\n' >{VOLATILE}")
    machine.run("systemctl restart systemd-journald")
    expect(_doctor(target) == "warning", "doctor does not tell of a log in memory")
    pid = target.service.pid
    said = machine.run("printf 'n\\n' | script -qec /root/sorter/systemd/install.sh /dev/null", timeout_s=300)
    expect("[y/N]" in said, f"install.sh does not ask in a terminal:\n{said}")
    expect(_doctor(target) == "warning", "the log is kept although the answer was no")
    said = machine.run("printf 'y\\n' | script -qec /root/sorter/systemd/install.sh /dev/null", timeout_s=300)
    expect("100 MB" in said, f"install.sh does not say what it did:\n{said}")
    expect(_doctor(target) == "ok", "doctor does not see that the log is kept")
    expect(target.service.pid == pid, "the service was restarted")
    machine.run("journalctl --sync && ls /var/log/journal/*/system.journal")
    text = machine.run("journalctl --quiet --unit sorter --file '/var/log/journal/*/system.journal' --lines 1")
    expect(text.strip(), "the log on the card has no line of the service")
    return "asked for, kept, at most 100 MB"


def _doctor(target: InstallTarget) -> str:
    _, text = target.machine.attempt(f"sorter doctor --json --config {CONFIG}")
    return text.partition('"check": "journal", "status": "')[2].partition('"')[0]


def backup(target: InstallTarget) -> str:
    """A backup of the bin that sorts, restored over a fresh one in which links were planted, is the bin that it was."""
    machine, service = target.machine, target.service
    service.wait_for_item()
    machine.run(f"sorter backup {BACKUP} --pictures --config {CONFIG}")
    config, events = service.config, len(service.query("SELECT * FROM event"))
    machine.run("systemctl stop sorter && rm -rf /var/lib/sorter/*")
    machine.run(f"cp /opt/sorter/current/config.yaml {CONFIG} && systemctl start sorter", timeout_s=120)
    service.wait_for_item(timeout_s=60)
    code, text = machine.attempt(f"{RESTORE} --force")
    expect(code == 74, f"over a bin that runs, restore ends with {code}: {text[-500:]}")
    machine.run("systemctl stop sorter")
    machine.run(f"mkdir {ELSEWHERE} && rm -rf /var/lib/sorter/images")
    machine.run(f"runuser -u sorter -- ln -s {ELSEWHERE} /var/lib/sorter/images")
    before = target.listing("/var/lib/sorter", "/etc/sorter", ELSEWHERE)
    code, text = machine.attempt(RESTORE)
    expect(code == 2 and "--force" in text, f"over a bin that has sorted, restore ends with {code}: {text[-500:]}")
    left = target.listing("/var/lib/sorter", "/etc/sorter", ELSEWHERE)
    expect(left == before, f"a refused restore changed {sorted(left ^ before)[:5]}")
    machine.run(f"{RESTORE} --force")
    expect(not machine.run(f"ls -A {ELSEWHERE}").strip(), "restore wrote through a link of the service's user")
    owners = set(machine.run("find /var/lib/sorter -printf '%u\\n'").split())
    expect(owners == {"sorter"}, f"files of the state folder belong to {sorted(owners)}")
    expect(service.config == config, "the configuration is not the one of the backup")
    found = len(service.query("SELECT * FROM event"))
    expect(found >= events - 1, f"of {events} events {found} are restored")
    machine.run("systemctl start sorter", timeout_s=120)
    service.wait_for_item(timeout_s=60)
    pictures = machine.run("ls /var/lib/sorter/images").split()
    machine.run(f"rm -r {ELSEWHERE} {BACKUP} /var/lib/sorter/*.replaced-* /etc/sorter/*.replaced-*")
    return f"{found} events and {len(pictures)} pictures, and it goes on from there"
