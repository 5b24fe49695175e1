"""Pins that a Raspberry Pi's config.txt assigns to buses and functions of the kernel."""

import re
from collections.abc import Iterator

DEFAULT_PINS: dict[str, tuple[int, ...]] = {
    "i2c_arm": (2, 3),
    "i2c1": (2, 3),
    "i2c-rtc": (2, 3),
    "i2c-sensor": (2, 3),
    "i2c-pwm-pca9685a": (2, 3),
    "i2c-gpio": (23, 24),
    "i2c_vc": (0, 1),
    "i2c0": (0, 1),
    "spi": (7, 8, 9, 10, 11),
    "i2s": (18, 19, 20, 21),
    "uart0": (14, 15),
    "spi0-0cs": (9, 10, 11),
    "spi0-1cs": (8, 9, 10, 11),
    "spi0-2cs": (7, 8, 9, 10, 11),
    "spi1-1cs": (18, 19, 20, 21),
    "spi1-2cs": (17, 18, 19, 20, 21),
    "spi1-3cs": (16, 17, 18, 19, 20, 21),
    "pwm": (18,),
    "pwm-2chan": (18, 19),
    "w1-gpio": (4,),
    "w1-gpio-pullup": (4, 5),
    "gpio-shutdown": (3,),
    "gpio-poweroff": (26,),
    "gpio-fan": (12,),
    "gpio-ir": (18,),
    "gpio-ir-tx": (18,),
    "pwm-ir-tx": (18,),
    "dht11": (4,),
    "uart2": (0, 1),
    "uart3": (4, 5),
    "uart4": (8, 9),
    "uart5": (12, 13),
    "i2c3": (4, 5),
    "i2c4": (8, 9),
    "i2c5": (12, 13),
    "i2c6": (22, 23),
}
"""dtparam or dtoverlay -> pins that it uses by default (overlays/README of the firmware)."""

PI5_PINS: dict[str, tuple[int, ...]] = {
    "uart1": (0, 1),
    "uart2": (4, 5),
    "uart3": (8, 9),
    "uart4": (12, 13),
    "i2c2": (4, 5),
    "i2c3": (6, 7),
}
"""Overlays with other default pins on a Raspberry Pi 5."""

ON = ("on", "yes", "true", "1", "")


def taken_pins(text: str, board: str) -> dict[int, str]:
    """GPIO number -> the line of config.txt that assigns it.

    Args:
        text: content of config.txt. Lines under a filter for another board ([pi4], [cm5], ...) are ignored.
        board: name of the board, as in /proc/device-tree/model.
    """
    taken: dict[int, str] = {}
    applies = True
    for line in (raw.partition("#")[0].strip() for raw in text.splitlines()):
        if line.startswith("["):
            applies = _is_for(line.strip("[]").lower(), board)
        elif applies and line:
            for pin in _pins_of(line, board):
                taken[pin] = line
    return taken


def _is_for(section: str, board: str) -> bool:
    match = re.fullmatch(r"(pi|cm)(\d+)\D*", section)
    if match is None:
        # Filters by serial number, display and so on: assume that they apply, a false warning is harmless.
        return section != "none"
    kind, number = match.groups()
    if number.startswith("0"):
        return "Zero" in board
    # [pi4] covers the whole family: Raspberry Pi 4, 400 and Compute Module 4.
    name = rf"(Pi|Module) {number}(00)?S?\b" if kind == "pi" else rf"Module {number}S?\b"
    return re.search(name, board) is not None


def _pins_of(line: str, board: str) -> Iterator[int]:
    key, _, value = line.partition("=")
    key, value = key.strip(), value.strip()
    if key == "enable_uart":
        yield from DEFAULT_PINS["uart0"] if value == "1" else ()
    elif key == "dtparam":
        for parameter in value.split(","):
            name, _, state = parameter.partition("=")
            if state.strip() in ON:
                yield from DEFAULT_PINS.get("i2c_arm" if name == "i2c" else name.strip(), ())
    elif key == "dtoverlay":
        name, *parameters = (part.strip() for part in value.split(","))
        yield from _named(parameters) or _default(name.removesuffix("-pi5"), board)


def _named(parameters: list[str]) -> list[int]:
    """Pins that the parameters name: ``gpiopin=17``, ``pin2=13``, ``i2c_gpio_sda=5``, ``pins_10_11``."""
    found: list[int] = []
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.startswith("pins_"):
            found += [int(number) for number in re.findall(r"\d+", name)]
        elif value.isdecimal() and re.fullmatch(r"gpio|gpiopin|(.*_)?pin\d?|.*_(sda|scl)|interrupt", name):
            found.append(int(value))
    return found


def _default(name: str, board: str) -> tuple[int, ...]:
    own = PI5_PINS.get(name) if "Raspberry Pi 5" in board or "Compute Module 5" in board else None
    return DEFAULT_PINS.get(name, ()) if own is None else own
