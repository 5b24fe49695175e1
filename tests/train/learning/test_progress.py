"""Time left, as it is told: never nothing while something is left."""

import io
from typing import Any

import pytest
from rich.console import Console

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from train.learning.progress import ProgressReporter, duration_text


class Run:
    """A run of epochs of ten batches, on a clock of its own."""

    def __init__(self, epochs: int, head_epochs: int = 0) -> None:
        self.now_s = 1000.0
        self.text = io.StringIO()
        console = Console(file=self.text, width=200)
        self.reporter = ProgressReporter(console, epochs, head_epochs=head_epochs, now=lambda: self.now_s)

    def batches(self, epoch: int, batch_s: float, count: int = 10) -> str:
        """Run batches of an epoch, counted from 0; gives what the bar says then."""
        for done in range(1, count + 1):
            self.now_s += batch_s
            self.reporter.report_batch(epoch, done, 10)
        note: str = self.reporter._bar.tasks[0].fields["note"]
        return note

    def end(self, epoch: int, stage: str = "all") -> str:
        """End an epoch; gives the line."""
        row: dict[str, Any] = {"epoch": epoch + 1, "stage": stage, "loss": 1, "accuracy": 1, "seconds": 1}
        self.reporter.report_epoch({**row, "val_loss": 1, "val_accuracy": 1}, best=1)
        return self.text.getvalue().splitlines()[-1]


def test_the_first_batch_starts_the_clock_and_promises_nothing() -> None:
    run = Run(epochs=3)
    run.now_s += 180  # the first batch waits for the compilation
    assert run.batches(0, 2, count=1) == ""
    # 9 of 10 batches are left, and two epochs of 10; the clock has seen 1 batch.
    run.now_s += 2
    run.reporter.report_batch(0, 2, 10)
    assert run.reporter._bar.tasks[0].fields["note"] == "60 s left"


def test_the_head_epochs_give_a_lower_bound_and_the_others_start_a_clock_of_their_own() -> None:
    run = Run(epochs=11, head_epochs=1)
    assert run.batches(0, 3) == "more than 5 min left"
    assert run.end(0, "head").endswith("more than 5 min left")
    assert run.batches(1, 30, count=1) == ""
    assert run.batches(1, 30).endswith(" min left")
    assert not run.reporter._bar.tasks[0].fields["note"].startswith("more")


def test_a_run_of_the_head_alone_is_not_told_as_a_bound() -> None:
    run = Run(epochs=2, head_epochs=2)
    assert run.batches(0, 1) == "10 s left"


def test_nothing_is_left_after_the_last_epoch_and_what_follows_is_named() -> None:
    run = Run(epochs=1)
    run.batches(0, 1)
    assert "left" not in run.end(0)
    run.reporter.report_step("choosing the view")
    assert run.text.getvalue().endswith("choosing the view ...\n")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "10 s"), (11, "20 s"), (119, "120 s"), (120, "2 min"), (3570, "60 min")]
)
def test_short_times_are_not_nothing(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
