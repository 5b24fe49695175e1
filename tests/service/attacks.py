"""Steps: what somebody tries who has taken over the service's user, or who leaves files where root works."""

import shlex
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.service.install_target import InstallTarget
from tests.service.service import expect

HOSTILE = "/srv/hostile"
"""A folder with Python modules of the names that programs started in it look for."""

TAKEN = "/root/taken"
"""What such a module makes when it is imported."""

MODULES = (
    "edge",
    "hardware",
    "pip",
    "venv",
    "setuptools",
    "json",
    "random",
    "runpy",
    "pathlib",
    "numpy",
    "cv2",
    "yaml",
)

LOGINS = "/etc/profile.d"
"""Scripts that every login runs, root's too."""

TAMPERED = "/srv/tampered"

FIRST_BOOT = Path(__file__).parents[2] / "systemd" / "firstboot" / "user-data"


def make_hostile_folder(target: InstallTarget) -> None:
    """Make ``HOSTILE``."""
    module = f"open('{TAKEN}', 'a').write(__name__ + ' ')\nraise SystemExit('taken over')\n"
    folder = target.machine.root / HOSTILE.strip("/")
    for name in MODULES:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(module)


def expect_nothing_taken(target: InstallTarget, what: str) -> None:
    """Check that no module of ``HOSTILE`` was imported since it was made."""
    code, names = target.machine.attempt(f"cat {TAKEN}")
    expect(code != 0, f"{what} imports from the current folder, as root: {names}")


def first_boot(target: InstallTarget) -> str:
    """The first boot installs nothing until an account has a key or a password, and says where to set one."""
    files = {one["path"]: one["content"] for one in yaml.safe_load(FIRST_BOOT.read_text())["write_files"]}
    script = "/srv/first-boot"
    (target.machine.root / script.strip("/")).write_text(files["/usr/local/sbin/sorter-firstboot"])
    code, text = target.machine.attempt(f"bash {script}")
    expect(code == 77, f"without a key or a password it ends with {code}: {text}")
    expect("user-data" in text and "bootfs" in text, f"it does not say where to set one: {text}")
    said = text.strip()
    target.machine.run("useradd --create-home owner && echo owner:correct-horse | chpasswd")
    # It goes on, to the archive that is not here.
    code, text = target.machine.attempt(f"bash {script}")
    expect("sorter-source" in text and code != 77, f"with a password it ends with {code}: {text}")
    target.machine.run(f"userdel --remove owner; rm -f {script}; test ! -e /opt/sorter")
    return said[:100]


def current_folder(target: InstallTarget) -> str:
    """``sudo sorter doctor`` in a folder of somebody else runs nothing from there."""
    sorter = "sorter doctor --json --config /etc/sorter/config.yaml"
    _, text = target.machine.attempt(f"cd {HOSTILE} && {sorter}")
    expect_nothing_taken(target, "sorter doctor")
    for check in ("runtime", "model"):
        expect(f'"check": "{check}", "status": "ok"' in text, f"the check {check} does not work there:\n{text[-1500:]}")
    return "doctor and its children import their own packages"


def calibrate(target: InstallTarget) -> str:
    """``sudo sorter calibrate`` writes nothing through links in the state folder."""
    machine = target.machine
    machine.run("systemctl stop sorter && mkdir /srv/root-only && cp -a /etc/hostname /srv/root-only/victim")
    before = target.listing("/srv/root-only")
    machine.run("runuser -u sorter -- ln -s /srv/root-only /var/lib/sorter/calibrate")
    code, text = machine.attempt("printf '\\n\\ny\\n' | sorter calibrate reference --config /etc/sorter/config.yaml")
    after = target.listing("/srv/root-only")
    expect(after == before, f"calibrate wrote through a link: {sorted(after ^ before)}")
    expect(code != 0 and "Permission denied" in text, f"calibrate ends with {code}: {text[-1000:]}")
    machine.run("rm /var/lib/sorter/calibrate; rm -r /srv/root-only; systemctl start sorter", timeout_s=60)
    return text.strip().splitlines()[-1][:100]


def tampered_package(target: InstallTarget, newer: str) -> str:
    """A package whose hash is not in the lock is not installed."""
    machine = target.machine
    releases = machine.run("ls /opt/sorter/releases")
    machine.run(f"cp -r /srv/wheels {TAMPERED} && echo more >>$(echo {TAMPERED}/mdurl-*.whl)")
    (machine.root / "srv/pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {TAMPERED}\n")
    code, text = machine.attempt(f"PIP_CONFIG_FILE=/srv/pip.conf {newer}/systemd/install.sh", timeout_s=900)
    expect(code == 69, f"install.sh ends with {code} on a package that was changed: {text[-1000:]}")
    expect("hash" in text.lower() and "mdurl" in text, f"the package is not named: {text[-1500:]}")
    left = machine.run("ls /opt/sorter/releases")
    expect(left == releases, f"a refused package leaves {left.split()}; expected {releases.split()}")
    machine.run(f"rm -r {TAMPERED} /srv/pip.conf")
    return text.strip().splitlines()[-1][:100]


@dataclass(frozen=True)
class PlantedLinks:
    """What the service's user leaves before an upgrade that will fail.

    Attributes:
        logins: the listing of ``LOGINS`` before.
    """

    logins: frozenset[str]


def plant_links(target: InstallTarget, upgrade: str) -> PlantedLinks:
    """As the service's user, leave links where install.sh keeps and moves the event log, and where it locks."""
    machine = target.machine
    shown = machine.run(f"{upgrade}/systemd/install.sh --dry-run")
    release = next(word for word in shown.split() if word.startswith("/opt/sorter/releases/99.1")).split("/")[4]
    planted = (f"/var/lib/sorter/of-{release}", "/var/lib/sorter/events-before")
    script = "touch /var/lib/sorter/events.sqlite.sh && " + " && ".join(f"ln -sn {LOGINS} {link}" for link in planted)
    # Where the installer locks in a folder for everybody, its own file may be there already.
    script += f" && (ln -sn {LOGINS}/lock /run/lock/sorter-install || true)"
    machine.run(f"runuser -u sorter -- bash -c {shlex.quote(script)}")
    return PlantedLinks(frozenset(target.listing(LOGINS)))


def expect_links_unused(target: InstallTarget, links: PlantedLinks) -> None:
    """Check that root wrote nothing through the links, and remove what is left of them."""
    now = target.listing(LOGINS)
    expect(now == links.logins, f"root wrote through a link of the service's user: {sorted(now ^ links.logins)}")
    target.machine.run(
        "find /var/lib/sorter /run/lock -maxdepth 1 -type l -delete; rm -f /var/lib/sorter/events.sqlite.sh"
    )
