"""The figures for Prometheus: right, well named, and served on this machine alone."""

import asyncio
import re
import shutil
import subprocess

import pytest

from edge.errors import UnavailableError
from edge.link.bin_view import BinView
from edge.link.day_counts import DayCounts
from edge.link.exposition import family
from edge.link.metrics import metrics_text
from edge.link.metrics_server import ADDRESS, MOST_REQUEST_BYTES, MetricsServer
from tests.builders.link import make_view

MOST_BYTES = 8192

TEXT = metrics_text(make_view(waiting=3, sent=50, connections=2), version="1.2.3")


@pytest.mark.parametrize(
    "line",
    [
        "sorter_up 1",
        'sorter_info{model="trashnet6",head="",version="1.2.3"} 1',
        'sorter_items_total{label="glass",bin="glass",outcome="done"} 40',
        'sorter_items_total{label="trash",bin="residual",outcome="done"} 10',
        'sorter_decisions_total{reason="confident"} 40',
        'sorter_decisions_total{reason="unsure"} 10',
        "sorter_undervoltage 0",
        "sorter_ready 1",
        "sorter_paused 0",
        'sorter_trouble{alarm="full",condition="attention"} 1',
        'sorter_fill_ratio{bin="glass"} 0.414',
        "sorter_start_time_seconds 1767225000",
        "sorter_last_item_time_seconds 1767225600.123",
        "sorter_last_item_decision_seconds 0.42",
        "sorter_last_item_inference_seconds 0.0025",
        "sorter_temperature_celsius 51.4",
        "sorter_disk_free_bytes 7540000000",
        "sorter_event_log_unreadable 0",
        "sorter_link_connected 1",
        "sorter_link_connections_total 2",
        "sorter_link_waiting_events 3",
        "sorter_link_sent_events_total 50",
    ],
)
def test_a_figure_is_what_it_should_be(line: str) -> None:
    assert line in TEXT.splitlines()


def test_every_figure_is_explained_once_and_right_before_its_values() -> None:
    lines = TEXT.splitlines()
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(set(names)) == len(names)
    current = ""
    for line in lines:
        if line.startswith("# HELP"):
            current = line.split()[2]
        assert line.split()[2 if line[0] == "#" else 0].partition("{")[0] == current


def test_a_bin_that_does_not_answer_tells_nothing_old() -> None:
    found = metrics_text(make_view(report=None), version="1")
    assert "sorter_up 0\n" in found
    for name in ("sorter_ready", "sorter_trouble", "sorter_fill_ratio", "sorter_held"):
        assert name not in found


def test_without_a_broker_nothing_is_said_of_one() -> None:
    assert "sorter_link" not in metrics_text(make_view(connected=None), version="1")


def test_before_anything_is_known_there_are_figures_all_the_same() -> None:
    found = metrics_text(BinView(), version="1")
    assert "sorter_up 0\n" in found
    assert "sorter_items_total" not in found


def test_a_flap_that_is_held_says_why() -> None:
    found = metrics_text(make_view(report={"held": "hand"}), version="1")
    assert 'sorter_held{reason="hand"} 1\n' in found
    assert "sorter_held" not in TEXT


def test_signs_in_labels_are_escaped() -> None:
    assert family("a", "gauge", "b", [({"c": 'x"\\\n'}, 1.5)]).splitlines()[-1] == 'a{c="x\\"\\\\\\n"} 1.5'


def test_a_bin_with_eight_labels_and_every_outcome_has_at_most_eight_kilobytes() -> None:
    kinds = {
        (label, name, outcome): 123_456
        for label in ("cardboard", "glass", "metal", "paper", "plastic", "trash", "battery", "carton")
        for name in ("packaging", "residual")
        for outcome in ("done", "stuck", "empty", "interrupted")
    }
    found = metrics_text(make_view(counts=DayCounts(kinds)), version="1.2.3")
    assert len(found.encode()) <= MOST_BYTES


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not here (Debian's package prometheus)")
def test_promtool_has_nothing_to_say() -> None:
    done = subprocess.run(["promtool", "check", "metrics"], input=TEXT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


# --- the server -------------------------------------------------------------------------------------------------------


async def asked(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(ADDRESS, port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


def served(request: bytes, text: str = "figures\n") -> bytes:
    async def serve() -> bytes:
        async with MetricsServer(lambda: text).listening(0) as port:
            return await asked(port, request)

    return asyncio.run(serve())


def test_the_figures_are_at_their_path() -> None:
    head, _, body = served(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert re.search(rb"Content-Type: text/plain; version=0\.0\.4", head)
    assert b"Content-Length: 8" in head
    assert body == b"figures\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /metrics?x=1 HTTP/1.1\r\n\r\n", b"200"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"405"),
        (b"\r\n\r\n", b"404"),
    ],
)
def test_other_requests_are_refused(request_: bytes, status: bytes) -> None:
    assert served(request_).split()[1] == status


def test_who_asks_for_the_head_gets_no_body() -> None:
    head, _, body = served(b"HEAD /metrics HTTP/1.1\r\n\r\n").partition(b"\r\n\r\n")
    assert (b"200 OK" in head, body) == (True, b"")


def test_a_request_without_an_end_is_dropped() -> None:
    assert served(b"GET /metrics HTTP/1.1\r\n" + b"x" * (2 * MOST_REQUEST_BYTES)) == b""


def test_a_port_that_is_taken_is_an_error_with_its_key() -> None:
    async def serve() -> None:
        async with MetricsServer(str).listening(0) as port, MetricsServer(str).listening(port):
            pass

    with pytest.raises(UnavailableError, match=r"link\.metrics_port \d+: cannot be listened on"):
        asyncio.run(serve())
