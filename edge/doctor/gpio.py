"""Checks of the pins: GPIO chip, lines in use, lines that config.txt assigns, PWM channels."""

from collections.abc import Iterator

from edge.board import board_name
from edge.config.schema import Config
from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, failure, from_error, not_applicable, ok, warning
from edge.doctor.host import Host
from edge.doctor.overlays import taken_pins
from edge.doctor.probe_answers import PinAnswer, ProbeFailure
from edge.wiring.used_pins import pins, pwm_channels
from hardware.section import PULLED_UP_AT_BOOT, GpioClaim

CONFIG_TXT = ("boot/firmware/config.txt", "boot/config.txt")

LGPIO_USER = "lg"
"""Name under which lgpio holds a line."""

HEADER_PWM = ("1f00098000.pwm", "20c000.pwm")
"""Device name of the PWM controller behind the header: on a Raspberry Pi 5, and on earlier ones. The Raspberry Pi 5 has
another one for its fan."""

ENABLE_PWM = "add 'dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4' to /boot/firmware/config.txt and restart"


def check_gpio(context: CheckContext) -> Iterator[Finding]:
    """Check that the header's GPIO chip exists and that the configured lines are free."""
    config = context.config
    if config is None:
        yield not_applicable("pins", NO_CONFIG)
        return
    wanted = pins(config)
    if not wanted:
        yield not_applicable("pins", _no_pins(config))
        return
    if not context.host.paths("dev/gpiochip*"):
        found = "flaps.pin_factory is lgpio, but there is no /dev/gpiochip0"
        yield failure("pins", found, "run it on a Raspberry Pi; for a simulated bin set flaps.pin_factory to mock")
        return
    answer = context.probe("pins", PinAnswer, timeout_s=20)
    if isinstance(answer, ProbeFailure):
        yield from_error("pins", answer.error, "see the line 'permissions'")
        return
    users = {int(number): user for number, user in answer.users.items() if user is not None}
    others = {number: user for number, user in users.items() if not (context.running and user == LGPIO_USER)}
    for number, user in others.items():
        found = f"{wanted[number]}: GPIO {number} is in use by {user}"
        yield failure("pins", found, "end the program that holds it ('gpioinfo' names it), or choose another pin")
    if not others:
        numbers = ", ".join(map(str, sorted(wanted)))
        yield ok("pins", f"gpiochip{answer.chip}: {numbers} {'in use by the service' if users else 'are free'}")


def check_boot_levels(context: CheckContext) -> Iterator[Finding]:
    """Check that no relay or servo is moved by the level that its pin has while the machine starts."""
    config = context.config
    if config is None:
        yield not_applicable("pins at boot", NO_CONFIG)
        return
    if not pins(config):
        yield not_applicable("pins at boot", _no_pins(config))
        return
    moved = [
        (f"{key}.{claim.key}", claim.pin)
        for key, part in config.wired_parts()
        for claim in part.claims()
        if isinstance(claim, GpioClaim) and claim.moves_on_high and claim.pin in PULLED_UP_AT_BOOT
    ]
    most = max(PULLED_UP_AT_BOOT)
    for key, number in moved:
        found = f"{key}: GPIO {number} is pulled high while the Raspberry Pi starts: what it drives may move then"
        yield warning("pins at boot", found, f"choose a pin from GPIO {most + 1} on, which is pulled low")
    if not moved:
        yield ok(
            "pins at boot", f"no relay or servo is switched on by GPIO 0 to {most}, which are high until the bin runs"
        )


def check_overlays(context: CheckContext) -> Iterator[Finding]:
    """Check that config.txt assigns none of the configured pins to a bus or a function of the kernel."""
    config, host = context.config, context.host
    if config is None:
        yield not_applicable("pin conflicts", NO_CONFIG)
        return
    wanted = pins(config)
    if not wanted:
        yield not_applicable("pin conflicts", _no_pins(config))
        return
    file = next((name for name in CONFIG_TXT if host.text(name) is not None), None)
    if file is None:
        yield not_applicable("pin conflicts", "no config.txt: not a Raspberry Pi")
        return
    taken = taken_pins(host.text(file) or "", board_name(host.root))
    clashes = sorted(wanted.keys() & taken.keys())
    for number in clashes:
        found = f"{wanted[number]}: GPIO {number} is assigned by '{taken[number]}' in /{file}"
        yield failure("pin conflicts", found, f"choose another pin, or remove that line from /{file} and restart")
    if not clashes:
        yield ok("pin conflicts", f"none of the pins is assigned in /{file}")


def check_pwm(context: CheckContext) -> Iterator[Finding]:
    """Check that the PWM channel of every servo on the kernel's PWM exists."""
    config = context.config
    if config is None:
        yield not_applicable("hardware PWM", NO_CONFIG)
        return
    channels = dict(pwm_channels(config))
    if not channels:
        yield not_applicable("hardware PWM", "no flap is a hardware_servo")
        return
    found = []
    for key, servo in channels.items():
        name = _header_pwm(context.host) if servo.chip is None else f"pwmchip{servo.chip}"
        count = context.host.text(f"sys/class/pwm/{name}/npwm")
        if count is None:
            missing = "PWM on the header's pins" if name is None else f"/sys/class/pwm/{name}"
            yield failure("hardware PWM", f"{key}.chip: there is no {missing}", ENABLE_PWM)
        elif servo.channel >= int(count):
            wrong = f"{key}.channel: got {servo.channel}, {name} has 0..{int(count) - 1}"
            yield failure("hardware PWM", wrong, f"set {key}.channel to one of them")
        else:
            found.append(f"{name} channel {servo.channel}")
    if found:
        yield ok("hardware PWM", ", ".join(found))


def _header_pwm(host: Host) -> str | None:
    """Name of the PWM chip behind the header; None where there is none."""
    for chip in host.paths("sys/class/pwm/pwmchip*"):
        if (chip / "device").resolve().name.endswith(HEADER_PWM):
            return chip.name
    return None


def _no_pins(config: Config) -> str:
    simulated = config.flaps.pin_factory == "mock"
    return "flaps.pin_factory is mock" if simulated else "the configuration uses no pin"
