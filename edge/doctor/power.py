"""Power and heat: does the supply hold, and is the board cool enough?"""

from collections.abc import Iterator

from edge.board import board_name, parse_throttled, temperature_c
from edge.doctor.finding import Finding, failure, not_applicable, ok, warning
from edge.doctor.host import Host

WARM_C, HOT_C = 70.0, 80.0
"""A Raspberry Pi slows down from 80 degrees Celsius on; in summer it is ten warmer than today."""

SUPPLY = "use the board's own supply and a short cable, and feed the servos from a supply of their own"
COOLING = "give it a heat sink or a fan, and air"


def check_power(host: Host) -> Iterator[Finding]:
    """What the firmware says of its supply, now and since start."""
    said = _throttled(host)
    if said is None:
        yield _kernel_says(host)
        return
    now = [words for words in said if words.endswith("now")]
    since = [words for words in said if not words.endswith("now")]
    if "under-voltage now" in now:
        yield failure("power", ", ".join(said), SUPPLY)
    elif now:
        yield warning("power", ", ".join(said), COOLING)
    elif "under-voltage since start" in since:
        yield warning("power", ", ".join(since), SUPPLY)
    elif since:
        yield warning("power", ", ".join(since), COOLING)
    else:
        yield ok("power", "no under-voltage and no throttling since start")


def check_temperature(host: Host) -> Iterator[Finding]:
    """How warm is it now?"""
    found = temperature_c(host.root)
    if found is None:
        yield not_applicable("temperature", "no sensor")
    elif found >= HOT_C:
        yield failure("temperature", f"{found:.0f} °C: the processor slows down", COOLING)
    elif found >= WARM_C:
        yield warning("temperature", f"{found:.0f} °C; it slows down from {HOT_C:.0f} °C on", COOLING)
    else:
        yield ok("temperature", f"{found:.0f} °C")


def _throttled(host: Host) -> list[str] | None:
    ran = host.run("vcgencmd", "get_throttled")
    if ran.code == 0:
        return parse_throttled(ran.out)
    # Without the tool: the same bits, as the firmware's driver shows them.
    text = host.text("sys/devices/platform/soc/soc:firmware/get_throttled")
    return None if text is None else parse_throttled(f"throttled={text}")


def _kernel_says(host: Host) -> Finding:
    """The kernel's own under-voltage alarm, where nothing else tells."""
    for folder in host.paths("sys/class/hwmon/hwmon*"):
        name = folder.relative_to(host.root)
        if host.text(f"{name}/name") != "rpi_volt":
            continue
        if host.text(f"{name}/in0_lcrit_alarm") == "1":
            return failure("power", "under-voltage", SUPPLY)
        return ok("power", "no under-voltage now")
    return not_applicable("power", f"{board_name(host.root)} does not tell of its supply")
