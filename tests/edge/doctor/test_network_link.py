"""``sorter doctor link``: what keeps the bin from its broker is found, and nothing is said of a bin that tells nothing."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.config.file import load_config
from edge.doctor.check_context import CheckContext
from edge.doctor.finding import CheckStatus, Finding
from edge.doctor.host import Host
from edge.doctor.network_link import check_link
from tests.builders.configuration import write_config


@pytest.fixture
def port() -> Iterator[int]:
    """A port where something answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def found(tmp_path: Path, *, package: str | None = "2.1.0", **link: object) -> list[Finding]:
    config = write_config(tmp_path / "config.yaml", {"link": link})
    host = Host(version_of=lambda _: package)
    return list(check_link(CheckContext(host, config, (), load_config(config), (), None)))


def test_a_bin_that_tells_nothing_needs_nothing(tmp_path: Path) -> None:
    (one,) = found(tmp_path, package=None)
    assert one.status is CheckStatus.NOT_APPLICABLE


def test_a_configuration_that_is_not_valid_is_not_looked_at(tmp_path: Path) -> None:
    context = CheckContext(Host(), tmp_path / "config.yaml", (), None, ("wrong",), None)
    (one,) = check_link(replace(context))
    assert one.status is CheckStatus.NOT_APPLICABLE


def test_all_in_order_is_told_in_a_line(tmp_path: Path, port: int) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o640)
    link = {"host": "127.0.0.1", "port": port, "user": "a", "password_file": "secret", "metrics_port": 9105}
    (one,) = found(tmp_path, **link)
    assert one.status is CheckStatus.OK
    assert one.found == f"broker 127.0.0.1:{port} answers, figures at port 9105 of this machine"


def test_figures_alone_need_no_broker(tmp_path: Path) -> None:
    (one,) = found(tmp_path, metrics_port=9105)
    assert one.found == "figures at port 9105 of this machine"


def test_a_package_that_is_missing_is_found(tmp_path: Path, port: int) -> None:
    (one,) = found(tmp_path, package=None, host="127.0.0.1", port=port)
    assert (one.status, one.found) == (CheckStatus.WARNING, "paho-mqtt is not installed")


@pytest.mark.parametrize("key", ["password_file", "key"])
def test_a_secret_that_everybody_may_read_is_found(tmp_path: Path, port: int, key: str) -> None:
    for name, mode in (("a", 0o644), ("b", 0o644)):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(mode)
    secret = {"user": "a", "password_file": "a"} if key == "password_file" else {"certificate": "b", "key": "a"}
    (one,) = found(tmp_path, host="127.0.0.1", port=port, tls=True, **secret)
    assert f"link.{key} {tmp_path / 'a'}: everybody may read it" in one.found
    assert "chmod 640" in one.advice


def test_a_file_that_is_not_there_is_found(tmp_path: Path, port: int) -> None:
    (one,) = found(tmp_path, host="127.0.0.1", port=port, tls=True, ca="none.pem")
    assert "link.ca" in one.found
    assert "there is no such file" in one.found


def test_a_broker_that_does_not_answer_is_found(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    (one,) = found(tmp_path, host="127.0.0.1", port=port)
    assert f"broker 127.0.0.1:{port} does not answer: Connection refused" in one.found


def test_a_password_that_goes_over_the_network_in_the_open_is_found(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o600)
    findings = found(tmp_path, host="broker.invalid", user="a", password_file="secret")
    assert "without link.tls" in findings[0].found
    assert "does not answer" in findings[1].found
