"""All checks, in the order in which problems are best solved."""

import logging
from collections.abc import Callable, Iterable, Iterator

from edge.doctor.camera import check_camera
from edge.doctor.check_context import CheckContext
from edge.doctor.clock import check_clock
from edge.doctor.configuration import check_config
from edge.doctor.disk import check_file_system, check_space, check_wear
from edge.doctor.event_log import check_event_log
from edge.doctor.finding import Finding, failure, warning
from edge.doctor.gpio import check_boot_levels, check_gpio, check_overlays, check_pwm
from edge.doctor.head import check_taught_head
from edge.doctor.i2c import check_i2c
from edge.doctor.model import check_coral, check_model, check_runtime
from edge.doctor.network_link import check_link
from edge.doctor.packages import check_packages, check_python
from edge.doctor.permissions import check_groups, check_permissions
from edge.doctor.power import check_power, check_temperature
from edge.doctor.service_surroundings import check_hidden_files, check_journal, check_watchdog
from edge.doctor.strong_flaps import check_lid
from edge.doctor.systemd_unit import check_service

log = logging.getLogger(__name__)

Check = Callable[[CheckContext], Iterator[Finding]]

CHECKS: dict[str, Check] = {
    "python": lambda context: check_python(context.host),
    "packages": lambda context: check_packages(context.host),
    "runtime": check_runtime,
    "config": check_config,
    "lid": check_lid,
    "model": check_model,
    "taught head": check_taught_head,
    "coral": check_coral,
    "camera": check_camera,
    "groups": check_groups,
    "permissions": check_permissions,
    "pin conflicts": check_overlays,
    "pins": check_gpio,
    "pins at boot": check_boot_levels,
    "hardware PWM": check_pwm,
    "i2c": check_i2c,
    "power": lambda context: check_power(context.host),
    "temperature": lambda context: check_temperature(context.host),
    "disk space": check_space,
    "file system": check_file_system,
    "disk wear": check_wear,
    "event log": check_event_log,
    "link": check_link,
    "clock": lambda context: check_clock(context.host),
    "service": lambda context: check_service(context.unit),
    "hidden files": check_hidden_files,
    "journal": check_journal,
    "watchdog": check_watchdog,
}
"""Name -> check. Every check yields at least one finding."""


def run_checks(
    context: CheckContext, *, names: Iterable[str] = tuple(CHECKS), on_check: Callable[[str], None] = lambda name: None
) -> Iterator[Finding]:
    """Run checks; one that fails unexpectedly becomes a finding.

    Args:
        context: passed to every check.
        names: of the checks.
        on_check: called with the name of each check before it begins.
    """
    for name in names:
        on_check(name)
        try:
            yield from CHECKS[name](context)
        except PermissionError as error:
            yield warning(name, f"{error.filename or error} cannot be read", "run it with sudo")
        except Exception as error:
            # A machine can be broken in unforeseen ways: the other checks are still useful.
            log.debug("check %s", name, exc_info=True)
            found = f"the check itself fails: {type(error).__name__}: {error}"
            yield failure(name, found, "run it with --debug and report its output")
