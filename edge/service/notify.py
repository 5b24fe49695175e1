"""Messages to systemd: the protocol of sd_notify(3), a datagram of KEY=value lines to the socket that it names."""

import errno
import logging
import os
import socket
from collections.abc import Mapping

from hardware.printable import one_line

log = logging.getLogger(__name__)


class Notifier:
    """Reports the state of the service to the service manager; does nothing where there is none.

    Args:
        address: path of the manager's socket, ``@`` in front of an abstract one; None: there is no manager.
        watchdog_s: after this long without ``alive`` the manager restarts the service, in seconds; None: no watchdog.
    """

    def __init__(self, address: str | None, *, watchdog_s: float | None = None) -> None:
        self._address = address
        self.watchdog_s = watchdog_s

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> "Notifier":
        """As systemd sets it up: ``NOTIFY_SOCKET`` and ``WATCHDOG_USEC``, unless ``WATCHDOG_PID`` names another process."""
        usec = environment.get("WATCHDOG_USEC", "")
        mine = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog_s = int(usec) / 1e6 if usec.isdecimal() and int(usec) > 0 and mine else None
        return cls(environment.get("NOTIFY_SOCKET") or None, watchdog_s=watchdog_s)

    def ready(self) -> bool:
        """The service has started. False when the message was not delivered and has to be sent again."""
        return self._send("READY=1")

    def extend_start(self, seconds: float) -> None:
        """The service is still starting: allow it so many seconds more, from now on."""
        self._send(f"EXTEND_TIMEOUT_USEC={round(seconds * 1e6)}")

    def alive(self) -> None:
        """The service is alive: restart the watchdog's timeout."""
        self._send("WATCHDOG=1")

    def status(self, sentence: str) -> None:
        """One line for ``systemctl status``."""
        self._send(f"STATUS={one_line(sentence)}")

    def unwell(self, is_unwell: bool) -> None:
        """Whether the service is at fault although it runs: ``systemctl status`` shows an error then, and the property
        ``StatusErrno`` is not 0. systemd has no message of its own for that."""
        self._send(f"ERRNO={errno.EIO if is_unwell else 0}")

    def stopping(self) -> None:
        """The service is stopping."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> bool:
        if self._address is None:
            return True
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                # A manager that does not read must not stop the bin.
                out.setblocking(False)
                out.sendto(message.encode(errors="replace"), address)
        except OSError as error:
            log.debug("the service manager does not take %s: %s", message, error)
            return False
        return True
