"""The step that puts the flaps on real pins."""

from contextlib import closing

from edge.calibrate.dialogue import choose
from edge.calibrate.proposal import Proposal
from edge.calibrate.step_context import StepContext
from hardware.errors import HardwareError
from hardware.registry import PIN_FACTORIES, load


def choose_pins(bench: StepContext) -> Proposal | None:
    """Offer the Raspberry Pi's pins where the configuration has a camera, but flaps in memory only; None when declined."""
    if bench.config.camera.kind == "sim" or bench.config.flaps.pin_factory != "mock":
        return Proposal()
    bench.dialogue.show("flaps.pin_factory is mock: no flap moves.")
    try:
        with closing(load(PIN_FACTORIES, "lgpio")()):
            pass
    except HardwareError as error:
        bench.dialogue.show(f"  It cannot be lgpio here: {error}")
        return None
    if choose(bench.dialogue, "Use the Raspberry Pi's pins (lgpio)? (y, n)", "y", "n") == "n":
        return None
    return Proposal({("flaps", "pin_factory"): "lgpio"})
