"""A connection to an MQTT broker on asyncio's loop: paho-mqtt speaks the protocol (3.1.1 or 5), the loop waits for the socket."""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.files.first_line import first_line
from edge.link.broker import BrokerError, BrokerListener
from edge.link.link_settings import BrokerSettings

KEEP_ALIVE_S = 60
"""Silence after which the bin asks whether the broker is there, in seconds; the broker waits half as long again."""

CONNECT_S = 20.0
"""Longest time until the broker has accepted the bin, in seconds."""

MISC_S = 5.0
"""Time between two looks at whether the broker still answers, in seconds."""

MOST_UNACKNOWLEDGED = 8
"""Most messages on the way with MQTT 5: a broker that is sent more than it allows ends the connection, paho does not look at
what it allows, and none of those in use allows fewer than ten."""


@dataclass(frozen=True, slots=True)
class LastWill:
    """What the broker says, retained, when the connection is lost."""

    topic: str
    payload: bytes


class MqttConnection:
    """A broker that has accepted the bin. Opened by ``open_connection``.

    Attributes:
        ended: done with the reason, once the connection is lost.
    """

    def __init__(self, client: Client, listener: BrokerListener) -> None:
        self._client = client
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._socket: int | None = None
        self._accepted: asyncio.Future[None] = self._loop.create_future()
        self.ended: asyncio.Future[str] = self._loop.create_future()
        self._misc: asyncio.TimerHandle | None = None

    def publish(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> int:
        return self._client.publish(topic, payload, qos, retain).mid

    def subscribe(self, topic: str) -> None:
        if self._client.protocol == MQTTv5:
            # What was asked for while nobody listened is old.
            self._client.subscribe(
                topic, options=SubscribeOptions(1, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
            )
        else:
            self._client.subscribe(topic, 1)

    def close(self) -> None:
        """End the connection properly: the broker does not tell the last will. May be called more than once."""
        self._client.disconnect()
        self._end("closed")
        if (left := self._client.socket()) is not None:
            left.close()  # the broker takes nothing at this moment

    async def begin(self) -> Self:
        """Follow a client whose socket is connected, until the broker has accepted it.

        Raises:
            BrokerError: it refuses.
        """
        client = self._client
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_socket_close = lambda *_: self._release()
        client.on_socket_register_write = lambda *_: self._follow_writing()
        client.on_socket_unregister_write = lambda *_: self._follow_writing()
        found = client.socket()
        if found is None:
            raise BrokerError("the broker has closed the connection")
        self._socket = found.fileno()
        self._loop.add_reader(self._socket, self._read)
        self._follow_writing()
        self._look_after()
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._accepted
        except TimeoutError as error:
            raise BrokerError(f"the broker has not answered for {CONNECT_S:g} s") from error
        return self

    def _read(self) -> None:
        self._client.loop_read()
        # What TLS has decrypted already does not make the socket readable.
        while isinstance(found := self._client.socket(), ssl.SSLSocket) and found.pending():
            self._client.loop_read()

    def _follow_writing(self) -> None:
        if self._socket is None:
            return
        if self._client.want_write():
            self._loop.add_writer(self._socket, self._client.loop_write)
        else:
            self._loop.remove_writer(self._socket)

    def _look_after(self) -> None:
        if self._client.loop_misc() is MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._misc = self._loop.call_later(MISC_S, self._look_after)
        else:
            self._end("the broker does not answer any more")

    def _release(self) -> None:
        """The socket is about to be closed."""
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket = None

    def _end(self, reason: str) -> None:
        self._release()
        if self._misc is not None:
            self._misc.cancel()
        if not self._accepted.done():
            self._accepted.set_exception(BrokerError(reason))
        if not self.ended.done():
            self.ended.set_result(reason)

    # What paho calls, always from within the methods above.

    def _on_connect(
        self, client: Client, data: object, flags: ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        if code.is_failure:
            self._end(f"the broker refuses the bin: {code}")
        elif not self._accepted.done():
            self._accepted.set_result(None)

    def _on_disconnect(
        self, client: Client, data: object, flags: DisconnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        self._end(f"the connection has ended: {code}")

    def _on_publish(
        self, client: Client, data: object, message: int, code: ReasonCode, properties: Properties | None
    ) -> None:
        if code.is_failure:
            # With MQTT 5 alone: it says so where it does not take a message. That is not to be taken for an acknowledgement.
            self._end(f"the broker does not take a message: {code}")
        else:
            self._listener.acknowledged(message)

    def _on_message(self, client: Client, data: object, message: MQTTMessage) -> None:
        self._listener.received(message.topic, bytes(message.payload), is_retained=message.retain)


async def open_connection(
    settings: BrokerSettings, *, client_id: str, will: LastWill, listener: BrokerListener
) -> MqttConnection:
    """Connect to a broker.

    Args:
        settings: where, and how.
        client_id: under which the broker knows the bin; a second connection under it ends the first.
        will: what the broker says when the connection is lost.
        listener: who is told what comes.

    Raises:
        BrokerError: it cannot be reached, or refuses the bin; or a password or certificate cannot be read.
    """
    where = f"broker {settings.host}:{settings.port}"
    # Each connection begins with nothing: what an earlier one has not got rid of is sent again from the event log.
    if settings.is_mqtt5:
        # A session ends with its connection, as without a word about its expiry it does.
        client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTv5)
        client.max_inflight_messages_set(MOST_UNACKNOWLEDGED)
    else:
        client = Client(CallbackAPIVersion.VERSION2, client_id, clean_session=True, protocol=MQTTv311)
        client.max_inflight_messages_set(0)  # the event queue has a limit of its own
    client.will_set(will.topic, will.payload, 1, retain=True)
    try:
        # The name is looked up, and TLS agreed upon, while nothing else waits.
        await asyncio.to_thread(_connect, client, settings)
    except ssl.SSLCertVerificationError as error:
        raise BrokerError(f"{where}: its certificate is not trusted: {error.verify_message}; see link.ca") from error
    except (OSError, ValueError) as error:
        raise BrokerError(f"{where}: {getattr(error, 'strerror', None) or error}") from error
    connection = MqttConnection(client, listener)
    try:
        return await connection.begin()
    except BaseException as error:
        connection.close()
        if isinstance(error, BrokerError):
            raise BrokerError(f"{where}: {error}") from error
        raise


def _connect(client: Client, settings: BrokerSettings) -> None:
    """Raises OSError, ValueError."""
    if settings.user is not None:
        password = None if settings.password_file is None else first_line(settings.password_file)
        client.username_pw_set(settings.user, password)
    if settings.tls:
        client.tls_set(ca_certs=_text(settings.ca), certfile=_text(settings.certificate), keyfile=_text(settings.key))
    client.connect(settings.host, settings.port, KEEP_ALIVE_S)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
