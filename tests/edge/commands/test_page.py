"""``sorter page`` as somebody types it."""

import json
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.cli import main
from edge.page.access.accounts import Accounts
from edge.page.access.roles import Role
from tests.builders.configuration import write_config


def free_port() -> str:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


@contextmanager
def page(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A page in a process of its own, and what it says until it is served."""
    port = free_port()
    command = [sys.executable, "-m", "edge", "page", "--host", "127.0.0.1", "--port", port, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = ""
    try:
        while "page: http" not in said:
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            said += line
        yield process, said
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_it_says_its_address_and_the_code_and_ends_quietly(config_file: Path) -> None:
    with page("--config", str(config_file)) as (process, said):
        (address,) = re.findall(r"^page: (http://127.0.0.1:\d+/first-visit\?code=[\w-]+)$", said, flags=re.MULTILINE)
        with urllib.request.urlopen(address) as answer:
            assert "Welcome to your bin" in answer.read().decode()
        process.terminate()
        assert process.wait(timeout=30) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_it_shows_a_copied_event_log_without_a_bin(tmp_path: Path) -> None:
    log = tmp_path / "copy.sqlite"
    with page("--events", str(log)) as (_, said):
        assert "first-visit" in said
    assert (tmp_path / "page" / "session.key").is_file()


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "edge", "page", "--events", str(tmp_path / "x.sqlite"), "--port", port],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 69
    assert f"port {port}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_configuration_that_is_wrong_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path / "sorter.yaml")
    config.write_text(config.read_text() + "\ncamera: {fps: quick}\n")
    assert main(["page", "--config", str(config)]) == 78
    assert str(config) in capsys.readouterr().err


def test_after_a_reset_nobody_has_a_password(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = config_file.parent / "page"
    folder.mkdir()
    Accounts(folder / "accounts.json").add("ada", Role.SET_UP, "correct horse")
    arguments = ["page", "--reset", "--config", str(config_file), "--state", str(folder)]
    assert main(arguments) == 0
    assert "restart" in capsys.readouterr().out
    assert len(Accounts(folder / "accounts.json")) == 0
    assert json.loads((folder / "accounts.json").read_text())["accounts"] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--certificate", "a.pem"], "--key"),
        (["--key", "a.pem"], "--certificate"),
        (["--plain-port", "8080"], "--tls"),
        (["--port", "70000"], "65535"),
        (["--port", "http"], "65535"),
    ],
)
def test_options_that_say_nothing_alone_are_wrong_usage(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["page", *options])
    assert said in capsys.readouterr().err
