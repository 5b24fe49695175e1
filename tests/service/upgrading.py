"""Steps: upgrades to a newer release, successful and failed ones."""

from tests.service import attacks
from tests.service.install_target import InstallTarget
from tests.service.service import expect

NOTE = "# a note of the operator\n"

NOWHERE = "http://127.0.0.1:9/"
"""A package index that does not answer."""


def killed(target: InstallTarget, newer: str) -> str:
    """An upgrade that is killed half-way, as by a power cut: the old release stays in use and runs."""
    before = _state(target)
    _interrupt(target, newer, "KILL")
    after = _state(target)
    expect(after["releases"] != before["releases"], "nothing is left of the new release: it was not killed half-way")
    expect(after | {"releases": ""} == before | {"releases": ""}, f"a killed install left {after}; expected {before}")
    return "the old release keeps running"


def interrupted(target: InstallTarget, newer: str) -> str:
    """An upgrade after a killed one, ended with Ctrl-C half-way: it starts over, and removes what it made."""
    before = _state(target)
    code = _interrupt(target, newer, "INT")
    after = _state(target)
    expect(code == "130", f"an interrupted install ends with {code}; expected 130")
    expect(
        len(after["releases"].split()) == 1,
        f"an interrupted install left {after['releases'].split()}; expected one release",
    )
    expect(
        after | {"releases": ""} == before | {"releases": ""}, f"an interrupted install left {after}; expected {before}"
    )
    return "the old release keeps running, nothing is left of the new one"


def _interrupt(target: InstallTarget, newer: str, signal: str) -> str:
    """Send a signal while pip fills the new release; the exit code of install.sh."""
    packages = "/opt/sorter/releases/99.*/venv/lib/*/site-packages"
    script = (
        f"set -m; {newer}/systemd/install.sh >/tmp/install.log 2>&1 & "
        # Once only pip is there, the remains of a previous install have been removed.
        f"until ls -d {packages}/pip && ! ls -d {packages}/numpy; do sleep 0.05; done >/dev/null 2>&1; "
        f"until ls -d {packages}/numpy; do sleep 0.05; done >/dev/null 2>&1; "
        f"kill -{signal} -- -$!; wait $!; echo $?"
    )
    return target.machine.run(script, timeout_s=300).strip()


def no_network(target: InstallTarget, newer: str) -> str:
    """An upgrade without a network reports it and changes nothing."""
    before = _state(target)
    nowhere = f"PIP_CONFIG_FILE=/dev/null PIP_INDEX_URL={NOWHERE} PIP_RETRIES=0"
    code, text = target.machine.attempt(f"{nowhere} {newer}/systemd/install.sh")
    expect(code == 69, f"without a network install.sh ends with {code}; expected 69")
    expect("network" in text.splitlines()[-1], f"the last line does not mention the network: {text[-500:]}")
    expect(_state(target) == before, f"a failed install left {_state(target)}; expected {before}")
    return text.splitlines()[-1]


def unreadable_config(target: InstallTarget, newer: str) -> str:
    """From a folder of wheels alone; a configuration that the new release refuses is found before the old one is stopped."""
    before = _state(target)
    kept = target.service.configure("  fps: 15 ", "  fps: 1500 ")
    try:
        # Here pip runs: the upgrade that follows finds this release built.
        install = f"PIP_CONFIG_FILE=/dev/null PIP_INDEX_URL={NOWHERE} {newer}/systemd/install.sh --offline /srv/wheels"
        code, text = target.machine.attempt(f"cd {attacks.HOSTILE} && {install}", timeout_s=900)
    finally:
        target.service.config = kept
    attacks.expect_nothing_taken(target, "install.sh")
    expect(code == 1, f"install.sh ends with {code}; expected 1")
    expect("camera.fps" in text, f"the key camera.fps is not named: {text[-500:]}")
    expect(_state(target)["pid"] == before["pid"], "the old release was stopped")
    return "refused, the old release keeps running"


