"""The operator mode: what the stop button, the service button, and a pause by hand ask for."""

import math

from edge.actuation.panel import Panel
from edge.alarms import Alarm, Alarms

STOPPED = (
    "the stop button is on, no flap moves: release it when all is well, the flaps then go home; if nobody has pressed it, see to "
    "its wire"
)
RELEASED_S = 1.0
"""Time without a break that the stop button must be off to count as released, in seconds: a wire that flickers does not let the
flaps go on between two contacts, nor tell of each."""

HOMING = "service: the flaps go home, wait until they are"
SERVICE = "service: no flap moves, nothing is sorted until the service button is pressed again"

FORGOTTEN_S = 1800.0
"""Time after which a pause may have been forgotten and is told, in seconds: teaching a label takes a few minutes."""

PAUSED = (
    f"paused by hand for more than {FORGOTTEN_S / 60:g} minutes, nothing is sorted: let the bin go on from its page"
)


class OperatorMode:
    """Follows the two buttons and the pause, and reports them. It commands nothing: ``FlapControl`` acts on it.

    Stop: the flaps stop where they are, and go home when the button is released. Service: they go home, then nothing moves.
    Pause: the item under way is finished, then nothing is decided until somebody ends it; a new start ends it as well.

    Args:
        alarms: where stop and service are reported.

    Attributes:
        in_service: the bin is being worked on.
        service_changed: the service has begun or ended since the observation before.
        is_stopped: the stop button is on, or was until ``RELEASED_S`` ago, or cannot be read and may be on.
        stop_released: the stop button counted as on at the observation before and does not now.
        is_paused: somebody has paused the bin by hand.
    """

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._was_on = False
        self._pressed_s = -math.inf
        self.in_service = self.service_changed = False
        self.is_stopped = self.stop_released = False
        self.is_paused = self._is_forgotten = False
        self._paused_s = 0.0

    def pause(self, now_s: float) -> None:
        """Pause the bin; ``now_s``: time on the monotonic clock, in seconds."""
        if not self.is_paused:
            self.is_paused, self._paused_s = True, now_s

    def go_on(self) -> None:
        """End the pause."""
        self.is_paused = False

    def observe(self, panel: Panel, now_s: float) -> None:
        """Take what the panel's switches say now; ``now_s``: time on the monotonic clock, in seconds."""
        if panel.stopped is True:
            self._pressed_s = now_s
        is_on = now_s - self._pressed_s < RELEASED_S
        self.stop_released, self._was_on = self._was_on and not is_on, is_on
        self.is_stopped = is_on or panel.stopped is not False
        self.service_changed, self.in_service = panel.in_service is not self.in_service, panel.in_service
        self._is_forgotten = self.is_paused and now_s - self._paused_s > FORGOTTEN_S

    def report(self, *, settled: bool) -> None:
        """Raise or clear the alarms of stop, service, and a forgotten pause.

        Args:
            settled: whether the flaps are home, as the service wants them.
        """
        self._alarms.update(Alarm.STOPPED, STOPPED if self._was_on else None)
        service = (SERVICE if settled else HOMING) if self.in_service else None
        self._alarms.update(Alarm.SERVICE, service)
        self._alarms.update(Alarm.PAUSED, PAUSED if self._is_forgotten else None)
