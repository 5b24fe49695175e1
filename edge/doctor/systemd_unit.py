"""Check of the service: its state as systemd reports it."""

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
    70: "the program failed unexpectedly",
    74: "reading or writing failed",
    78: "the configuration cannot be used",
}
"""Exit code of ``sorter run`` -> its meaning (edge/errors.py)."""

JOURNAL = f"read 'journalctl -u {UNIT} -n 50'"


@dataclass(frozen=True, slots=True)
class SystemdUnit:
    """State of a unit, as systemd reports it.

    Attributes:
        installed: whether the unit is loaded.
        enabled: whether it starts with the machine.
        state: ``active``, ``inactive``, ``failed``, ``activating``, ...
        sub_state: ``running``, ``dead``, ``auto-restart``, ...
        pid: its main process; 0: none.
        restarts: number of automatic restarts.
        result: how it ended last, e.g. ``exit-code``.
        exit_code: exit code of its last end.
        status: the status line that the service reports.
        user, groups: user and supplementary groups of the service.
    """

    installed: bool = False
    enabled: bool = False
    state: str = ""
    sub_state: str = ""
    pid: int = 0
    restarts: int = 0
    result: str = ""
    exit_code: int = 0
    status: str = ""
    user: str = ""
    groups: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether it holds the bin's hardware, or is about to."""
        return self.state in ("active", "activating", "deactivating", "reloading") and self.sub_state != "auto-restart"


def read_unit(host: Host) -> SystemdUnit | None:
    """Read the state of the unit from systemd; None where systemd does not answer."""
    result = host.run("systemctl", "show", UNIT, f"--property={','.join(PROPERTIES)}")
    if result.code != 0:
        return None
    properties = dict(line.partition("=")[::2] for line in result.out.splitlines())

    def number(name: str) -> int:
        text = properties.get(name, "")
        return int(text) if text.isdecimal() else 0

    return SystemdUnit(
        installed=properties.get("LoadState") == "loaded",
        enabled=properties.get("UnitFileState") == "enabled",
        state=properties.get("ActiveState", ""),
        sub_state=properties.get("SubState", ""),
        pid=number("MainPID"),
        restarts=number("NRestarts"),
        result=properties.get("Result", ""),
        exit_code=number("ExecMainStatus"),
        status=properties.get("StatusText", ""),
        user=properties.get("User", "") or "root",
        groups=tuple(properties.get("SupplementaryGroups", "").split()),
    )


def check_service(unit: SystemdUnit | None) -> Iterator[Finding]:
    """Check that the service is installed, enabled and stays up."""
    if unit is None:
        yield not_applicable("service", "systemd does not answer")
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
        yield warning("service", found, f"{JOURNAL}, and look for the reason")
    else:
        yield ok("service", f"{unit.state} (pid {unit.pid}){': ' if unit.status else ''}{unit.status}")
    if not unit.enabled:
        found = "it does not start with the machine"
        yield warning("service", found, f"'sudo systemctl enable {UNIT}'")
