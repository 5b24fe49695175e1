"""The page of pictures: what it shows, to whom, and nothing else."""

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from edge.calibrate import picture_page
from edge.calibrate.picture_page import MAX_CONNECTIONS, PicturePage, hosts_of
from edge.cli import main
from edge.errors import UnavailableError
from tests.doubles.scripted_dialogue import Asked, ScriptedDialogue
from tests.edge.calibrate.test_calibrate import CalibrationRig

JPEG = b"\xff\xd8 a picture"


@pytest.fixture
def rig(tmp_path: Path) -> CalibrationRig:
    return CalibrationRig(tmp_path)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[PicturePage]:
    monkeypatch.setattr(picture_page, "FAREWELL_S", 0.0)
    with PicturePage(address="127.0.0.1") as one:
        yield one


def ask(page: PicturePage, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content of an answer."""
    url = urlsplit(page.urls[0])
    connection = http.client.HTTPConnection("127.0.0.1", url.port or 0, timeout=5)
    connection.request(method, path)
    answer = connection.getresponse()
    got = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return got


def root(page: PicturePage) -> str:
    return urlsplit(page.urls[0]).path


def test_it_shows_the_newest_picture_on_top_and_loads_itself_again(page: PicturePage) -> None:
    assert b"No picture yet" in ask(page, root(page))[2]
    page.publish("tray.jpg", b"old", "The tray")
    page.publish("light.jpg", JPEG, "Light & shade <b>")
    page.publish("tray.jpg", JPEG, "The tray again")
    status, headers, content = ask(page, root(page))
    text = content.decode()
    assert status == 200
    assert headers["Cache-Control"] == "no-store"
    assert 'http-equiv="refresh"' in text
    sources = re.findall(r'src="([^"]+)"', text)
    assert [source.partition("?")[0] for source in sources] == [f"{root(page)}/tray.jpg", f"{root(page)}/light.jpg"]
    assert [ask(page, source)[2] for source in sources] == [JPEG, JPEG]
    assert "Light &amp; shade &lt;b&gt;" in text
    assert "<b>" not in text


def test_a_browser_that_shows_it_is_told_that_it_has_ended_and_loads_it_no_more() -> None:
    page = PicturePage(address="127.0.0.1")
    page.publish("tray.jpg", JPEG, "The tray")
    assert b"Answer the questions in the terminal" in ask(page, root(page))[2]
    closing = threading.Thread(target=page.close)
    closing.start()
    while b"has ended" not in (content := ask(page, root(page))[2]):
        pass
    closing.join(timeout=1)
    assert not closing.is_alive(), "it waits for nobody else"
    assert b"The tray" in content
    assert b"refresh" not in content


def test_a_picture_that_changes_has_another_address(page: PicturePage) -> None:
    page.publish("tray.jpg", b"old", "")
    before = ask(page, root(page))[2]
    page.publish("tray.jpg", b"new", "")
    assert ask(page, root(page))[2] != before


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/tray.jpg",
        "/{wrong}",
        "/{wrong}/tray.jpg",
        "{root}/other.jpg",
        "{root}/../../etc/passwd",
        "{root}//etc/passwd",
    ],
)
def test_nothing_but_the_pictures_is_served_and_only_to_who_knows_the_address(page: PicturePage, path: str) -> None:
    page.publish("tray.jpg", JPEG, "The tray")
    status, _, content = ask(page, path.format(root=root(page), wrong="a" * len(root(page)[1:])))
    assert (status, content) == (404, b"not found\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_can_be_changed_through_it(page: PicturePage, method: str) -> None:
    page.publish("tray.jpg", JPEG, "The tray")
    assert ask(page, f"{root(page)}/tray.jpg", method)[0] == 501
    assert ask(page, f"{root(page)}/tray.jpg", "HEAD")[2] == b""
    assert ask(page, f"{root(page)}/tray.jpg")[2] == JPEG


def test_it_runs_no_script_and_tells_no_other_page_its_address(page: PicturePage) -> None:
    _, headers, _ = ask(page, root(page))
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Python" not in headers["Server"]


def test_every_run_has_an_address_of_its_own() -> None:
    tokens = set()
    for _ in range(5):
        with PicturePage(address="127.0.0.1") as page:
            tokens.add(root(page))
    assert len(tokens) == 5
    assert all(len(token) == 11 for token in tokens)


def test_idle_connections_do_not_add_up(page: PicturePage) -> None:
    port = urlsplit(page.urls[0]).port or 0
    idle = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(MAX_CONNECTIONS + 1)]
    assert idle[-1].recv(1) == b"", "closed at once"
    for one in idle:
        one.close()


def test_nobody_listens_afterwards() -> None:
    with PicturePage(address="127.0.0.1") as page:
        port = urlsplit(page.urls[0]).port or 0
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)


@pytest.mark.parametrize("address", ["192.0.2.77", "127.0.0.1"])
def test_an_address_where_it_cannot_listen_is_said(address: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UnavailableError, match=f"cannot listen at {address} port .*--no-page goes without"):
            PicturePage(address=address, port=taken.getsockname()[1])


def test_the_addresses_are_those_that_reach_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "bin.example.org")
    monkeypatch.setenv("SSH_CONNECTION", "192.168.1.9 5000 192.168.1.5 22")
    assert list(hosts_of("0.0.0.0")) == ["bin.local", "192.168.1.5"]
    assert list(hosts_of("127.0.0.1")) == ["127.0.0.1"]
    assert list(hosts_of("fd00::1")) == ["[fd00::1]"]
    monkeypatch.delenv("SSH_CONNECTION")
    monkeypatch.setattr(picture_page, "_address_in_network", lambda: None)
    assert list(hosts_of("0.0.0.0")) == ["localhost"]


# --- in a calibration -------------------------------------------------------------------------------------------------


def test_a_step_puts_its_picture_on_the_page_and_says_where(rig: CalibrationRig, page: PicturePage) -> None:
    rig.page = page
    dialogue = ScriptedDialogue(Asked("Clear the tray"), Asked("new picture", "s"))
    rig.run(dialogue, "tray")
    assert any(line.startswith(f"Open {page.urls[0]} in a browser") for line in dialogue.shown)
    assert any(line.endswith(page.urls[0]) and "green" in line for line in dialogue.shown)
    content = ask(page, f"{root(page)}/tray.jpg")[2]
    assert content == (rig.path.parent / "state" / "calibrate" / "tray.jpg").read_bytes()


def test_without_a_page_the_file_is_named(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(Asked("Clear the tray"), Asked("new picture", "s"))
    rig.run(dialogue, "tray")
    assert any(line.endswith(str(rig.path.parent / "state" / "calibrate" / "tray.jpg")) for line in dialogue.shown)
    assert not [line for line in dialogue.shown if "http" in line]


def test_the_command_serves_the_page_while_it_runs_at_the_address_that_it_is_given(
    rig: CalibrationRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look() -> str:
        (line,) = (line for line in dialogue.shown if line.startswith("Open http://127.0.0.1:"))
        urls.append(line.split()[1])
        return "s"

    urls: list[str] = []
    dialogue = ScriptedDialogue(Asked("Clear the tray", look))
    monkeypatch.setattr("edge.commands.calibrate.Terminal", lambda: dialogue)
    assert main(["calibrate", "tray", "--page", "127.0.0.1", "--config", str(rig.path)]) == 0
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", urlsplit(urls[0]).port or 0), timeout=5)


@pytest.mark.parametrize("place", ["bin.local", "127.0.0.1:x", "127.0.0.1:70000", ""])
def test_a_place_that_is_none_is_a_usage_error(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["calibrate", "--page", place])
    assert left.value.code == 2
    assert "expected an IP address of this machine" in capsys.readouterr().err
