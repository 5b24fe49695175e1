"""Home Assistant takes the bin's device message as it is, shows what was sent, and asks what the bin understands."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

import pytest

from edge.bin_socket.protocol import Action
from edge.link.bin_view import BinView
from edge.link.command_desk import read_command
from edge.link.compact_json import compact
from edge.link.event_message import event_message
from edge.link.home_assistant import device_message, device_topic
from edge.link.state_messages import figures_message, level_message, state_message, trouble_message
from edge.link.topics import Topics
from tests.builders.link import EVENT, LINK_SETTINGS, make_view
from tests.builders.mosquitto import PROGRAM, BrokerAudience, Mosquitto, wait_until
from tests.home_assistant.__main__ import SITE

FOLDER = os.environ.get("HOME_ASSISTANT")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(FOLDER is None, reason="HOME_ASSISTANT names no Home Assistant (make test-home-assistant)"),
    pytest.mark.skipif(PROGRAM is None, reason="mosquitto is not here (Debian's package mosquitto)"),
]

TOPICS = Topics("sorter", "bin-7")
OWN = "sorter_bin-7_"


class HomeAssistant:
    """It runs in a root of its own, in the network of this machine.

    Args:
        root: of its Debian.
        port: of the broker.
    """

    def __init__(self, root: Path, port: int) -> None:
        shutil.copy(Path(__file__).with_name("core.py"), root / "opt/core.py")
        shutil.rmtree(root / "opt/config", ignore_errors=True)
        (root / "opt/config").mkdir()
        run = f"exec chroot {root} env PYTHONPATH=/{SITE} python3 /opt/core.py /opt/config {port}"
        self._process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", f"mount -t proc proc {root}/proc && {run}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, line: str) -> Any:
        """Ask for something; its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())
        except (OSError, ValueError) as error:
            _, said = self._process.communicate()
            raise AssertionError(f"Home Assistant has ended: {said[-3000:]}") from error

    def states(self) -> dict[str, str]:
        """Entity, by the last of its unique id -> state."""
        return {name.removeprefix(OWN): one["state"] for name, one in self.ask("states")["entities"].items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def say(audience: BrokerAudience, view: BinView, bins: tuple[str, ...] = LINK_SETTINGS.bins) -> None:
    """Say all that a bin says."""
    residual = LINK_SETTINGS.residual_bin
    audience.say(device_topic(LINK_SETTINGS, "homeassistant"), device_message(LINK_SETTINGS, TOPICS), retain=True)
    audience.say(TOPICS.availability, b"online", retain=True)
    audience.say(TOPICS.state, compact(state_message(view)), retain=True)
    audience.say(TOPICS.trouble, compact(trouble_message(view)), retain=True)
    audience.say(TOPICS.level, compact(level_message(view)), retain=True)
    audience.say(TOPICS.figures, compact(figures_message(view, bins, residual)), retain=True)


def test_home_assistant_knows_the_bin_by_one_message_and_asks_what_it_understands(tmp_path: Path) -> None:
    assert FOLDER is not None
    with Mosquitto(tmp_path) as broker, BrokerAudience(broker) as audience:
        say(audience, make_view())
        with HomeAssistant(Path(FOLDER).absolute() / "root", broker.port) as home:
            # Events and pictures are not kept by the broker, or come later.
            wait_until(lambda: home.states().get("condition") == "attention", "the bin's condition")
            audience.say(TOPICS.event, event_message(EVENT))
            audience.say(TOPICS.picture, b"\xff\xd8\xff", retain=True)
            wait_until(lambda: home.states()["item"] == "glass", "the last item")
            wait_until(lambda: home.states()["picture"] != "unknown", "its picture")
            found = home.ask("states")
            states = home.states()
            assert states.pop("picture")
            assert states == {
                "condition": "attention",
                "trouble": "on",
                "pause": "off",
                "home": "unknown",
                "identify": "unknown",
                "item": "glass",
                "residual": "25.0",
                "temperature": "51",
                "level_glass": "41",
                "level_residual": "unknown",
                "today_paper": "0",
                "today_glass": "3",
                "today_packaging": "0",
                "today_residual": "1",
            }
            assert found["devices"] == ["bin-7"]
            entities = found["entities"]
            assert entities[f"{OWN}trouble"]["attributes"]["troubles"][0]["message"] == "bin glass is full"
            assert entities[f"{OWN}temperature"]["attributes"]["unit_of_measurement"] == "°C"

            for name, service in {
                "pause": "switch turn_on",
                "home": "button press",
                "identify": "button press",
            }.items():
                home.ask(f"call {service} {entities[OWN + name]['entity']}")
            wait_until(lambda: len(audience.of(TOPICS.command)) == 3, "three commands")
            asked = [read_command(one).do for one in audience.of(TOPICS.command)]
            assert asked == [Action.PAUSE, Action.HOME, Action.IDENTIFY]

            say(audience, make_view(report=None), bins=("glass",))
            wait_until(lambda: home.states()["condition"] == "stopped", "that it stopped")
            audience.say(TOPICS.availability, b"offline", retain=True)
            wait_until(lambda: set(home.states().values()) == {"unavailable"}, "that the link is gone")
            assert home.ask("states")["complaints"] == []
