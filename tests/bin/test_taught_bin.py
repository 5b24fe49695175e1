"""A bin under a dim greenish lamp, with things that its model doesn't know, is taught by its owner from its own decisions."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from edge.cli import main
from edge.config.schema import Config
from edge.service.assembly import Assembly
from edge.teaching.heads.head_folder import HeadFolder
from edge.teaching.reviews.review_log import ReviewLog
from tests.bin.taught import TaughtRun, run_taught, share_right, share_wrong, taught_config


def options(config: Config) -> list[str]:
    """The bin's configuration on a command line."""
    chosen = [
        f"model.file={config.model.file}",
        f"event_log.file={config.event_log.file}",
        f"event_log.images={config.event_log.images}",
        *(f"decision.labels.{label}={name}" for label, name in config.decision.labels.items()),
    ]
    return [part for one in chosen for part in ("--set", one)]


def run_lesson(
    folder: Path, *, lesson_after: int, items: int, known: Sequence[str], each: int
) -> tuple[Config, TaughtRun]:
    """A run in which the owner says what everything was, fits a head, and uses it while the bin runs."""
    config = taught_config(folder, known=known, each=each)

    def teach(_: Assembly, truth: dict[int, str]) -> None:
        for number, label in truth.items():
            assert main(["teach", "relabel", str(number), label, *options(config)]) == 0
        made = folder / "made.head"
        assert main(["teach", "fit", "--out", str(made), "--only-taught", *options(config)]) == 0
        assert main(["teach", "try", str(made), *options(config)]) == 0
        assert main(["teach", "use", str(made), *options(config)]) == 0

    return config, run_taught(config, lesson_after=lesson_after, items=items, teach=teach)


def right_labels(named: Sequence[tuple[str, str]]) -> float:
    return sum(true == said for true, said in named) / len(named)


def test_a_bin_is_taught_while_it_runs_and_loses_no_frame(tmp_path: Path) -> None:
    config, run = run_lesson(tmp_path, lesson_after=11, items=17, known=("glass",), each=4)
    used = HeadFolder(config.head_file).current()
    assert used is not None
    # The model alone up to the lesson, the head from some item on: never neither, and no way back.
    assert run.heads[:11] == [None] * 11
    assert run.heads[-1] == used.sha256
    assert run.heads == sorted(run.heads, key=lambda head: head is not None)
    assert run.frames == run.taken
    assert len(ReviewLog(config.teaching_folder).reviews()) == 10
    assert share_wrong(run.after, config.decision.labels) == 0
    taught = run.heads.index(used.sha256)
    assert right_labels(run.named[:taught]) < 0.5
    assert right_labels(run.named[taught:]) >= 0.8


@pytest.mark.slow
def test_what_was_taught_from_a_bins_own_decisions_takes_its_items_to_their_bins(tmp_path: Path) -> None:
    config, run = run_lesson(tmp_path, lesson_after=90, items=210, known=("cardboard", "glass", "metal"), each=24)
    bins = config.decision.labels
    assert len(run.after) > 110
    assert run.frames == run.taken
    assert share_wrong(run.after, bins) <= 0.03
    assert share_right(run.after, bins) >= 0.9
    # Half of them belong in the residual bin, where a bin that knows nothing leaves them.
    own = [one for one in run.after if bins[one.label] != "residual"]
    before = [one for one in run.before if bins[one.label] != "residual"]
    assert share_right(own, bins) >= share_right(before, bins) + 0.2