def upgrade(target: InstallTarget, newer: str) -> str:
    """A newer release takes over the operator's configuration and all data."""
    service = target.service
    service.config = NOTE + service.config
    config, events = service.config, len(service.query("SELECT * FROM event"))
    old = _state(target)["release"]
    said = target.machine.run(f"cd {attacks.HOSTILE} && {newer}/systemd/install.sh", timeout_s=900)
    attacks.expect_nothing_taken(target, "install.sh")
    new = _state(target)["release"]
    expect(new != old and "99.0" in new, f"the release in use is {new}")
    expect(service.config == config, "the upgrade changed /etc/sorter/config.yaml")
    merged = (target.machine.root / "etc/sorter/config.yaml.new").read_text()
    expect(
        merged == config.replace("  fps: 15 ", "  fps: 14 "),
        "config.yaml.new is not the operator's with the new default",
    )
    expect("camera.fps: 15 -> 14" in said, f"the changed default is not told:\n{said[-1000:]}")
    kept = len(service.query("SELECT * FROM event"))
    expect(kept >= events, f"of {events} events {kept} are left")
    service.wait_for_item()
    return f"{old} -> {new}, {kept} events kept"


def return_and_come_back(target: InstallTarget) -> str:
    """``--rollback`` returns to the release before, with all events, and once more to the one that it came from."""
    service = target.service
    newer = _state(target)["release"]
    before = target.machine.run("readlink /opt/sorter/previous").strip()
    for wanted in (before, newer):
        events = len(service.query("SELECT * FROM event"))
        target.machine.run(f"cd {attacks.HOSTILE} && /opt/sorter/current/install.sh --rollback", timeout_s=300)
        attacks.expect_nothing_taken(target, "install.sh --rollback")
        after = _state(target)
        expect(after["release"] == wanted, f"the release in use is {after['release']}; expected {wanted}")
        expect(after["state"] == "active", f"the service is {after['state']}")
        kept = len(service.query("SELECT * FROM event"))
        expect(kept >= events, f"of {events} events {kept} are left")
        service.wait_for_item()
    return f"{newer} -> {before} -> {newer}"


def roll_back(target: InstallTarget, never_ready: str) -> str:
    """A release that never becomes ready: the previous one is restored with its unit and event log, and sorts."""
    service = target.service
    before, unit, layout = _state(target), service.show("TimeoutStartUSec"), service.query("PRAGMA user_version")
    events = len(service.query("SELECT * FROM event"))
    links = attacks.plant_links(target, never_ready)
    code, text = target.machine.attempt(f"{never_ready}/systemd/install.sh", timeout_s=900)
    expect(code == 1, f"install.sh ends with {code} when the new release does not become ready; expected 1")
    expect("journalctl --unit sorter" in text, f"the error does not name the log: {text[-500:]}")
    expect("either" not in text, f"the old release is reported to fail, too: {text[-500:]}")
    after = _state(target)
    expect(
        after["release"] == before["release"], f"the release in use is {after['release']}; expected {before['release']}"
    )
    expect(after["state"] == "active", f"the old release is {after['state']}")
    expect(service.show("TimeoutStartUSec") == unit, "the unit of the failed release is still in use")
    attacks.expect_links_unused(target, links)
    aside = target.machine.run("ls /var/lib/sorter/of-*/events.sqlite").split()
    expect(len(aside) == 1, "the failed release did not change the layout of the event log, so this step tests nothing")
    expect(service.query("PRAGMA user_version") == layout, "the event log does not have its previous layout")
    kept = len(service.query("SELECT * FROM event"))
    expect(kept >= events, f"of {events} events {kept} are left")
    service.wait_for_item()
    return f"back on {after['release']} with its event log, sorting"


def _state(target: InstallTarget) -> dict[str, str]:
    """State that a failed upgrade must not change."""
    return {
        "release": target.machine.run("readlink /opt/sorter/current").strip(),
        "releases": target.machine.run("ls /opt/sorter/releases"),
        "state": target.service.show("ActiveState"),
        "pid": str(target.service.pid),
    }
