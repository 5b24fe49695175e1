"""``sorter run`` as a process, on kernel pins and kernel cameras: it starts, homes its flaps, looks at a tray, and stops."""

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

PATIENCE_S = 120.0

RUN_S = 10.0
"""How long it looks at the empty tray."""

SERVOS, RELAY = {"paper": 12, "glass": 13, "packaging": 18}, 23
"""Pins of the flaps in the tests' configuration. A relay at home is a pin that is let alone."""

NO_TEXT = 2

CAMERAS: dict[str, tuple[Callable[[], list[Path]], str, dict[str, Any]]] = {
    "opencv": (
        lambda: [WEBCAM],
        "osd_text_mode",
        {"width": 320, "height": 240, "opencv": {"source": str(WEBCAM), "warm_up_s": 0.5}},
    ),
    "picamera2": (sensors, "show_information", {"width": 160, "height": 120, "picamera2": {"warm_up_s": 0.5}}),
}
"""The devices that say what a camera sees, their control for the text in its pictures, and the settings: pictures as large as an
emulated processor can draw in time."""


class Running:
    """The process, what it tells systemd, and what it prints."""

    def __init__(self, config: Path) -> None:
        address = config.with_name("notify")
        self._port = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._port.bind(str(address))
        self._port.setblocking(False)
        self._printed = config.with_name("printed")
        self.told: list[str] = []
        with self._printed.open("w") as printed:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edge", "run", "--config", str(config)],
                cwd=ROOT,
                env={**os.environ, "NOTIFY_SOCKET": str(address), "COLUMNS": "120"},
                stdout=printed,
            )

    def has_told(self, word: str) -> bool:
        assert self.process.poll() is None, f"it ended with {self.process.returncode}"
        try:
            while True:
                self.told += self._port.recv(4096).decode().splitlines()
        except BlockingIOError:
            return any(line.startswith(word) for line in self.told)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    @property
    def summary(self) -> str:
        """What it says at its end, in a line."""
        return " ".join(self._printed.read_text().split())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._port.close()


@contextmanager
def running(folder: Path, changes: dict[str, Any]) -> Iterator[Running]:
    sorter = Running(write_config(folder / "sorter.yaml", changes))
    try:
        yield sorter
    finally:
        sorter.close()


@contextmanager
def pulsed(pins: dict[str, int]) -> Iterator[set[str]]:
    """The names of the pins that gave a servo's pulses so far."""
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
        "camera": {"kind": kind, "fps": 10, **settings},
        "flaps": {"pin_factory": "lgpio"},
        "event_log": {"file": "events.sqlite", "images": "images"},
    }
    with EventLog(tmp_path / "events.sqlite") as events:
        events.start_session(wall_s=0.0, model="")
    for device in devices():
        show(device, test_pattern=WHITE, **{text: NO_TEXT})
    # Each servo travels for three seconds, longer than a look at all of them takes even where the host has other work.
    changes["bins"] = {name: {"dwell_s": 3.0, "flap": {"travel_s": 3.0}} for name in SERVOS}
    with lit(devices()), running(tmp_path, changes) as sorter:
        with pulsed(SERVOS) as homed:
            assert until(lambda: sorter.has_told("READY=1"), PATIENCE_S), f"not ready; it told {sorter.told}"
        assert until(lambda: sorter.has_told("STATUS=tray: empty"), PATIENCE_S), f"no tray; it told {sorter.told}"
        assert not until(lambda: sorter.has_told("STATUS=ATTENTION"), RUN_S), sorter.told
        assert sorter.stop() == 0
        summary = sorter.summary
    assert homed == set(SERVOS)
    assert not any(GpioLine(pin).level for pin in (*SERVOS.values(), RELAY))
    counted = re.search(r"0 items in (\d+) s of the bin's clock, (\d+) frames", summary)
    assert counted, summary
    record_property("frames a second", f"{int(counted[2]) / int(counted[1]):.1f}")
    assert "attention" not in summary


def test_a_camera_that_is_not_there_ends_it_with_69(tmp_path: Path) -> None:
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
