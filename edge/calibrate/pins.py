"""Calibration step: use the Raspberry Pi's real pins for the flaps."""

from contextlib import closing

from edge.calibrate.dialogue import choose
from edge.calibrate.proposal import Proposal
from edge.calibrate.step_context import StepContext
from hardware.errors import HardwareError
from hardware.registry import PIN_FACTORIES, load


def choose_pins(context: StepContext) -> Proposal | None:
    """Offer the Raspberry Pi's pins if the configuration has a real camera but simulated pins.

    Returns:
        The change, empty if none is needed; None if it is declined or the machine has no such pins.
    """
    if context.config.camera.kind == "sim" or context.config.flaps.pin_factory != "mock":
        return Proposal()
    context.dialogue.show("flaps.pin_factory is mock: no flap moves.")
    try:
        with closing(load(PIN_FACTORIES, "lgpio")()):
            pass
    except HardwareError as error:
        context.dialogue.show(f"  lgpio cannot be used here: {error}")
        return None
    if choose(context.dialogue, "Use the Raspberry Pi's pins (lgpio)? (y, n)", "y", "n") == "n":
        return None
    return Proposal({("flaps", "pin_factory"): "lgpio"})
