"""Check of the wall clock: a Raspberry Pi loses the time when it is switched off."""

from collections.abc import Iterator

from edge.doctor.finding import Finding, not_applicable, ok, warning
from edge.doctor.host import Host


def check_clock(host: Host) -> Iterator[Finding]:
    """Check that the network sets the clock. Only the records need it; the bin sorts by the monotonic clock."""
    result = host.run("timedatectl", "show")
    if result.code != 0:
        yield not_applicable("clock", "timedatectl is not available")
        return
    properties = dict(line.partition("=")[::2] for line in result.out.splitlines())
    zone = properties.get("Timezone", "?")
    if properties.get("NTPSynchronized") == "yes":
        yield ok("clock", f"synchronized, {zone}")
    elif properties.get("NTP") == "yes":
        advice = "check the network; times of events are marked with a question mark until the clock is set"
        yield warning("clock", f"not synchronized yet, {zone}", advice)
    else:
        advice = "'sudo timedatectl set-ntp true', or fit a real-time clock module"
        yield warning("clock", f"not synchronized by the network, {zone}", advice)
