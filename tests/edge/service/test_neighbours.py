"""The loop's end of the socket: a whole simulated bin that is watched, paused, moved by hand, and asked at the wrong moment."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.actuation.operator_mode import FORGOTTEN_S
from edge.alarms import Alarm
from edge.bin_socket.connection import Connection
from edge.bin_socket.exchange import LATE_S, Exchange
from edge.bin_socket.protocol import Action, Request
from edge.errors import UnavailableError
from edge.service.assembly import Assembly, assemble
from edge.service.loop import run_loop
from edge.service.neighbours import Neighbours, serve_neighbours
from edge.service.scene_pictures import LIVE_SIDE, ScenePictures
from edge.service.status_report import StatusReport, StatusReporter
from edge.sight.presence import PresenceState
from edge.sight.tray_watch import Scene
from edge.values import Frame, Item, Mask, SortEvent
from hardware.clock import ManualClock
from tests.bin.simulated import sim_config
from tests.builders.pictures import item_picture
from tests.edge.bin_socket.neighbour import Neighbour
from tests.paths import ROOT

BY: Connection = object()  # type: ignore[assignment]


class WatchedBin:
    """A simulated bin on a clock that is moved by hand; between its steps somebody asks.

    Attributes:
        told: what the bin has told, as messages.
    """

    def __init__(self, assembly: Assembly, clock: ManualClock, exchange: Exchange) -> None:
        self.assembly = assembly
        self.clock = clock
        self.exchange = exchange
        self.told: list[dict[str, Any]] = []
        self.sorter = assembly.sorter
        self._reporter = StatusReporter(assembly, clock=clock)
        self._neighbours = Neighbours(assembly.sorter, exchange, self._reporter, clock=clock)
        exchange.is_watched = True

    def run(self, seconds: float, every_step: Request | None = None) -> None:
        def on_step(tally: Any, event: SortEvent | None) -> None:
            if every_step is not None:
                self.exchange.ask(every_step, BY)
            self._reporter.note(event)
            self._neighbours.update(tally, event, ready=True)
            self.told += [json.loads(line) for _, line in self.exchange.told()]

        run_loop(self.assembly, threading.Event(), duration_s=seconds, on_step=on_step)

    def ask(self, do: Action, **fields: Any) -> str | None:
        """Ask, let a moment pass; the reason why it was refused, or None."""
        self.exchange.ask(Request(do, id=len(self.told) + 1000, **fields), BY)
        number = len(self.told) + 1000
        self.run(0.2)
        answers = [one for one in self.told if one.get("answer") == number]
        assert len(answers) == 1
        return answers[0].get("error")

    @property
    def status(self) -> StatusReport:
        assert self.exchange.status is not None
        return self.exchange.status.report  # type: ignore[return-value]

    def messages(self, name: str) -> list[dict[str, Any]]:
        return [one[name] for one in self.told if name in one]


@pytest.fixture
def bin_(tmp_path: Path) -> Iterator[WatchedBin]:
    clock = ManualClock()
    exchange = Exchange(clock=clock)
    config = sim_config(tmp_path, "camera.width=320", "camera.height=240", "tray.memory=null", "simulation.items=8")
    with assemble(config, clock=clock) as assembly:
        yield WatchedBin(assembly, clock, exchange)
    exchange.close()


def test_whoever_watches_is_told_of_every_item_and_what_became_of_it(bin_: WatchedBin) -> None:
    bin_.run(60.0)
    decided = [event["number"] for event in bin_.messages("event")]
    assert decided == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [(one["number"], one["outcome"]) for one in bin_.messages("outcome")] == [(n, "done") for n in decided]
    assert set(bin_.messages("event")[0]) == set(SortEvent.__dataclass_fields__)
    assert (bin_.status["items"], bin_.status["condition"]) == (8, "ok")


def test_a_bin_that_nobody_watches_tells_nothing(bin_: WatchedBin) -> None:
    bin_.exchange.is_watched = False
    bin_.run(10.0)
    assert bin_.told == []
    assert bin_.exchange.status is None
    bin_.exchange.is_watched = True
    bin_.run(0.2)
    assert bin_.messages("outcome") == [], "what was before is in the event log"


def test_a_paused_bin_says_so_and_is_not_at_fault(bin_: WatchedBin) -> None:
    bin_.run(5.0)
    assert bin_.ask(Action.PAUSE) is None
    bin_.run(30.0)
    decided = len(bin_.messages("event"))
    bin_.run(60.0)
    assert len(bin_.messages("event")) == decided
    assert bin_.sorter.tray.state is PresenceState.AT_REST, "something was thrown in"
    assert (bin_.status["paused"], bin_.status["condition"], bin_.status["alarms"]) == (True, "ok", [])
    assert not bin_.assembly.progress.is_stalled, "the watchdog has no reason"
    lying = bin_.sorter.scene
    assert lying is not None
    assert lying.item is not None
    assert bin_.ask(Action.GO_ON) is None
    bin_.run(5.0)
    assert lying.item.number in [event["number"] for event in bin_.messages("event")[decided:]]
    assert bin_.assembly.alarms.counts == {}


def test_a_pause_that_is_forgotten_calls_for_attention(bin_: WatchedBin) -> None:
    bin_.run(2.0)
    bin_.ask(Action.PAUSE)
    bin_.clock.advance(FORGOTTEN_S)
    bin_.run(1.0)
    bin_.run(1.0)
    assert (bin_.status["condition"], [one["alarm"] for one in bin_.status["alarms"]]) == ("attention", [Alarm.PAUSED])
    bin_.ask(Action.GO_ON)
    bin_.run(1.0)
    assert bin_.status["condition"] == "ok"


def test_a_flap_is_moved_by_hand_only_while_paused_and_comes_home_before_anything_is_sorted(bin_: WatchedBin) -> None:
    bin_.run(2.0)
    assert "only while the bin is paused" in (bin_.ask(Action.JOG, bin="glass") or "")
    bin_.ask(Action.PAUSE)
    bin_.run(10.0)
    world: Any = bin_.assembly.simulation
    bin_.run(1.0, every_step=Request(Action.JOG, bin="glass"))
    assert world.flaps["glass"].opening == 1
    bin_.run(1.0)
    assert bin_.status["moved_by_hand"] == "glass"
    assert bin_.ask(Action.HOME) is None
    bin_.run(8.0)
    assert world.flaps["glass"].opening == 0
    assert bin_.status["moved_by_hand"] is None
    assert bin_.ask(Action.GO_ON) is None
    bin_.run(60.0)
    assert world.score().double == 0
    assert bin_.assembly.alarms.counts == {}


def test_a_bin_without_a_light_refuses_to_blink(bin_: WatchedBin) -> None:
    bin_.run(1.0)
    assert "no status light" in (bin_.ask(Action.IDENTIFY) or "")


def test_the_tray_is_learnt_anew(bin_: WatchedBin) -> None:
    bin_.run(2.5)
    bin_.ask(Action.PAUSE)
    before = bin_.sorter.tray.presence.background
    assert bin_.ask(Action.LEARN_TRAY) is None
    bin_.run(5.0)
    assert bin_.sorter.tray.presence.background is not before
    assert bin_.sorter.tray.state is not PresenceState.LEARNING


def test_what_was_asked_for_too_long_ago_is_not_done(bin_: WatchedBin) -> None:
    bin_.exchange.ask(Request(Action.PAUSE, 1), BY)
    bin_.clock.advance(LATE_S + 0.1)
    bin_.run(0.2)
    assert bin_.told[0] == {"answer": 1, "error": "it came too late: the bin was busy"}
    assert not bin_.sorter.flaps.mode.is_paused


# --- pictures ---------------------------------------------------------------------------------------------------------

REGION = (0.25, 0.5, 0.75, 1.0)


def scene(width: int = 1280, height: int = 960, sequence: int = 5) -> Scene:
    cover = np.zeros((40, 60), np.uint8)
    cover[10:30, 15:45] = 255
    mask = Mask(cover, (0.25, 0.25, 0.75, 0.75), 0.25)
    frame = Frame(item_picture(width=width, height=height), 9.0, sequence)
    box = (width * 3 // 8, height * 5 // 8, width * 5 // 8, height * 7 // 8)
    return Scene(frame, PresenceState.AT_REST, Item(frame, mask, box, 3, 8.0))


def decoded(jpeg: bytes, mode: int = cv2.IMREAD_COLOR) -> Any:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), mode)


def test_a_live_picture_is_small_and_its_outline_lies_where_the_item_is() -> None:
    pictures = ScenePictures(scene, region=REGION, clock=ManualClock(9.5))
    shot = pictures.live(newer_than=4)
    assert shot is not None
    header = shot.header
    assert decoded(shot.jpeg).shape == (480, LIVE_SIDE, 3)
    assert (header["sequence"], header["age_s"], header["width"], header["height"]) == (5, 0.5, 640, 480)
    assert (header["tray"], header["is_empty"], header["region"]) == ("item at rest", False, [0.25, 0.5, 0.75, 1.0])
    seen = header["item"]
    assert seen is not None
    assert (seen["number"], seen["things"], seen["box"]) == (3, 1, [0.375, 0.625, 0.625, 0.875])
    across, down = zip(*seen["outline"], strict=True)
    assert min(across) == pytest.approx(0.375, abs=0.01)
    assert max(across) == pytest.approx(0.625, abs=0.01)
    assert min(down) == pytest.approx(0.625, abs=0.01)
    assert max(down) == pytest.approx(0.875, abs=0.01)


def test_no_picture_is_made_twice() -> None:
    pictures = ScenePictures(scene, region=REGION, clock=ManualClock(9.5))
    assert pictures.live(newer_than=5) is None


def test_a_picture_to_teach_from_is_whole_and_has_the_mask() -> None:
    one = scene(320, 240)
    shot = ScenePictures(lambda: one, region=REGION, clock=ManualClock(9.5)).look()
    assert shot is not None
    pixels = cv2.cvtColor(decoded(shot.jpeg), cv2.COLOR_BGR2RGB)
    assert float(np.abs(pixels.astype(int) - one.frame.pixels.astype(int)).mean()) < 3
    mask = decoded(base64.b64decode(shot.header["mask"]), cv2.IMREAD_GRAYSCALE)
    assert one.item is not None
    assert np.array_equal(mask, one.item.mask.cover)


def test_an_empty_tray_has_no_outline_and_before_the_first_frame_there_is_no_picture() -> None:
    empty = Scene(scene().frame, PresenceState.EMPTY, None)
    shot = ScenePictures(lambda: empty, region=REGION, clock=ManualClock(9.5)).look()
    assert shot is not None
    assert (shot.header["item"], shot.header["is_empty"], "mask" in shot.header) == (None, True, False)
    pictures = ScenePictures(lambda: None, region=REGION, clock=ManualClock(9.5))
    assert pictures.live(newer_than=-1) is None
    assert pictures.look() is None


# --- the program ------------------------------------------------------------------------------------------------------


def test_a_bin_whose_socket_cannot_be_made_sorts_without_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    with assemble(sim_config(tmp_path), clock=clock) as assembly:
        reporter = StatusReporter(assembly, clock=clock)
        with serve_neighbours(assembly, tmp_path / "missing" / "bin.sock", reporter, clock=clock) as made:
            assert made is None
        assert "cannot be made" in caplog.text
        with (
            serve_neighbours(assembly, tmp_path / "bin.sock", reporter, clock=clock),
            pytest.raises(UnavailableError, match="in use"),
            serve_neighbours(assembly, tmp_path / "bin.sock", reporter, clock=clock),
        ):
            pass


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_run_has_a_socket_as_its_configuration_says(tmp_path: Path, is_enabled: bool) -> None:
    log, path = tmp_path / "events.sqlite", tmp_path / "events.sqlite.bin.sock"
    settings = [f"event_log.file={log}", "tray.memory=null", f"socket.enabled={str(is_enabled).lower()}"]
    options = [part for one in settings for part in ("--set", one)]
    child = subprocess.Popen(
        [sys.executable, "-m", "edge", "run", *options],
        cwd=ROOT,
        env=os.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert child.stderr is not None
    with child.stderr:
        for line in child.stderr:
            if b"item 1" in line:
                break
        assert path.is_socket() is is_enabled
        if is_enabled:
            neighbour = Neighbour(path)
            assert neighbour.say(do="watch", pictures=True).read_until("picture")["content"].startswith(b"\xff\xd8")
            assert neighbour.read_until("status")["status"]["event_log"] == str(log)
            assert neighbour.say(do="pause", id=1).read_until("answer")["ok"]
            neighbour.close()
        child.terminate()
        child.stderr.read()
    assert child.wait() == 0
    assert not path.exists()
