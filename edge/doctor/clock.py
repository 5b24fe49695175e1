"""The wall clock: is it set by the network? A Raspberry Pi forgets the time when it is switched off."""

from collections.abc import Iterator

from edge.doctor.finding import Finding, not_applicable, ok, warning
from edge.doctor.host import Host


def check_clock(host: Host) -> Iterator[Finding]:
    """The bin sorts by a clock of its own; it is the records that need the right time."""
    ran = host.run("timedatectl", "show")
    if ran.code != 0:
        yield not_applicable("clock", "no timedatectl answers")
        return
    said = dict(line.partition("=")[::2] for line in ran.out.splitlines())
    zone = said.get("Timezone", "?")
    if said.get("NTPSynchronized") == "yes":
        yield ok("clock", f"synchronized, {zone}")
    elif said.get("NTP") == "yes":
        advice = "is there a network? Records carry a question mark until the clock is set"
        yield warning("clock", f"not synchronized yet, {zone}", advice)
    else:
        yield warning("clock", f"nothing sets it, {zone}", "'sudo timedatectl set-ntp true', or fit a clock module")
