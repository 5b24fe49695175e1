"""The pause: nothing is sorted while the stop button is on, or while somebody works on the bin."""

from edge.actuation.diverter import Diverter
from edge.actuation.interlock import Interlock
from edge.actuation.panel import Panel
from edge.alarms import Alarm, Alarms
from hardware.clock import Clock

STOPPED = "the stop button is on, no flap moves: release it when all is well, the flaps then go home"
HOMING = "service: the flaps go home, wait until they are"
SERVICE = "service: no flap moves, nothing is sorted until the service button is pressed again"


class OperatorMode:
    """Locks the flaps when the panel says so, and sends them home.

    Stop: they stop where they are, and go home when the button is released. Service: they go home, then nothing moves.

    Args:
        panel: what people press.
        hold: holds the flaps.
        diverter: sends them home.
        clock: time.
        alarms: where it is told.

    Attributes:
        in_service: somebody works on the bin.
        has_turned: the service has begun or ended since the update before.
    """

    def __init__(self, panel: Panel, hold: Interlock, diverter: Diverter, *, clock: Clock, alarms: Alarms) -> None:
        self._panel = panel
        self._hold = hold
        self._diverter = diverter
        self._clock = clock
        self._alarms = alarms
        self._stopped = False
        self.in_service = self.service_changed = False

    def apply_panel(self) -> None:
        """Read the panel and act on it, with or without frames."""
        panel = self._panel
        panel.read_switches()
        stopped = panel.stopped is True
        released, self._stopped = self._stopped and not stopped, stopped
        self.service_changed, self.in_service = panel.in_service is not self.in_service, panel.in_service
        if released:
            # Still under the lock: what was stopped on its way must not go on.
            self._diverter.home_all()
        settled = self.in_service and not self.service_changed and self._is_settled
        # A button that cannot be read may be on.
        self._hold.observe_switches(
            panel.lid_open, locked=panel.stopped is not False or settled, now_s=self._clock.now_s()
        )
        if self.service_changed and self.in_service:
            self._diverter.home_all()
        self._alarms.update(Alarm.STOPPED, STOPPED if stopped else None)
        service = (SERVICE if settled else HOMING) if self.in_service else None
        self._alarms.update(Alarm.SERVICE, service)

    @property
    def _is_settled(self) -> bool:
        """Are the flaps home, or one of them at fault? That one is tried again after the service."""
        return self._diverter.at_home or self._diverter.fault is not None
