"""``sorter run`` as a process on kernel pins and kernel cameras: it starts, homes its flaps, watches a tray and stops."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.records.event_log import EventLog
from tests.builders.configuration import write_config
from tests.paths import ROOT
from tests.pi.guest.gpio_line import GpioLine
from tests.pi.guest.pattern import WEBCAM, WHITE, lit, sensors, show
from tests.processes import until

TIMEOUT_S = 120.0

RUN_S = 10.0
"""Seconds for which it watches the empty tray."""

SERVOS, RELAY = {"paper": 12, "glass": 13, "packaging": 18}, 23
"""Pins of the flaps in the tests' configuration. The pin of a relay at home does not change."""

LID = 22
"""Pin of the contact that closes while the lid is open."""

NO_TEXT = 2
"""Value of the cameras' control that removes the text from their pictures."""

CAMERAS: dict[str, tuple[Callable[[], list[Path]], str, dict[str, Any]]] = {
    "opencv": (
        lambda: [WEBCAM],
        "osd_text_mode",
        {"width": 320, "height": 240, "opencv": {"source": str(WEBCAM), "warm_up_s": 0.5}},
    ),
    "picamera2": (sensors, "show_information", {"width": 160, "height": 120, "picamera2": {"warm_up_s": 0.5}}),
}
"""Kind of camera -> devices that set its pattern, their control for the text in the pictures, and settings of the camera, with
pictures as large as an emulated processor can draw in time."""


class RunningSorter:
    """The process, its messages to systemd, and its output.

    Attributes:
        process: the process.
        notifications: lines that it sent to systemd.
    """

    def __init__(self, config: Path) -> None:
        address = config.with_name("notify")
        self._port = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._port.bind(str(address))
        self._port.setblocking(False)
        self._printed = config.with_name("printed")
        self.notifications: list[str] = []
        with self._printed.open("w") as printed:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edge", "run", "--config", str(config)],
                cwd=ROOT,
                env={**os.environ, "NOTIFY_SOCKET": str(address), "COLUMNS": "120"},
                stdout=printed,
            )

    def has_notified(self, word: str) -> bool:
        """Whether it sent a line that begins with ``word``."""
        assert self.process.poll() is None, f"it ended with {self.process.returncode}"
        try:
            while True:
                self.notifications += self._port.recv(4096).decode().splitlines()
        except BlockingIOError:
            return any(line.startswith(word) for line in self.notifications)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT_S)

    @property
    def summary(self) -> str:
        """The output, in one line."""
        return " ".join(self._printed.read_text().split())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._port.close()


@contextmanager
def running(folder: Path, changes: dict[str, Any]) -> Iterator[RunningSorter]:
    sorter = RunningSorter(write_config(folder / "sorter.yaml", changes))
    try:
        yield sorter
    finally:
        sorter.close()


@contextmanager
def pulsed(pins: dict[str, int]) -> Iterator[set[str]]:
    """Names of the pins on which servo pulses were seen so far."""
    seen: set[str] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            for name, pin in pins.items():
                if name not in seen and GpioLine(pin).pulses(0.1):
                    seen.add(name)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize("kind", CAMERAS)
def test_it_starts_after_an_unclean_stop_looks_at_the_tray_and_stops(
    kind: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    devices, text, settings = CAMERAS[kind]
    changes = {
        # A busy host delivers pictures late and far apart, and the guard rightly sends no flap home by such pictures alone:
        # a lid, whose contact nothing pulls at, keeps people out.
        "camera": {"kind": kind, "fps": 10, "max_frame_age_s": 1.0, **settings},
        "flaps": {"pin_factory": "lgpio"},
        "panel": {"lid": {"pin": LID, "contact": "closes"}},
        "event_log": {"file": "events.sqlite", "images": "images"},
    }
    with EventLog(tmp_path / "events.sqlite") as events:
        events.start_session(wall_s=0.0, model="")
    for device in devices():
        show(device, test_pattern=WHITE, **{text: NO_TEXT})
    # Each servo travels for three seconds: longer than it takes to check all of them, even on a busy host.
    changes["bins"] = {name: {"dwell_s": 3.0, "flap": {"travel_s": 3.0}} for name in SERVOS}
    with lit(devices()), running(tmp_path, changes) as sorter:
        with pulsed(SERVOS) as homed:
            assert until(lambda: sorter.has_notified("READY=1"), TIMEOUT_S), (
                f"not ready; it sent {sorter.notifications}"
            )
        assert until(lambda: sorter.has_notified("STATUS=tray: empty"), TIMEOUT_S), (
            f"no tray; it sent {sorter.notifications}"
        )
        assert not until(lambda: sorter.has_notified("STATUS=ATTENTION"), RUN_S), sorter.notifications
        assert sorter.stop() == 0
        summary = sorter.summary
    assert homed == set(SERVOS)
    assert not any(GpioLine(pin).level for pin in (*SERVOS.values(), RELAY))
    counted = re.search(r"0 items in (\d+) s of the bin's clock, (\d+) frames", summary)
    assert counted, summary
    record_property("frames a second", f"{int(counted[2]) / int(counted[1]):.1f}")
    assert "attention" not in summary


def test_a_missing_camera_ends_it_with_exit_code_69(tmp_path: Path) -> None:
    changes = {"camera": {"kind": "opencv", "opencv": {"source": "/dev/video77"}}, "flaps": {"pin_factory": "lgpio"}}
    config = write_config(tmp_path / "sorter.yaml", changes)
    ended = subprocess.run(
        [sys.executable, "-m", "edge", "run", "--config", str(config)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 69
    assert "/dev/video77" in ended.stderr
