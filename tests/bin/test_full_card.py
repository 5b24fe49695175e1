"""A card full of the bin's own pictures: pictures give way, every item is sorted and on record."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edge.records.image_ring import ImageRing
from edge.service.assembly import assemble
from edge.service.loop import run_loop
from tests.bin.simulated import sim_config
from tests.builders.pictures import Pixels, item_picture
from tests.paths import ROOT

ITEMS = 6

SMALL = ("camera.width=320", "camera.height=240", "simulation.gap_s=[0.2, 0.4]", f"simulation.items={ITEMS}")


def picture() -> Pixels:
    return item_picture(width=320, height=240)


def fill_with_pictures(folder: Path) -> int:
    """Store pictures until the disk is full; returns how many there are."""
    ring = ImageRing(folder / "images", budget_bytes=10**9)
    number, one = 0, picture()
    while ring.add(f"s00000001-{number:06d}", one) is not None:
        number += 1
    with (folder / "images" / "s00000001-999999.jpg").open("wb", buffering=0) as rest:
        try:
            while rest.write(bytes(4096)):
                pass
        except OSError:
            pass
    return number


def run(folder: Path, reserve_mb: float) -> dict[str, object]:
    """Sort on a disk that is full of pictures; what came of it."""
    stored = fill_with_pictures(folder)
    free = os.statvfs(folder)
    config = sim_config(folder, *SMALL, f"event_log.reserve_mb={reserve_mb}", "event_log.image_budget_mb=1000")
    with assemble(config) as assembly:
        tally = run_loop(assembly, threading.Event(), duration_s=120)
        assert assembly.simulation is not None
        score = assembly.simulation.score()
        rows = [row["outcome"] for row in assembly.events.events()]
        alarms = {str(alarm): count for alarm, count in tally.alarms.items()}
    return {
        "stored": stored,
        "free_before": free.f_bavail * free.f_frsize,
        "handled": score.handled_once,
        "missed": score.missed,
        "outcomes": rows,
        "alarms": alarms,
        "left": len(list((folder / "images").iterdir())),
        "last": max(path.name for path in (folder / "images").iterdir()),
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
@pytest.mark.parametrize("reserve_mb", [1.0, pytest.param(0.0, marks=pytest.mark.slow)])
def test_a_card_full_of_pictures_costs_no_item(tmp_path: Path, reserve_mb: float) -> None:
    script = 'mount -t tmpfs -o size=8m none "$1" && exec "$2" -m tests.bin.test_full_card "$1" "$3"'
    command = ["unshare", "--mount", "bash", "-c", script, "-", str(tmp_path), sys.executable, str(reserve_mb)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip("no mounts here")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["stored"] > 100
    assert found["free_before"] == 0
    assert (found["handled"], found["missed"]) == (ITEMS, 0)
    assert found["outcomes"] == ["done"] * ITEMS
    assert found["alarms"] == {}
    assert 0 < found["left"] < found["stored"], "pictures gave way, the oldest, and no more than had to"
    assert found["last"] > "s00000002", "and new ones are stored"


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), float(sys.argv[2]))))  # noqa: T201
