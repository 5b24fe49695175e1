"""The examination: every check, in the order in which trouble is best cured."""

import logging
from collections.abc import Callable, Iterator

from edge.doctor.camera import check_camera
from edge.doctor.check_context import CheckContext
from edge.doctor.clock import check_clock
from edge.doctor.configuration import check_config
from edge.doctor.disk import check_file_system, check_space, check_wear
from edge.doctor.finding import Finding, failure, warning
from edge.doctor.gpio import check_gpio, check_overlays, check_pwm
from edge.doctor.i2c import check_i2c
from edge.doctor.model import check_coral, check_model, check_runtime
from edge.doctor.packages import check_packages, check_python
from edge.doctor.permissions import check_groups, check_permissions
from edge.doctor.power import check_power, check_temperature
from edge.doctor.systemd_unit import check_service

log = logging.getLogger(__name__)

Check = Callable[[CheckContext], Iterator[Finding]]

CHECKS: dict[str, Check] = {
    "python": lambda subject: check_python(subject.host),
    "packages": lambda subject: check_packages(subject.host),
    "runtime": check_runtime,
    "config": check_config,
    "model": check_model,
    "coral": check_coral,
    "camera": check_camera,
    "groups": check_groups,
    "permissions": check_permissions,
    "pin conflicts": check_overlays,
    "pins": check_gpio,
    "hardware PWM": check_pwm,
    "i2c": check_i2c,
    "power": lambda subject: check_power(subject.host),
    "temperature": lambda subject: check_temperature(subject.host),
    "disk space": check_space,
    "file system": check_file_system,
    "disk wear": check_wear,
    "clock": lambda subject: check_clock(subject.host),
    "service": lambda subject: check_service(subject.unit),
}
"""Name -> check; every check finds at least one thing."""


def run_checks(subject: CheckContext, *, on_check: Callable[[str], None] = lambda name: None) -> Iterator[Finding]:
    """Run every check.

    Args:
        subject: what is examined.
        on_check: called with the name of each before it begins.
    """
    for name, check in CHECKS.items():
        on_check(name)
        try:
            yield from check(subject)
        except PermissionError as error:
            yield warning(name, f"{error.filename or error} cannot be looked at", "run it with sudo")
        except Exception as error:
            # A machine can be broken in ways that nobody foresaw: the other checks still tell something.
            log.debug("check %s", name, exc_info=True)
            found = f"the check itself fails: {type(error).__name__}: {error}"
            yield failure(name, found, "run it with --debug and report what it says")
