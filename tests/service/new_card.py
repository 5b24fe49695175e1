"""Step: a bin whose card has died sorts on a new one, without a network; with the time of each part."""

import shutil
import time
from pathlib import Path

from tests.service.install_target import InstallTarget
from tests.service.nspawn import NspawnMachine
from tests.service.rootfs import unpack
from tests.service.service import Service, expect

BACKUP, CONFIG, WHEELS = "/root/bin.tar.gz", "/etc/sorter/config.yaml", "/srv/wheels"

PACKAGES = "/var/cache/apt/archives"
"""Where apt has left what the first install took from it."""

EVENTS = "SELECT number, label, bin, wall_s FROM event ORDER BY id"

MOST_S = 600.0
"""Longest time from the backup to the first item that the new card sorts, in seconds."""


def new_card(target: InstallTarget, *, archive: Path, wheels: Path) -> str:
    """Back up, boot another root file system without a network, install from a folder of wheels, restore, sort."""
    old = target.service
    old.wait_for_item()
    root = target.machine.root.with_name("new-card")
    shutil.rmtree(root, ignore_errors=True)
    unpack(archive, root)
    # What the image of Raspberry Pi OS has, or its owner has installed: install.sh --offline takes nothing from apt.
    shutil.copytree(target.machine.root / PACKAGES.strip("/"), root / PACKAGES.strip("/"), dirs_exist_ok=True)
    times_s: dict[str, float] = {}
    at_s = time.monotonic()

    def mark(part: str) -> None:
        nonlocal at_s
        now_s = time.monotonic()
        times_s[part], at_s = now_s - at_s, now_s

    config, events = old.config, old.query(EVENTS)
    target.machine.run(f"sorter backup {BACKUP} --pictures --force --config {CONFIG}")
    mark("backup")
    with NspawnMachine(root, shared={wheels: WHEELS}, has_network=False) as machine:
        machine.run(f"dpkg --install {PACKAGES}/*.deb")
        card = InstallTarget(machine, Service(machine), target.project)
        mark("boot")
        card.copy_project("sorter")
        shutil.move(target.machine.root / BACKUP.strip("/"), root / BACKUP.strip("/"))
        machine.run(f"/root/sorter/systemd/install.sh --offline {WHEELS}", timeout_s=900)
        mark("install")
        machine.run(f"systemctl stop sorter && sorter restore {BACKUP} --force --config {CONFIG}")
        mark("restore")
        new = card.service
        expect(new.config == config, "the configuration is not the one of the backup")
        expect(new.query(EVENTS)[: len(events)] == events, "the events are not those of the bin before its backup")
        machine.run("systemctl start sorter", timeout_s=120)
        session = new.session["id"]
        event = new.wait_for_item(session=session, timeout_s=60)
        mark("first item")
        expect(machine.attempt("sorter status")[0] == 0, "sorter status on the new card is not ok")
    shutil.rmtree(root)
    total_s = sum(times_s.values())
    parts = ", ".join(f"{part} {part_s:.0f}" for part, part_s in times_s.items())
    expect(total_s < MOST_S, f"it took {total_s:.0f} s: {parts}")
    return f"{total_s:.0f} s ({parts}); {len(events)} events, then {event['label']} to {event['bin']}"
