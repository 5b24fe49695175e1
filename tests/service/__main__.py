"""``python -m tests.service [SUITE]``: runs all steps and prints a table of them. Exit code 1 if one failed.

Needs root, a Debian mirror and a package index for pip. Root file system and wheels are cached in ``.cache/service``.
"""

import argparse
import fcntl
import os
import shutil
import signal
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests.service import (
    attacks,
    faults,
    installing,
    keeping,
    link_service,
    monitoring,
    new_card,
    page_service,
    removing,
    upgrading,
)
from tests.service.install_target import InstallTarget
from tests.service.nspawn import NspawnMachine
from tests.service.rootfs import PYTHONS, make_archive, unpack
from tests.service.service import Service
from tests.service.shell import get_tools
from tests.service.steps import Steps
from tests.service.wheels import download

PROJECT = Path(__file__).parents[2]
CACHE = PROJECT / ".cache" / "service"
WHEELS = "/srv/wheels"
PIP = f"[global]\nno-index = true\nfind-links = {WHEELS}\n"

NEWER = {"pyproject.toml": ('\nversion = "', '\nversion = "99.0.'), "config.yaml": ("  fps: 15 ", "  fps: 14 ")}
NEVER_READY = {
    "pyproject.toml": ('\nversion = "', '\nversion = "99.1.'),
    "edge/service/notify.py": ('self._send("READY=1")', 'self._send("STATUS=never ready")'),
    # It changes the layout of the event log before it fails.
    "edge/records/event_schema.py": (
        "\nUPGRADES = {",
        '\nSCHEMA_VERSION += 1\nUPGRADES = {SCHEMA_VERSION - 1: "ALTER TABLE event ADD COLUMN more REAL;", ',
    ),
    "systemd/sorter.service": ("\nTimeoutStartSec=90\n", "\nTimeoutStartSec=12\n"),
}


def main() -> int:
    """Run all steps."""
    parser = argparse.ArgumentParser(prog="python -m tests.service", description=__doc__)
    parser.add_argument("suite", nargs="?", choices=PYTHONS, default="trixie", help="Debian release (default: trixie)")
    suite = parser.parse_args().suite
    if os.geteuid() != 0:
        print("make test-service boots a container: run it as root", file=sys.stderr)
        return 1
    os.nice(10)
    # Started in the background, this process and its children would ignore SIGINT, which one step sends to install.sh.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    CACHE.mkdir(parents=True, exist_ok=True)
    lock = (CACHE / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print(f"make test-service is running already: {CACHE} is in use", file=sys.stderr)
        return 1
    root = CACHE / "root"
    shutil.rmtree(root, ignore_errors=True)
    steps = Steps()
    found: dict[str, Path] = {}

    def make(what: str, made: tuple[Path, str]) -> str:
        found[what], remark = made
        return remark

    with ExitStack() as stack:
        steps.run("tools", get_tools)
        steps.run(f"root file system ({suite})", lambda: make("archive", make_archive(CACHE, suite)))
        steps.run("wheels", lambda: make("wheels", download(PROJECT, CACHE, python=PYTHONS[suite])))
        if steps.has_failed():
            print(steps.table())
            return 1
        unpack(found["archive"], root)
        (root / "etc/pip.conf").write_text(PIP)
        machine = NspawnMachine(root, shared={found["wheels"]: WHEELS})
        steps.run("boot", lambda: stack.enter_context(machine).run("systemctl --version").splitlines()[0])
        target = InstallTarget(machine, Service(machine), PROJECT)
        run_life_cycle(steps, target, archive=found["archive"], wheels=found["wheels"])
    print(steps.table())
    if steps.has_failed():
        print(f"the container's files are kept in {root}")
        return 1
    shutil.rmtree(root)
    return 0


def run_life_cycle(steps: Steps, target: InstallTarget, *, archive: Path, wheels: Path) -> None:
    """Run the steps of the life of an installed sorter, from the first install to the purge."""
    before: set[str] = set()

    def copy_projects() -> str:
        target.copy_project("sorter")
        target.copy_project("newer", NEWER)
        target.copy_project("never-ready", NEVER_READY)
        attacks.make_hostile_folder(target)
        before.update(removing.everything(target))
        return "the files that git knows"

    newer, never_ready = "/root/newer", "/root/never-ready"
    steps.run("copies of the project", copy_projects)
    for title, step in (
        ("install.sh --dry-run changes nothing", installing.dry_run),
        ("first boot without a key or a password", attacks.first_boot),
        ("install", installing.install),
        ("a second install changes nothing", installing.install_again),
        ("ready, and sorting", installing.ready),
        ("status line", monitoring.status_line),
        ("journal fields", monitoring.journal_fields),
        ("the log is kept on the card once somebody says yes", keeping.journal),
        ("systemd-analyze verify", monitoring.verify),
        ("systemd-analyze security", monitoring.exposure),
        ("the page: first visit", page_service.first_visit),
        ("the page: the bin is lost and comes back", page_service.lost_bin),
        ("the page hangs and is killed", page_service.killed_page),
        ("the link: figures", link_service.figures),
        ("the link: its broker goes, it is killed, and all is told", link_service.lost_broker),
        ("sudo sorter doctor in a hostile folder", attacks.current_folder),
        ("sudo sorter calibrate over planted links", attacks.calibrate),
        ("backup, and restore over a fresh bin and planted links", keeping.backup),
        ("onto a new card without a network", partial(new_card.new_card, archive=archive, wheels=wheels)),
        ("configuration error: exit code 78, no restart", faults.config_error),
        ("frozen camera (the same picture again)", partial(faults.frozen_camera, kind="frozen")),
        ("frozen camera (no more pictures)", partial(faults.frozen_camera, kind="block")),
        ("program hangs", faults.hung_program),
        ("SIGTERM brings the flaps home", faults.sigterm),
        ("kill -9", faults.kill),
        ("upgrade killed", partial(upgrading.killed, newer=newer)),
        ("upgrade interrupted", partial(upgrading.interrupted, newer=newer)),
        ("upgrade without a network", partial(upgrading.no_network, newer=newer)),
        ("upgrade with a package that was changed", partial(attacks.tampered_package, newer=newer)),
        ("upgrade from a folder, with a configuration it refuses", partial(upgrading.unreadable_config, newer=newer)),
        ("upgrade, called in a hostile folder", partial(upgrading.upgrade, newer=newer)),
        ("return to the release before, and come back", upgrading.return_and_come_back),
        ("failed upgrade rolls back, over planted links", partial(upgrading.roll_back, never_ready=never_ready)),
        ("uninstall", partial(removing.uninstall, before=before)),
        ("install over kept data", removing.install_over_data),
        ("uninstall --purge", partial(removing.purge, before=before)),
    ):
        steps.run(title, partial(step, target))
    if steps.has_failed():
        print(target.machine.attempt("journalctl --quiet --unit sorter --lines 60 --output short-precise")[1])


if __name__ == "__main__":
    sys.exit(main())
