"""Debian's MQTT broker for a test, and somebody who listens there."""

import getpass
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.processes import until

# Debian puts it where only root looks.
PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")

PATIENCE_S = 60.0
"""Longest wait for what must come, in seconds of a busy machine."""


def wait_until(done: Callable[[], bool], what: str) -> None:
    """Wait for another process."""
    assert until(done, PATIENCE_S), f"it has not come: {what}"


class Mosquitto:
    """A broker on a free port of this machine, which can be stopped and started again.

    Args:
        folder: for its configuration, and for what it remembers.
        lines: further lines of that.
        remembers: whether it keeps sessions and retained messages over an orderly stop.

    Attributes:
        port: where it listens.
    """

    def __init__(self, folder: Path, *lines: str, remembers: bool = False) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._config = folder / "mosquitto.conf"
        anonymous = "false" if any(line.startswith("password_file") for line in lines) else "true"
        # As root it would become another user, who may not read what lies in a test's folder.
        user = f"user {getpass.getuser()}"
        own = (
            user,
            f"listener {self.port} 127.0.0.1",
            f"allow_anonymous {anonymous}",
            f"persistence {str(remembers).lower()}",
        )
        self._config.write_text("\n".join([*own, f"persistence_location {folder}/", *lines, ""]))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        assert PROGRAM is not None
        command = [PROGRAM, "-c", str(self._config)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(self._listens, "mosquitto")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def shut_down(self) -> None:
        """Stop it in good order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)
        self._process = None

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self._process is not None
        return self._process.pid

    def reload(self) -> None:
        """Have it read its configuration again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class BrokerAudience:
    """Somebody who hears everything at a broker, over its restarts.

    Attributes:
        heard: topic and payload, in their order.
    """

    def __init__(self, broker: Mosquitto) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._client = Client(CallbackAPIVersion.VERSION2, "listener")
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe("#", 1)
        self._client.on_message = self._hear
        self._ready = False
        self._client.on_subscribe = lambda *_: setattr(self, "_ready", True)
        self._client.on_disconnect = lambda *_: setattr(self, "_ready", False)
        self._client.connect("127.0.0.1", broker.port)

    def of(self, topic: str) -> list[bytes]:
        """What was heard at a topic."""
        return [payload for name, payload in list(self.heard) if name == topic]

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send something."""
        self._client.publish(topic, payload, 1, retain)

    def wait_until_ready(self) -> None:
        """Wait until it hears everything."""
        wait_until(lambda: self._ready, "a connection to the broker")

    def _hear(self, client: Client, data: object, message: MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload)))

    def __enter__(self) -> Self:
        self._client.loop_start()
        self.wait_until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()
