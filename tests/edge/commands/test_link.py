"""``sorter link`` as somebody types it."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edge.cli import main
from edge.config.config_child import ConfigChild
from edge.link.link_settings import CHILD, BrokerSettings, LinkSettings
from tests.builders.configuration import write_config

LOADED = """
import json, sys
import edge.commands.link, edge.link.service
print(json.dumps(list(sys.modules)))
"""


def settings_of(tmp_path: Path, **link: object) -> LinkSettings:
    config = write_config(tmp_path / "sorter.yaml", {"link": link})
    return LinkSettings.of_answer(ConfigChild(CHILD, config).answer())


def test_where_nothing_is_configured_it_says_so_and_ends_well(
    config_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["link", "--config", str(config_file)]) == 0
    assert "nothing is configured" in capsys.readouterr().out


def test_a_configuration_that_is_wrong_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path / "sorter.yaml", {"link": {"host": "a", "commands": ["open"]}})
    assert main(["link", "--config", str(config)]) == 78
    assert "link.commands" in capsys.readouterr().err


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = write_config(tmp_path / "sorter.yaml", {"link": {"metrics_port": port}})
        command = [sys.executable, "-m", "edge", "link", "--config", str(config)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 69
    assert f"link.metrics_port {port}: cannot be listened on" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_configuration_says_reaches_the_link(tmp_path: Path) -> None:
    found = settings_of(
        tmp_path,
        host="mqtt.example.org",
        tls=True,
        ca="ca.pem",
        user="bin-7",
        password_file="/etc/sorter/password",
        certificate="bin.pem",
        key="bin.key",
        name="bin-7",
        prefix="city",
        commands=["pause", "go_on"],
        discovery=None,
        pictures=True,
        metrics_port=9105,
    )
    assert found.broker == BrokerSettings(
        "mqtt.example.org",
        8883,
        True,
        tmp_path / "ca.pem",
        "bin-7",
        Path("/etc/sorter/password"),
        tmp_path / "bin.pem",
        tmp_path / "bin.key",
    )
    assert (found.name, found.prefix, found.commands) == ("bin-7", "city", {"pause", "go_on"})
    assert (found.discovery, found.pictures, found.metrics_port) == (None, True, 9105)
    assert "residual" in found.bins
    assert found.version


@pytest.mark.parametrize(
    ("link", "port"), [({"host": "a"}, 1883), ({"host": "a", "tls": True}, 8883), ({"host": "a", "port": 7}, 7)]
)
def test_a_broker_is_at_its_usual_port_unless_another_is_named(
    tmp_path: Path, link: dict[str, object], port: int
) -> None:
    broker = settings_of(tmp_path, **link).broker
    assert broker is not None
    assert broker.port == port


def test_figures_alone_are_enough_to_be_on(tmp_path: Path) -> None:
    found = settings_of(tmp_path, metrics_port=9105)
    assert (found.is_on, found.broker) == (True, None)


def test_it_loads_nothing_that_takes_much_memory() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    heavy = {"numpy", "cv2", "pydantic", "yaml", "ruamel", "rich", "starlette", "uvicorn", "importlib.metadata"}
    assert not heavy & set(json.loads(done.stdout))
