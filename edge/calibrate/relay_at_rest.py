"""Whether a relay is off at rest: asked before it is switched on for the first time. With the wrong level its solenoid burns."""

import threading
from contextlib import ExitStack

from edge.calibrate.dialogue import choose, enter_or
from edge.calibrate.proposal import Proposal
from edge.calibrate.step_context import StepContext
from hardware.drives.section import SwitchedRelay

TRIAL_S = 2.0
"""Time for which the pin is at its level at rest before a person has confirmed that level, in seconds: long enough to hear the
relay and to see its LED, and far too short for a solenoid to get hot."""

OFF = "Is its LED dark (not the board's power LED), the solenoid let go, the flap closed?"


def find_fault_at_rest(context: StepContext, bin_name: str, relay: SwitchedRelay) -> Proposal | None:
    """Ask whether the relay is off, first with the pin as it is, then with the pin at its level at rest.

    Returns:
        None when it is off both times. Else nothing of it may be switched on: the level to change, or nothing where it is the
        wiring.
    """
    dialogue = context.dialogue
    key = ".".join(relay.key)
    dialogue.show(
        f"Before it is switched on: is it off at rest? Its supply must be on; the pin (GPIO {relay.pin}) is still an input."
    )
    if choose(dialogue, f"  {OFF} (n, y)", "n", "y") == "n":
        dialogue.show(
            f"  Cut its supply. It is on although nothing drives it: no setting helps, check the wires to the relay board "
            f"(IN to GPIO {relay.pin}, VCC, GND), and the solenoid's to the contact that closes (NO)."
        )
        return Proposal()
    level = "low" if relay.active_high else "high"
    enter_or(
        dialogue,
        f"  Watch it: after Enter the pin is {level} for {TRIAL_S:g} s, which must leave the relay off ({key})",
    )
    with ExitStack() as held:
        context.driver_factory(held).flap(bin_name, relay.section.model_copy(update={"end_switch": None}))
        context.clock.wait(threading.Event(), TRIAL_S)
    if choose(dialogue, f"  {OFF} All the time? (n, y)", "n", "y") == "y":
        return None
    other = str(not relay.active_high).lower()
    dialogue.show(
        f"  The level is the wrong one: {key} must be {other}. Nothing more is switched: take the change, and try the flap again."
    )
    return Proposal({relay.key: not relay.active_high})
