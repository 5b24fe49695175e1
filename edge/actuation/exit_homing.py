"""Brings the flaps home on the way out, when no more steps of the loop come."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from edge.guard.guarded_flap import NoPermitError
from hardware.clock import Clock
from hardware.flap import Flap

log = logging.getLogger(__name__)

EXIT_S = 16.0
"""Longest time for it, in seconds: all flaps once, as the configuration allows (``ALL_HOME_S``); less than what the service
manager waits (systemd/sorter.service)."""

ATTEMPTS = 4
"""Number of times that a flap is sent home."""

PAUSE_S = 0.5
"""Shortest time from a command that failed to the next, in seconds: a wire that shakes loose does so for as long."""


def bring_all_home(
    flaps: Mapping[str, Flap],
    away: Sequence[str],
    *,
    arrives_s: Mapping[str, float],
    clock: Clock,
    may_move: Callable[[], bool],
) -> bool:
    """Send flaps home, one after the other, each with its travel on the clock; try those that fail again, as long as
    ``EXIT_S`` allows; then let every flap go. Never raises.

    Args:
        flaps: bin name -> flap, of all bins.
        away: bins whose flap may not be home, in the order in which they go.
        arrives_s: of those that are on their way home already: when they arrive, in seconds on the clock.
        clock: time.
        may_move: asked before each flap.

    Returns:
        False when a flap may not have come home.
    """
    until_s, left = clock.now_s() + EXIT_S, list(away)
    for attempt in range(ATTEMPTS):
        on_its_way = arrives_s if attempt == 0 else {}
        left = [
            name
            for name in left
            if not _bring_home(flaps[name], on_its_way.get(name), clock=clock, may_move=may_move, until_s=until_s)
        ]
    for name, flap in flaps.items():
        try:
            flap.detach()
        except Exception:
            log.exception("flap %s could not be let go", name)
    return not left


def _bring_home(
    flap: Flap, arrives_s: float | None, *, clock: Clock, may_move: Callable[[], bool], until_s: float
) -> bool:
    """Move one flap home and let it go, if it may move and there is time. True when it is home, as far as is known."""
    never = threading.Event()
    is_sent = arrives_s is not None
    due_s = clock.now_s() + flap.travel_s if arrives_s is None else arrives_s
    try:
        if due_s > until_s or not may_move():
            return False
        if not is_sent:
            flap.home()
        clock.wait(never, due_s - clock.now_s())
        flap.detach()
        if flap.is_home is not False:
            return True
        log.error("flap %s did not come home, its end switch says", flap.name)
    except NoPermitError as error:
        log.warning("%s", error)
    except Exception:
        log.exception("flap %s could not be brought home", flap.name)
        # It may be under way all the same: until it has had time to arrive, nothing else moves.
        clock.wait(never, max(due_s - clock.now_s(), PAUSE_S))
    return False
