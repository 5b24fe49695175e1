"""Check of the I2C bus and of every configured device on it."""

import errno
from collections.abc import Iterator

from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, failure, not_applicable, ok
from edge.wiring.used_pins import free_pins, i2c_devices
from hardware.missing_bus import how_to_get_bus


def check_i2c(context: CheckContext) -> Iterator[Finding]:
    """Read a byte from every device, unless the service uses them."""
    config, host = context.config, context.host
    if config is None:
        yield not_applicable("i2c", NO_CONFIG)
        return
    devices = list(i2c_devices(config))
    if not devices:
        yield not_applicable("i2c", "the configuration uses no I2C device")
    # A board drives several flaps, but is checked once.
    asked = {(claim.number, claim.address): (key, kind, claim.wakes_at) for key, kind, claim in reversed(devices)}
    for (bus, address), (key, kind, wakes_at) in sorted(asked.items()):
        path, what = host.root / f"dev/i2c-{bus}", f"{kind} at {address:#04x} on bus {bus}"
        if not path.exists():
            advice = how_to_get_bus(bus, pins=free_pins(config))
            yield failure("i2c", f"{key}.bus: there is no /dev/i2c-{bus}", f"{advice}; 'ls /dev/i2c-*' shows the buses")
            continue
        if context.running:
            yield ok("i2c", f"{what}: in use by the service, not checked")
            continue
        try:
            # One that its driver has not given its address yet answers where it wakes up.
            answers = host.answers(path, address) or (wakes_at is not None and host.answers(path, wakes_at))
        except PermissionError:
            yield failure("i2c", f"{key}: no access to /dev/i2c-{bus}", "see the line 'permissions'")
        except OSError as error:
            held = error.errno == errno.EBUSY
            problem = "is held by a kernel driver" if held else f"cannot be reached: {error}"
            advice = "remove its overlay from /boot/firmware/config.txt" if held else "see 'dmesg'"
            yield failure("i2c", f"{key}.address: {what} {problem}", advice)
        else:
            if answers:
                yield ok("i2c", f"{what} answers")
            else:
                advice = f"check power, SDA, SCL and the address: 'sudo i2cdetect -y {bus}' lists what answers"
                yield failure("i2c", f"{key}.address: {what} does not answer", advice)
