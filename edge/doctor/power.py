"""Checks of the power supply and the temperature."""

from collections.abc import Iterator

from edge.board import board_name, parse_throttled, temperature_c
from edge.doctor.finding import Finding, failure, not_applicable, ok, warning
from edge.doctor.host import Host

WARM_C, HOT_C = 70.0, 80.0
"""Degrees Celsius. A Raspberry Pi throttles from 80 on; the 10 degrees of margin are for a hot summer day."""

SUPPLY = "use the board's own supply and a short cable, and power the servos from a separate supply"
COOLING = "fit a heat sink or a fan, and let air through"


def check_power(host: Host) -> Iterator[Finding]:
    """Check the under-voltage and throttling that the firmware reports, now and since the start."""
    conditions = _throttled(host)
    if conditions is None:
        yield _kernel_alarm(host)
        return
    now = [condition for condition in conditions if condition.endswith("now")]
    since = [condition for condition in conditions if not condition.endswith("now")]
    if "under-voltage now" in now:
        yield failure("power", ", ".join(conditions), SUPPLY)
    elif now:
        yield warning("power", ", ".join(conditions), COOLING)
    elif "under-voltage since start" in since:
        yield warning("power", ", ".join(since), SUPPLY)
    elif since:
        yield warning("power", ", ".join(since), COOLING)
    else:
        yield ok("power", "no under-voltage and no throttling since start")


def check_temperature(host: Host) -> Iterator[Finding]:
    """Check the temperature of the processor."""
    found = temperature_c(host.root)
    if found is None:
        yield not_applicable("temperature", "no sensor")
    elif found >= HOT_C:
        yield failure("temperature", f"{found:.0f} °C: the processor is throttled", COOLING)
    elif found >= WARM_C:
        yield warning("temperature", f"{found:.0f} °C; it is throttled from {HOT_C:.0f} °C on", COOLING)
    else:
        yield ok("temperature", f"{found:.0f} °C")


def _throttled(host: Host) -> list[str] | None:
    result = host.run("vcgencmd", "get_throttled")
    if result.code == 0:
        return parse_throttled(result.out)
    # Without the tool, the firmware's driver gives the same bits.
    text = host.text("sys/devices/platform/soc/soc:firmware/get_throttled")
    return None if text is None else parse_throttled(f"throttled={text}")


def _kernel_alarm(host: Host) -> Finding:
    """The kernel's own under-voltage alarm, where the firmware does not report."""
    for folder in host.paths("sys/class/hwmon/hwmon*"):
        name = folder.relative_to(host.root)
        if host.text(f"{name}/name") != "rpi_volt":
            continue
        if host.text(f"{name}/in0_lcrit_alarm") == "1":
            return failure("power", "under-voltage", SUPPLY)
        return ok("power", "no under-voltage now")
    return not_applicable("power", f"{board_name(host.root)} does not report its supply")
