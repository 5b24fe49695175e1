"""The section of what a bin tells the network: what is missing or does not fit is told with its key."""

from pathlib import Path

import pytest

from edge.config.file import load_config
from edge.errors import ConfigError
from tests.builders.configuration import write_config


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ({"certificate": "a.pem", "tls": True}, "certificate and key: expected both or neither"),
        ({"key": "a.pem", "tls": True}, "certificate and key: expected both or neither"),
        ({"ca": "a.pem"}, "tls: false; with ca or certificate it must be true"),
        ({"certificate": "a.pem", "key": "a.key"}, "tls: false; with ca or certificate it must be true"),
        ({"password_file": "a"}, "user: missing; with password_file"),
        ({"commands": ["open"]}, "link.commands"),
        ({"name": "a/b"}, "link.name"),
        ({"name": ""}, "link.name"),
        ({"prefix": "#"}, "link.prefix"),
        ({"discovery": "a b"}, "link.discovery"),
        ({"metrics_port": 0}, "link.metrics_port"),
        ({"port": 65_536}, "link.port"),
        ({"hosts": "a"}, "link.hosts"),
        ({"protocol": 4}, "link.protocol"),
        ({"metrics_token_file": "a"}, "metrics_port: missing; with metrics_token_file"),
        ({"location": [181, 0]}, "link.location"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, link: dict[str, object], told: str) -> None:
    path = write_config(tmp_path / "config.yaml", {"link": link})
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert told in str(caught.value)


def test_a_bin_tells_nothing_unless_it_is_asked_to(config_file: Path) -> None:
    link = load_config(config_file).link
    assert not link.is_on
    assert link.commands == ()


def test_files_are_found_beside_the_configuration(tmp_path: Path) -> None:
    path = write_config(tmp_path / "config.yaml", {"link": {"user": "a", "password_file": "secret", "host": "b"}})
    assert load_config(path).link.password_file == tmp_path / "secret"
