"""Steps: a newer release comes, and may fail."""

from tests.service.install_target import Site
from tests.service.service import expect

OWN = "# a note of the operator\n"


def killed(site: Site, newer: str) -> str:
    """An upgrade that dies half-way, as when the plug is pulled: the old release is still the one in use, and runs."""
    before = _state(site)
    _break_off(site, newer, "KILL")
    after = _state(site)
    expect(after["releases"] != before["releases"], "nothing is left of the new release: it was not half-way")
    expect(after | {"releases": ""} == before | {"releases": ""}, f"a killed install left {after}; expected {before}")
    return "the old release runs on"


def broken_off(site: Site, newer: str) -> str:
    """The same again, with Ctrl-C half-way: it begins anew, and takes away what it made."""
    before = _state(site)
    code = _break_off(site, newer, "INT")
    after = _state(site)
    expect(code == "130", f"an interrupted install ends with {code}; expected 130")
    expect(
        len(after["releases"].split()) == 1,
        f"an interrupted install left {after['releases'].split()}; expected one release",
    )
    expect(
        after | {"releases": ""} == before | {"releases": ""}, f"an interrupted install left {after}; expected {before}"
    )
    return "the old release runs on, nothing is left of the new one"


def _break_off(site: Site, newer: str, signal: str) -> str:
    """Send a signal while pip fills the new release; the exit code of install.sh."""
    packages = "/opt/sorter/releases/99.*/venv/lib/*/site-packages"
    script = (
        f"set -m; {newer}/systemd/install.sh >/tmp/install.log 2>&1 & "
        # What is left of an install before this one is away once pip alone is there.
        f"until ls -d {packages}/pip && ! ls -d {packages}/numpy; do sleep 0.05; done >/dev/null 2>&1; "
        f"until ls -d {packages}/numpy; do sleep 0.05; done >/dev/null 2>&1; "
        f"kill -{signal} -- -$!; wait $!; echo $?"
    )
    return site.machine.run(script, timeout_s=300).strip()


def no_network(site: Site, newer: str) -> str:
    """An upgrade without a network says so, and leaves all as it was."""
    before = _state(site)
    nowhere = "PIP_CONFIG_FILE=/dev/null PIP_INDEX_URL=http://127.0.0.1:9/ PIP_RETRIES=0"
    code, text = site.machine.attempt(f"{nowhere} {newer}/systemd/install.sh")
    expect(code == 69, f"without a network install.sh ends with {code}; expected 69")
    expect("network" in text.splitlines()[-1], f"the last line does not say that it is the network: {text[-500:]}")
    expect(_state(site) == before, f"a failed install left {_state(site)}; expected {before}")
    return text.splitlines()[-1]


def unreadable_config(site: Site, newer: str) -> str:
    """A configuration that the new release does not accept is found before the old one stops."""
    before = _state(site)
    kept = site.service.configure("  fps: 15 ", "  fps: 1500 ")
    try:
        code, text = site.machine.attempt(f"{newer}/systemd/install.sh", timeout_s=900)
    finally:
        site.service.config = kept
    expect(code == 1, f"install.sh ends with {code}; expected 1")
    expect("camera.fps" in text, f"the key camera.fps is not named: {text[-500:]}")
    expect(_state(site)["pid"] == before["pid"], "the old release was stopped")
    return "refused, the old release runs on"


def upgrade(site: Site, newer: str) -> str:
    """A newer release takes over, with the operator's configuration and all data."""
    service = site.service
    service.config = OWN + service.config
    config, events = service.config, len(service.query("SELECT * FROM event"))
    old = _state(site)["release"]
    site.machine.run(f"{newer}/systemd/install.sh", timeout_s=900)
    new = _state(site)["release"]
    expect(new != old and "99.0" in new, f"the release in use is {new}")
    expect(service.config == config, "the upgrade changed /etc/sorter/config.yaml")
    expect(
        (site.machine.root / "etc/sorter/config.yaml.new").exists(), "there is no new default beside the configuration"
    )
    kept = len(service.query("SELECT * FROM event"))
    expect(kept >= events, f"of {events} events {kept} are left")
    service.wait_for_item()
    return f"{old} -> {new}, {kept} events kept"


def roll_back(site: Site, never_ready: str) -> str:
    """A release that never becomes ready: the one before it comes back, with its unit and its event log, and sorts."""
    service = site.service
    before, unit, layout = _state(site), service.show("TimeoutStartUSec"), service.query("PRAGMA user_version")
    events = len(service.query("SELECT * FROM event"))
    code, text = site.machine.attempt(f"{never_ready}/systemd/install.sh", timeout_s=900)
    expect(code == 1, f"install.sh ends with {code} when the new release does not become ready; expected 1")
    expect("journalctl --unit sorter" in text, f"the error does not say where the log is: {text[-500:]}")
    expect("either" not in text, f"the old release is said to fail, too: {text[-500:]}")
    after = _state(site)
    expect(
        after["release"] == before["release"], f"the release in use is {after['release']}; expected {before['release']}"
    )
    expect(after["state"] == "active", f"the old release is {after['state']}")
    expect(service.show("TimeoutStartUSec") == unit, "the unit of the failed release is still in use")
    aside = site.machine.run("ls /var/lib/sorter/of-*/events.sqlite").split()
    expect(len(aside) == 1, "the failed release did not lay the event log out anew, so that nothing is shown here")
    expect(service.query("PRAGMA user_version") == layout, "the event log is not laid out as before")
    kept = len(service.query("SELECT * FROM event"))
    expect(kept >= events, f"of {events} events {kept} are left")
    service.wait_for_item()
    return f"back on {after['release']} with its event log, sorting"


def _state(site: Site) -> dict[str, str]:
    """What an upgrade that fails must not change."""
    return {
        "release": site.machine.run("readlink /opt/sorter/current").strip(),
        "releases": site.machine.run("ls /opt/sorter/releases"),
        "state": site.service.show("ActiveState"),
        "pid": str(site.service.pid),
    }
