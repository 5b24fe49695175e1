"""What makes an I2C bus that a configuration names and that is not there."""

FIXED = {
    0: "put 'dtparam=i2c_vc=on' in /boot/firmware/config.txt and restart",
    1: "'sudo raspi-config nonint do_i2c 0' ('dtparam=i2c_arm=on' in /boot/firmware/config.txt), then restart",
}
"""Bus on fixed pins of the header -> what switches it on."""


def how_to_get_bus(number: int, *, pins: tuple[int, int] | None = None) -> str:
    """What to do, in words. Any two pins become a bus by the kernel's ``i2c-gpio``.

    Args:
        number: of the bus.
        pins: GPIO numbers of two free pins; None: not known.
    """
    if number in FIXED:
        return FIXED[number]
    sda, scl = ("SDA", "SCL") if pins is None else pins
    line = f"dtoverlay=i2c-gpio,bus={number},i2c_gpio_sda={sda},i2c_gpio_scl={scl}"
    free = "" if pins else ", SDA and SCL being the GPIO numbers of two free pins,"
    return f"put '{line}'{free} in /boot/firmware/config.txt and restart"
