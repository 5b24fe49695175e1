"""Levels, temperature and disk, hour by hour: kept for a month, and a damaged file costs no start."""

import asyncio
from pathlib import Path

from edge.bin_socket.messages import Status
from edge.page.figures.vitals import MOST, NAME, Vitals, VitalSample, levels_of, watching
from hardware.clock import ManualClock
from tests.builders.page import FakeBin


def vitals(folder: Path, disk: Path | None = None) -> Vitals:
    return Vitals(folder, disk or folder, ManualClock(wall_s=1000.0), read_temperature=lambda: 51.5)


def test_samples_are_kept_over_a_restart(tmp_path: Path) -> None:
    kept = vitals(tmp_path)
    sample = kept.now({"glass": 0.4})
    assert (sample.wall_s, sample.temperature_c, sample.levels) == (1000.0, 51.5, {"glass": 0.4})
    assert sample.free_mb is not None
    kept.keep(sample)
    assert vitals(tmp_path).samples == [sample]


def test_only_a_month_is_kept(tmp_path: Path) -> None:
    kept = vitals(tmp_path)
    kept._samples = [VitalSample(float(hour)) for hour in range(MOST)]
    kept.keep(VitalSample(float(MOST)))
    assert [one.wall_s for one in (kept.samples[0], kept.samples[-1])] == [1.0, MOST]
    assert len(vitals(tmp_path).samples) == MOST


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    for content in (b"{", b"[1]", b'[{"wall_s": "x"}]', b"\xff"):
        (tmp_path / NAME).write_bytes(content)
        assert vitals(tmp_path).samples == []
        assert not (tmp_path / NAME).exists()


def test_a_disk_that_is_not_there_has_no_room_that_is_known(tmp_path: Path) -> None:
    assert vitals(tmp_path, tmp_path / "gone").now({}).free_mb is None


def test_a_sample_is_taken_of_a_bin_that_answers(tmp_path: Path) -> None:
    link = FakeBin()
    kept = vitals(tmp_path)

    async def watch() -> None:
        async with watching(kept, link):
            for _ in range(100):
                await asyncio.sleep(0.01)
                if kept.samples:
                    return

    link.tell(Status({"fill_levels": {"glass": 0.7, "metal": "?"}}, 0.0))
    asyncio.run(watch())
    assert [one.levels for one in kept.samples] == [{"glass": 0.7}]


def test_of_a_lost_bin_no_level_is_known() -> None:
    link = FakeBin()
    assert levels_of(link) == levels_of(None) == {}
    link.tell(Status({"fill_levels": None}, 0.0))
    assert levels_of(link) == {}
