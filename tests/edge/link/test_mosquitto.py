"""The link and a real broker: nothing is lost whoever is killed, and nobody is trusted who should not be."""

import asyncio
import gc
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.bin_socket.messages import Outcome, Status
from edge.bin_socket.protocol import Action
from edge.link.broker import BrokerError
from edge.link.link_settings import BrokerSettings, LinkSettings
from edge.link.mqtt import LastWill, open_connection
from edge.link.position import Position, PositionFile
from edge.link.reconnect import ReconnectPause
from edge.link.service import LinkService
from edge.link.uplink import Uplink
from edge.records.event_log import EventLog
from hardware.clock import SystemClock
from tests.builders.configuration import write_config
from tests.builders.link import LINK_SETTINGS, REPORT, UplinkRig
from tests.builders.mosquitto import PROGRAM, BrokerAudience, Mosquitto, wait_until
from tests.builders.page import FakeBin
from tests.builders.values import make_event

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="mosquitto is not here (Debian's package mosquitto)")

BASE = "sorter/bin-7/"


class ShortPause(ReconnectPause):
    """As good as none."""

    def next_s(self, *, held_s: float = 0.0) -> float:
        return 0.05


class LinkRig:
    """A link in this process, and a bin that sorts when a test says so.

    Args:
        folder: for the event log and the position.
        broker: where it is told.
    """

    def __init__(self, folder: Path, broker: BrokerSettings) -> None:
        (folder / "images").mkdir(exist_ok=True)
        self.settings: LinkSettings = replace(
            LINK_SETTINGS,
            event_log=folder / "events.sqlite",
            images=folder / "images",
            broker=broker,
        )
        self.log = EventLog(self.settings.event_log)
        self.log.start_session(wall_s=1.0, model="m")
        self.bin = FakeBin()
        self.number = 0
        self.position = PositionFile(folder / "link" / "position.json")

    def sort(self, items: int = 1) -> None:
        """Sort some, and tell whoever listens."""
        for _ in range(items):
            self.number += 1
            self.log.record(make_event(self.number))
            self.log.record_outcome(self.number, "done", fell=1)
        self.bin.tell(Outcome({"number": self.number, "outcome": "done"}))

    def run(self, during: Callable[[], Awaitable[None]]) -> None:
        """Run the link while something else happens, and end it as a service manager does."""

        async def run() -> None:
            service = LinkService(
                self.settings, self.bin, self.position, clock=SystemClock(), pause=ShortPause(random.Random(1))
            )
            task = asyncio.create_task(service.run())
            try:
                await during()
            finally:
                os.kill(os.getpid(), signal.SIGTERM)
                await task

        asyncio.run(run())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "broker"
    folder.mkdir()
    with Mosquitto(folder) as one:
        yield one


@pytest.fixture
def rig(tmp_path: Path, broker: Mosquitto, request: pytest.FixtureRequest) -> Iterator[LinkRig]:
    one = LinkRig(tmp_path, BrokerSettings("127.0.0.1", broker.port, is_mqtt5=getattr(request, "param", False)))
    yield one
    one.log.close()


def numbers(audience: BrokerAudience) -> list[int]:
    return [json.loads(one)["number"] for one in audience.of(f"{BASE}event")]


