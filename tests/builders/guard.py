"""A guard around flaps, with the permit that the whole bin has."""

from collections.abc import Mapping

from edge.alarms import Alarms
from edge.guard.guard import Guard
from edge.guard.interlock import Interlock
from edge.guard.permit import Permit
from hardware.clock import Clock
from hardware.flap import Flap

VALID_S = 0.5


def make_guard(
    flaps: Mapping[str, Flap], *, clock: Clock, alarms: Alarms, clear_s: float = 1.0, has_lid: bool = False
) -> Guard:
    permit = Permit(Interlock(alarms, clear_s=clear_s), valid_s=VALID_S, has_lid=has_lid)
    return Guard(flaps, permit=permit, clock=clock, alarms=alarms)
