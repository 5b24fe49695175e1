"""The service: what systemd says of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge.doctor.finding import Finding, failure, not_applicable, ok, warning
from edge.doctor.host import Host

UNIT = "sorter.service"

PROPERTIES = (
    "LoadState",
    "UnitFileState",
    "ActiveState",
    "SubState",
    "MainPID",
    "NRestarts",
    "Result",
    "ExecMainStatus",
    "StatusText",
    "User",
    "SupplementaryGroups",
)

EXITS = {
    2: "wrong command line",
    65: "a model or picture cannot be used",
    66: "a file is missing",
    69: "a part of the bin is not available",
    70: "the program failed",
    74: "reading or writing failed",
    78: "the configuration cannot be used",
}
"""Exit codes of the bin, in words."""

JOURNAL = f"read 'journalctl -u {UNIT} -n 50'"


@dataclass(frozen=True, slots=True)
class SystemdUnit:
    """A unit as systemd knows it; all empty where there is no systemd."""

    installed: bool = False
    enabled: bool = False
    state: str = ""
    """``active``, ``inactive``, ``failed``, ``activating``, ..."""
    sub_state: str = ""
    pid: int = 0
    restarts: int = 0
    result: str = ""
    exit_code: int = 0
    status: str = ""
    """What the service says of itself."""
    user: str = ""
    groups: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        """Does it hold the bin's hardware, or is it about to?"""
        return self.state in ("active", "activating", "deactivating", "reloading") and self.sub_state != "auto-restart"


def read_unit(host: Host) -> SystemdUnit | None:
    """Ask systemd; None where there is none."""
    ran = host.run("systemctl", "show", UNIT, f"--property={','.join(PROPERTIES)}")
    if ran.code != 0:
        return None
    said = dict(line.partition("=")[::2] for line in ran.out.splitlines())

    def number(name: str) -> int:
        text = said.get(name, "")
        return int(text) if text.isdecimal() else 0

    return SystemdUnit(
        installed=said.get("LoadState") == "loaded",
        enabled=said.get("UnitFileState") == "enabled",
        state=said.get("ActiveState", ""),
        sub_state=said.get("SubState", ""),
        pid=number("MainPID"),
        restarts=number("NRestarts"),
        result=said.get("Result", ""),
        exit_code=number("ExecMainStatus"),
        status=said.get("StatusText", ""),
        user=said.get("User", "") or "root",
        groups=tuple(said.get("SupplementaryGroups", "").split()),
    )


def check_service(unit: SystemdUnit | None) -> Iterator[Finding]:
    """Is it installed, does it start with the machine, does it stay up?"""
    if unit is None:
        yield not_applicable("service", "no systemd answers")
        return
    if not unit.installed:
        yield not_applicable("service", f"{UNIT} is not installed (systemd/install.sh)")
        return
    last = f"last exit {unit.exit_code}"
    if unit.exit_code in EXITS:
        last += f": {EXITS[unit.exit_code]}"
    if unit.state == "failed":
        yield failure("service", f"failed ({unit.result}, {last})", f"{JOURNAL}; then 'sudo systemctl restart {UNIT}'")
    elif unit.sub_state == "auto-restart":
        found = f"it does not stay up ({unit.result}, {last}), {unit.restarts} restarts so far"
        yield failure("service", found, JOURNAL)
    elif not unit.runs:
        yield warning("service", f"{unit.state or 'not running'} ({last})", f"start it: 'sudo systemctl start {UNIT}'")
    elif unit.restarts:
        found = f"{unit.state}, after {unit.restarts} restarts ({last})"
        yield warning("service", found, f"{JOURNAL}, and look for what ended it")
    else:
        yield ok("service", f"{unit.state} (pid {unit.pid}){': ' if unit.status else ''}{unit.status}")
    if not unit.enabled:
        found = "it does not start with the machine"
        yield warning("service", found, f"'sudo systemctl enable {UNIT}'")