async def comes(done: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(wait_until, done, what)


@pytest.mark.parametrize("rig", [False, True], ids=["mqtt3", "mqtt5"], indirect=True)
def test_a_bin_is_told_as_it_sorts_and_obeys(rig: LinkRig, broker: Mosquitto) -> None:
    with BrokerAudience(broker) as audience:

        async def during() -> None:
            rig.bin.tell(Status(dict(REPORT), 0.0))
            await comes(lambda: bool(audience.of(f"{BASE}state")), "the state")
            rig.sort(3)
            await comes(lambda: numbers(audience) == [1, 2, 3], "three items")
            audience.say(f"{BASE}command", b'{"do":"pause","id":"a"}')
            await comes(lambda: bool(audience.of(f"{BASE}answer")), "an answer")

        rig.run(during)
        wait_until(lambda: audience.of(f"{BASE}availability")[-1:] == [b"offline"], "the farewell")
        assert audience.of(f"{BASE}answer") == [b'{"id":"a","do":"pause","ok":true}']
        assert audience.of(f"{BASE}availability") == [b"online", b"offline"]
        assert len(audience.of("homeassistant/device/sorter_bin-7/config")) == 1
    assert rig.bin.asked == [(Action.PAUSE, None, None)]
    assert rig.position.read() == Position(3, 1, 3)


def test_what_was_sorted_without_a_broker_arrives_when_it_is_back(rig: LinkRig, broker: Mosquitto) -> None:
    async def during() -> None:
        with BrokerAudience(broker) as audience:
            rig.sort(5)
            await comes(lambda: len(numbers(audience)) == 5, "five items")
            await asyncio.to_thread(broker.stop)
            rig.sort(70)
            await asyncio.to_thread(broker.start)
            await asyncio.to_thread(audience.wait_until_ready)
            await comes(lambda: rig.position.read() == Position(75, 1, 75), "the last position")
            # It comes back a second after the broker, and misses what the broker has taken over meanwhile.
            assert set(numbers(audience)) <= set(range(1, 76))

    rig.run(during)


def test_a_link_that_ended_goes_on_where_it_was(rig: LinkRig, broker: Mosquitto) -> None:
    with BrokerAudience(broker) as audience:

        async def until_heard(count: int) -> None:
            await comes(lambda: len(numbers(audience)) >= count, f"{count} items")
            await comes(lambda: rig.position.read().id == count, "their position")

        rig.sort(30)
        rig.run(lambda: until_heard(30))
        rig.sort(10)
        rig.run(lambda: until_heard(40))
        assert numbers(audience) == list(range(1, 41))


def test_an_event_that_the_broker_does_not_take_waits_until_it_does(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite #\ntopic deny sorter/bin-7/event\n")
    with Mosquitto(tmp_path, f"acl_file {acl}") as broker:
        rig = LinkRig(tmp_path, BrokerSettings("127.0.0.1", broker.port, is_mqtt5=True))
        rig.sort(3)
        with BrokerAudience(broker) as audience:

            async def during() -> None:
                await comes(lambda: len(audience.of(f"{BASE}availability")) > 2, "three attempts")
                assert numbers(audience) == []
                acl.write_text("topic readwrite #\n")
                broker.reload()
                await comes(lambda: rig.position.read() == Position(3, 1, 3), "the last position")

            rig.run(during)
            wait_until(lambda: set(numbers(audience)) == {1, 2, 3}, "the items")
        rig.log.close()


@pytest.mark.slow
@pytest.mark.parametrize("rig", [False, True], ids=["mqtt3", "mqtt5"], indirect=True)
def test_a_link_that_is_killed_is_told_and_the_next_one_sends_the_rest(
    tmp_path: Path, rig: LinkRig, broker: Mosquitto
) -> None:
    config = write_config(
        tmp_path / "config.yaml",
        {
            "link": {
                "host": "127.0.0.1",
                "port": broker.port,
                "name": "bin-7",
                "protocol": 5 if rig.settings.broker is not None and rig.settings.broker.is_mqtt5 else "3.1.1",
            },
            "event_log": {"file": str(rig.settings.event_log), "images": str(rig.settings.images)},
        },
    )
    command = [sys.executable, "-m", "edge", "link", "--config", str(config)]
    with BrokerAudience(broker) as audience:
        rig.sort(10)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            wait_until(lambda: len(numbers(audience)) == 10, "ten items")
            wait_until(lambda: rig.position.read().id == 10, "their position")
            process.kill()
            wait_until(lambda: audience.of(f"{BASE}availability")[-1] == b"offline", "the last will")
        rig.sort(5)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            wait_until(lambda: 15 in numbers(audience), "the rest")
            process.terminate()
            _, said = process.communicate(timeout=60)
            assert process.returncode == 0
            assert b"Traceback" not in said
        assert numbers(audience) == list(range(1, 16))
        assert audience.of(f"{BASE}availability") == [b"online", b"offline"] * 2


# --- who is trusted ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two authorities, and a certificate of the first for this machine."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here")
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("ca", "other"):
        _openssl(
            folder,
            f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={name} "
            f"-keyout {name}.key -out {name}.pem",
        )
    _openssl(
        folder,
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=broker -keyout broker.key "
        "-out broker.csr -addext subjectAltName=IP:127.0.0.1",
    )
    _openssl(
        folder,
        "x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy "
        "-out broker.pem",
    )
    return folder


def _openssl(folder: Path, arguments: str) -> None:
    subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True)


def connect(settings: BrokerSettings, uplink: Uplink | None = None) -> None:
    """Connect once, and leave."""

    async def once() -> None:
        connection = await open_connection(
            settings,
            client_id="one",
            will=LastWill("will", b"gone"),
            listener=uplink or UplinkRig().uplink,
        )
        connection.close()
        connection.close()

    asyncio.run(once())


# paho leaves a socket on which TLS was not agreed upon to Python's collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broker_is_trusted_only_with_a_certificate_of_the_right_authority(tmp_path: Path, certificates: Path) -> None:
    lines = [
        f"cafile {certificates}/ca.pem",
        f"certfile {certificates}/broker.pem",
        f"keyfile {certificates}/broker.key",
    ]
    with Mosquitto(tmp_path, *lines) as broker:
        settings = BrokerSettings("127.0.0.1", broker.port, tls=True, ca=certificates / "ca.pem")
        connect(settings)
        with pytest.raises(BrokerError, match="is not trusted"):
            connect(replace(settings, ca=certificates / "other.pem"))
        with pytest.raises(BrokerError, match="is not trusted"):
            connect(replace(settings, host="localhost"))  # the certificate is the address's
        with pytest.raises(BrokerError, match="No such file"):
            connect(replace(settings, ca=tmp_path / "none.pem"))
        with pytest.raises(BrokerError):
            connect(replace(settings, tls=False, ca=None))
    gc.collect()


def test_a_broker_that_wants_a_password_refuses_a_wrong_one(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    program = shutil.which("mosquitto_passwd")
    if program is None:
        pytest.skip("mosquitto_passwd is not here")
    subprocess.run([program, "-b", "-c", str(passwords), "bin", "secret"], check=True, capture_output=True)
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text("secret\n# a note\n")
    wrong.write_text("guess\n")
    with Mosquitto(tmp_path, f"password_file {passwords}") as broker:
        settings = BrokerSettings("127.0.0.1", broker.port, user="bin", password_file=right)
        connect(settings)
        for other in (replace(settings, password_file=wrong), replace(settings, user=None, password_file=None)):
            with pytest.raises(BrokerError, match=r"refuses the bin: Not authorized"):
                connect(other)
        with pytest.raises(BrokerError, match="No such file"):
            connect(replace(settings, password_file=tmp_path / "none"))


def test_a_broker_that_is_not_there_is_told_by_its_address(broker: Mosquitto) -> None:
    broker.stop()
    with pytest.raises(BrokerError, match=f"broker 127.0.0.1:{broker.port}: Connection refused"):
        connect(BrokerSettings("127.0.0.1", broker.port))
