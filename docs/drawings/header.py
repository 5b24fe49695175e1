"""What the bin of config.yaml and of its examples has wired to the header."""

from edge.wiring.header import BLUE, GREEN, SIGNAL_ORANGE, VIOLET, WHITE, YELLOW, HeaderWire, WiredPart, gpio

SERVOS = {
    "paper": WiredPart("servo of paper", (HeaderWire("signal", gpio(12), SIGNAL_ORANGE),), is_optional=False),
    "glass": WiredPart("servo of glass", (HeaderWire("signal", gpio(13), SIGNAL_ORANGE),), is_optional=False),
    "packaging": WiredPart("servo of packaging", (HeaderWire("signal", gpio(18), SIGNAL_ORANGE),), is_optional=False),
}
SERVO_GROUND = WiredPart("servo supply", (HeaderWire("minus", 39),), is_optional=False)
RELAY = WiredPart(
    "relay",
    (HeaderWire("JD-VCC", 4), HeaderWire("VCC", 17), HeaderWire("IN", gpio(23), BLUE), HeaderWire("GND", 6)),
    is_optional=False,
)
LID = WiredPart("lid contact", (HeaderWire("lid", gpio(22), WHITE), HeaderWire("GND", 20)))
STOP = WiredPart("stop button", (HeaderWire("stop_button", gpio(17), VIOLET), HeaderWire("GND", 14)))
SERVICE = WiredPart("service button", (HeaderWire("service_button", gpio(27), GREEN), HeaderWire("GND", 14)))
END_SWITCH = WiredPart("end switch", (HeaderWire("end_switch", gpio(24), YELLOW), HeaderWire("GND", 20)))
ULTRASONIC = WiredPart(
    "HC-SR04",
    (
        HeaderWire("VCC", 2),
        HeaderWire("trigger", gpio(20), GREEN),
        HeaderWire("echo", gpio(21), YELLOW),
        HeaderWire("GND", 34),
    ),
)
TIME_OF_FLIGHT = WiredPart(
    "VL53L0X",
    (HeaderWire("VIN", 1), HeaderWire("SDA", 3, BLUE), HeaderWire("SCL", 5, YELLOW), HeaderWire("GND", 9)),
)
LIGHT = WiredPart(
    "light",
    (
        HeaderWire("ready", gpio(5), GREEN),
        HeaderWire("sorting", gpio(6), WHITE),
        HeaderWire("fault", gpio(19), VIOLET),
        HeaderWire("attention", gpio(26), YELLOW),
        HeaderWire("GND", 30),
    ),
)
PARTS = (
    *SERVOS.values(),
    SERVO_GROUND,
    RELAY,
    LID,
    STOP,
    SERVICE,
    END_SWITCH,
    ULTRASONIC,
    TIME_OF_FLIGHT,
    LIGHT,
)
