"""Checks of what systemd does around the service: its log, the hardware watchdog, and the folders that it hides."""

from collections.abc import Iterator
from pathlib import Path

from edge.config.file import PATH_KEYS
from edge.config.schema import Config
from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, failure, not_applicable, ok, warning
from edge.doctor.systemd_unit import UNIT

INSTALLER = "/opt/sorter/current/install.sh"

HIDDEN = {"ProtectHome": ("/home", "/root", "/run/user"), "PrivateTmp": ("/tmp", "/var/tmp")}
"""Setting of the unit -> folders that the service does not see with it (systemd.exec(5))."""

HIDES = ("yes", "tmpfs", "connected", "disconnected")
"""Values with which such a setting hides them; an operator's drop-in may say ``no`` or ``read-only``."""

NOT_INSTALLED = f"{UNIT} is not installed"


def check_journal(context: CheckContext) -> Iterator[Finding]:
    """Check that the log survives a power cut: Raspberry Pi OS 13 keeps it in memory, to spare the card."""
    host = context.host
    if not _is_installed(context):
        yield not_applicable("journal", NOT_INSTALLED)
        return
    result = host.run("systemd-analyze", "cat-config", "systemd/journald.conf")
    if result.code != 0:
        yield not_applicable("journal", "systemd-analyze does not answer")
        return
    settings = dict(
        line.partition("=")[::2] for line in result.out.splitlines() if "=" in line and not line.startswith(("#", ";"))
    )
    storage = settings.get("Storage", "") or "auto"
    if storage == "persistent" or (storage == "auto" and host.paths("var/log/journal")):
        most = settings.get("SystemMaxUse", "")
        yield ok("journal", f"kept on the card, at most {most or '10 % of it, 4 GB'}")
    else:
        found = f"the log is lost at every restart (Storage={storage}): after a power cut nothing says what happened"
        yield warning("journal", found, f"'sudo {INSTALLER} --persistent-journal' keeps up to 100 MB on the card")


def check_watchdog(context: CheckContext) -> Iterator[Finding]:
    """Check that the board restarts by itself when its system hangs. A hung sorter is ended by systemd in any case."""
    host = context.host
    if not _is_installed(context):
        yield not_applicable("watchdog", NOT_INSTALLED)
        return
    if not host.paths("dev/watchdog*"):
        yield not_applicable("watchdog", "this machine has no hardware watchdog (/dev/watchdog)")
        return
    result = host.run("systemctl", "show", "--property=RuntimeWatchdogUSec")
    value = dict(line.partition("=")[::2] for line in result.out.splitlines()).get("RuntimeWatchdogUSec", "")
    if result.code != 0 or not value:
        yield not_applicable("watchdog", "systemd does not say whether it uses the hardware watchdog")
    elif value in ("0", "infinity"):
        found = "the hardware watchdog is off: a board whose system hangs stays like that until somebody pulls the plug"
        yield warning("watchdog", found, f"'sudo {INSTALLER} --watchdog'")
    else:
        yield ok("watchdog", f"the board restarts when its system hangs for {value}")


def check_hidden_files(context: CheckContext) -> Iterator[Finding]:
    """Check that the service sees every file that the configuration names: its sandbox hides the folders of the users."""
    config = context.config
    if config is None:
        yield not_applicable("hidden files", NO_CONFIG)
        return
    if not _is_installed(context):
        yield not_applicable("hidden files", NOT_INSTALLED)
        return
    result = context.host.run("systemctl", "show", UNIT, f"--property={','.join(HIDDEN)},InaccessiblePaths")
    settings = dict(line.partition("=")[::2] for line in result.out.splitlines())
    folders = [folder for name, places in HIDDEN.items() if settings.get(name) in HIDES for folder in places]
    folders += [path.lstrip("-+") for path in settings.get("InaccessiblePaths", "").split()]
    hidden = [(key, path) for key, path in _files(config) if any(path.is_relative_to(folder) for folder in folders)]
    for key, path in hidden:
        target = "/var/lib/sorter" if key.startswith(("event_log", "tray.memory", "teach")) else "/etc/sorter"
        found = f"{key} {path}: the service does not see what lies there (ProtectHome, PrivateTmp, InaccessiblePaths)"
        yield failure("hidden files", found, f"move it to {target}, and set {key} to {target}/{path.name}")
    if not hidden:
        yield ok("hidden files", "the service sees every folder that the configuration names")


def _files(config: Config) -> Iterator[tuple[str, Path]]:
    """Key and value of every path in the configuration."""
    for keys in PATH_KEYS:
        value: object = config
        for key in keys:
            value = None if value is None else getattr(value, key)  # a neighbour that is not configured has no files
        if isinstance(value, Path):
            yield ".".join(keys), value.resolve()


def _is_installed(context: CheckContext) -> bool:
    return context.unit is not None and context.unit.installed
