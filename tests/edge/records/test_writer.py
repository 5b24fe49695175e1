"""The writer's thread: jobs run in order, apart from the caller, and a stop waits for them for a while only."""

import threading
import time
from collections.abc import Iterator

import pytest

from edge.records import writer as writer_module
from edge.records.writer import InlineWriter, WriteJob, WriterThread, make_writer
from hardware.clock import ManualClock, SystemClock


@pytest.fixture
def thread() -> Iterator[WriterThread]:
    writer = WriterThread(SystemClock())
    yield writer
    writer.close()


def test_its_thread_has_a_name_and_keeps_no_program_from_ending(thread: WriterThread) -> None:
    assert [one.daemon for one in threading.enumerate() if one.name == "writer"] == [True]


def test_a_writer_without_a_thread_has_nothing_left_to_write() -> None:
    writer, clock = InlineWriter(ManualClock()), ManualClock()
    job = WriteJob(lambda: clock.advance(1.0))
    writer.submit(job)
    assert job.is_done
    assert writer.drain(0.0)


def test_jobs_run_one_after_the_other_in_another_thread(thread: WriterThread) -> None:
    ran: list[tuple[int, int]] = []
    jobs = [WriteJob(lambda number=number: ran.append((number, threading.get_ident()))) for number in range(50)]  # type: ignore[misc]
    for job in jobs:
        thread.submit(job)
    assert thread.drain(10.0)
    assert [number for number, _ in ran] == list(range(50))
    assert len({ident for _, ident in ran} - {threading.get_ident()}) == 1
    assert all(job.is_done and job.error is None for job in jobs)


def test_the_caller_does_not_wait_and_a_drain_only_for_its_time(thread: WriterThread) -> None:
    go_on = threading.Event()
    job = WriteJob(lambda: go_on.wait(10.0) and None)
    thread.submit(job)
    assert not job.is_done
    assert not thread.drain(0.01)
    go_on.set()
    assert thread.drain(10.0)
    assert job.is_done
    assert 0 < job.duration_s < 10


def test_an_error_is_kept_and_the_next_job_runs(thread: WriterThread) -> None:
    def fail() -> None:
        raise OSError("no")

    jobs = [WriteJob(fail), WriteJob(lambda: None)]
    for job in jobs:
        thread.submit(job)
    assert thread.drain(10.0)
    assert [str(job.error) for job in jobs] == ["no", "None"]


def test_closing_runs_what_was_asked_for(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    writer = WriterThread(SystemClock())
    jobs = [WriteJob(lambda: None) for _ in range(20)]
    for job in jobs:
        writer.submit(job)
    writer.close()
    assert all(job.is_done for job in jobs)
    assert caplog.text == ""
    monkeypatch.setattr(writer_module, "DRAIN_S", 0.01)
    hangs, go_on = WriterThread(SystemClock()), threading.Event()
    hangs.submit(WriteJob(lambda: go_on.wait(10.0) and None))
    hangs.close()
    assert "the disk does not answer" in caplog.text
    go_on.set()


def test_a_disk_that_was_waited_for_in_vain_is_not_waited_for_again(caplog: pytest.LogCaptureFixture) -> None:
    hangs, go_on = WriterThread(SystemClock()), threading.Event()
    hangs.submit(WriteJob(lambda: go_on.wait(10.0) and None))
    assert not hangs.drain(0.01)
    before_s = time.monotonic()
    hangs.close()
    assert time.monotonic() - before_s < writer_module.DRAIN_S / 2
    assert "the disk does not answer" in caplog.text
    go_on.set()


def test_a_clock_that_is_moved_by_hand_gets_a_writer_without_a_thread() -> None:
    before = threading.active_count()
    assert isinstance(make_writer(ManualClock()), InlineWriter)
    assert threading.active_count() == before
    real = make_writer(SystemClock(speed=4.0))
    assert isinstance(real, WriterThread)
    real.close()
