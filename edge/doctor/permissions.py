"""Checks of the groups and device permissions of the service's user."""

from collections.abc import Iterator

from edge.config.schema import Config
from edge.doctor.camera import camera_devices
from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, failure, not_applicable, ok, warning
from edge.wiring.used_pins import i2c_devices, pins, pwm_channels


def check_groups(context: CheckContext) -> Iterator[Finding]:
    """Check membership in the groups that own the devices on Debian and Raspberry Pi OS."""
    config, host, user = context.config, context.host, context.user
    if config is None:
        yield not_applicable("groups", NO_CONFIG)
        return
    needed = list(_groups(context, config))
    if not needed:
        yield not_applicable("groups", "the configuration needs no device")
        return
    known = {group: gid for group in needed if (gid := host.gid(group)) is not None}
    if len(known) < len(needed):
        unknown = ", ".join(group for group in needed if group not in known)
        advice = "systemd/install.sh creates it and assigns the devices to it"
        yield warning("groups", f"this system has no group {unknown}", advice)
    missing = [group for group, gid in known.items() if gid not in user.gids and user.uid != 0]
    if missing:
        advice = f"'sudo usermod -aG {','.join(missing)} {user.name}', then {_reload(context)}"
        yield failure("groups", f"{user.name} is not in {', '.join(missing)}", advice)
    elif user.uid == 0:
        yield ok("groups", "root needs no group")
    elif known:
        yield ok("groups", f"{user.name} is in {', '.join(known)}")


def check_permissions(context: CheckContext) -> Iterator[Finding]:
    """Check that the user may read and write every device that the configuration needs."""
    config, host, user = context.config, context.host, context.user
    if config is None:
        yield not_applicable("permissions", NO_CONFIG)
        return
    devices = [path for pattern in _patterns(config) for path in host.paths(pattern)]
    devices += camera_devices(host, config) or ()
    if not devices:
        yield not_applicable("permissions", "none of the devices that the configuration needs is present")
        return
    barred = [path for path in devices if not user.may_use(path)]
    for path in barred:
        stat, name = path.stat(), f"/{path.relative_to(host.root)}"
        group, mode = host.group(stat.st_gid), stat.st_mode & 0o777
        found = f"{user.name} may not use {name} (group {group}, mode {mode:o})"
        by_group = mode & 0o060 == 0o060 and stat.st_gid != 0
        join_group = f"'sudo usermod -aG {group} {user.name}', then {_reload(context)}"
        advice = join_group if by_group else f"assign {name} to a group by a udev rule, as Raspberry Pi OS does"
        yield failure("permissions", found, advice)
    if not barred:
        yield ok(
            "permissions", f"{user.name} may use {', '.join(f'/{path.relative_to(host.root)}' for path in devices)}"
        )


def _groups(context: CheckContext, config: Config) -> Iterator[str]:
    if config.camera.kind == "picamera2" or camera_devices(context.host, config) is not None:
        yield "video"
    if pins(config) or any(pwm_channels(config)):
        yield "gpio"
    if any(i2c_devices(config)):
        yield "i2c"
    if config.model.delegate is not None:
        yield "plugdev"


def _patterns(config: Config) -> Iterator[str]:
    if pins(config):
        yield "dev/gpiochip*"
    for bus in sorted({claim.number for _, _, claim in i2c_devices(config)}):
        yield f"dev/i2c-{bus}"
    for chip in sorted({"*" if claim.chip is None else str(claim.chip) for _, claim in pwm_channels(config)}):
        yield f"sys/class/pwm/pwmchip{chip}/export"


def _reload(context: CheckContext) -> str:
    """What makes a new group take effect."""
    return "restart the service" if context.unit is not None and context.unit.installed else "log in again"
