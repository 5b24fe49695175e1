"""A running bin takes a new head between two items once it has passed; one that fails is told, and the old one stays."""

from pathlib import Path

import pytest

from edge.alarms import Alarm, Alarms
from edge.config.file import load_config
from edge.config.schema import Config
from edge.decision.policy import Policy
from edge.errors import ConfigError
from edge.inference.taught_classifier import ViewClassifier
from edge.records.writer import InlineWriter
from edge.service.head_watch import LOOK_S, HeadWatch, head_in_use, read_taught
from edge.teaching.heads.head_folder import HeadFolder
from edge.teaching.pictures.examples import Examples
from hardware.clock import ManualClock
from tests.builders.configuration import write_config
from tests.builders.heads import FeatureStub, make_base, make_examples, make_head, write_made_head

TAUGHT = make_examples({"cup": 6, "can": 2, "peel": 2})


class SorterStub:
    """Notes what it is to answer with."""

    def __init__(self) -> None:
        self.is_between_items = True
        self.heads: list[str | None] = []

    def answer_with(self, classifier: ViewClassifier, policy: Policy, *, head: str | None) -> None:
        self.heads.append(head)


class HeadWatchRig:
    """A watch over a folder, on a clock that is moved by hand."""

    def __init__(self, folder: Path, taught: Examples | None = None, base: ViewClassifier | None = None) -> None:
        self.config: Config = load_config(write_config(folder / "config.yaml"))
        self.folder = HeadFolder(self.config.head_file)
        self.clock = ManualClock(100.0)
        self.alarms = Alarms()
        self.sorter = SorterStub()
        self.taught = taught
        self.base = base or FeatureStub()
        self.made = folder / "made.head"

    def start(self) -> None:
        self.watch = HeadWatch(
            self.config,
            self.base,
            clock=self.clock,
            alarms=self.alarms,
            writer=InlineWriter(self.clock),
            taught=lambda sha256: self.taught,
        )

    def poll(self, seconds: float = LOOK_S) -> list[str | None]:
        """Let time pass; the heads that the sorter got meanwhile."""
        known = len(self.sorter.heads)
        self.clock.advance(seconds)
        self.watch.poll(self.sorter)  # type: ignore[arg-type]
        return self.sorter.heads[known:]

    def use(self, *labels: str, wanted: bool = False, axes: tuple[int, ...] = (0, 1, 2)) -> str:
        sha256 = write_made_head(self.made, make_head(labels or ("cup", "can", "peel"), axes))
        self.folder.use(self.made, is_wanted=wanted)
        return sha256


@pytest.fixture
def rig(tmp_path: Path) -> HeadWatchRig:
    return HeadWatchRig(tmp_path, TAUGHT)


def test_a_bin_that_was_taught_nothing_answers_with_the_model(rig: HeadWatchRig) -> None:
    rig.start()
    assert rig.watch.answering.sha256 is None
    assert rig.watch.answering.classifier is rig.base
    assert rig.poll() == []
    assert head_in_use(rig.config) is None
    assert read_taught(rig.config, "0" * 64) is None


def test_a_head_that_is_there_at_start_answers_from_the_first_item(rig: HeadWatchRig) -> None:
    sha256 = rig.use()
    rig.start()
    assert rig.watch.answering.sha256 == sha256 == head_in_use(rig.config)
    assert rig.poll() == []


def test_a_new_head_is_taken_at_the_next_look(rig: HeadWatchRig) -> None:
    rig.start()
    first = rig.use()
    assert rig.poll(LOOK_S / 2) == []
    assert rig.poll(LOOK_S / 2) == [first]
    assert rig.watch.answering.without_bin == ("cup", "can", "peel")
    assert rig.poll() == []


def test_it_waits_until_no_item_is_under_way(rig: HeadWatchRig) -> None:
    rig.start()
    sha256 = rig.use()
    rig.sorter.is_between_items = False
    assert rig.poll() == rig.poll() == []
    rig.sorter.is_between_items = True
    assert rig.poll(0.1) == [sha256]


def test_a_damaged_head_is_told_and_the_one_before_stays_until_a_sound_one_comes(rig: HeadWatchRig) -> None:
    first = rig.use()
    rig.start()
    rig.folder.file.write_bytes(b"cut short")
    assert rig.poll() == []
    assert rig.watch.answering.sha256 == first
    told = rig.alarms.message(Alarm.HEAD)
    assert told is not None
    assert "the one before answers on" in told
    assert "damaged" in told
    second = rig.use("cup", "can", "tin")
    rig.taught = None
    assert rig.poll() == [second]
    assert Alarm.HEAD not in rig.alarms


def test_a_head_of_another_model_is_refused_with_what_to_do(rig: HeadWatchRig) -> None:
    rig.start()
    write_made_head(rig.made, make_head(base=make_base(sha256="0" * 64)))
    rig.folder.use(rig.made)
    assert rig.poll() == []
    assert "fit it again" in (rig.alarms.message(Alarm.HEAD) or "")


def test_a_head_that_does_not_give_its_golden_answers_is_refused(rig: HeadWatchRig) -> None:
    rig.start()
    sound = make_head(golden=(0.999, 0.0005, 0.0005))
    sha256 = write_made_head(rig.made, sound)
    rig.folder.use(rig.made)
    assert rig.poll() == [sha256]
    write_made_head(rig.made, make_head(golden=(0.1, 0.8, 0.1)))
    rig.folder.use(rig.made)
    assert rig.poll() == []
    assert rig.watch.answering.sha256 == sha256
    assert Alarm.HEAD in rig.alarms


def test_a_head_that_knows_less_is_refused_unless_it_was_gone_back_to_or_forced(rig: HeadWatchRig) -> None:
    worse = rig.use(axes=(1, 0, 2))
    better = rig.use()
    rig.start()
    rig.use(axes=(1, 0, 2), wanted=False)
    assert rig.poll() == []
    assert "taught pictures" in (rig.alarms.message(Alarm.HEAD) or "")
    assert rig.watch.answering.sha256 == better
    rig.folder.back()
    rig.folder.back()
    assert rig.poll() == [worse]
    assert rig.use() == better
    assert rig.poll() == [better]
    assert rig.use(axes=(1, 0, 2), wanted=True) == worse
    assert rig.poll() == [worse]


def test_at_start_a_bad_head_gives_way_to_the_one_before_it_and_that_is_told(rig: HeadWatchRig) -> None:
    first = rig.use()
    rig.use("cup", "can", "tin")
    rig.folder.file.write_bytes(b"cut short")
    for path in sorted(rig.folder.file.parent.glob("heads/*.head"))[1:]:
        path.write_bytes(b"cut short")
    rig.start()
    assert rig.watch.answering.sha256 == first
    assert "is refused" in (rig.alarms.message(Alarm.HEAD) or "")


def test_without_a_sound_head_the_model_answers_and_that_is_told(rig: HeadWatchRig) -> None:
    rig.folder.file.parent.mkdir(parents=True)
    rig.folder.file.write_bytes(b"cut short")
    rig.start()
    assert rig.watch.answering.sha256 is None
    assert "is refused" in (rig.alarms.message(Alarm.HEAD) or "")


def test_going_back_before_the_first_head_leaves_the_model_alone(
    rig: HeadWatchRig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.use()
    rig.start()
    rig.folder.back()
    assert rig.poll() == [None]
    assert "the model alone answers" in caplog.text


def test_a_model_whose_labels_have_no_bins_may_only_answer_with_its_head(tmp_path: Path) -> None:
    stub = FeatureStub(manifest=make_base(labels=("cup", "bottle"), sha256=make_base().sha256))
    rig = HeadWatchRig(tmp_path, base=stub)
    with pytest.raises(ConfigError, match="has no bin"):
        rig.start()
    rig.use()
    rig.start()
    rig.folder.back()
    assert rig.poll() == []
    assert "has no bin" in (rig.alarms.message(Alarm.HEAD) or "")


def test_an_error_that_nobody_foresaw_is_told_and_the_head_stays(rig: HeadWatchRig) -> None:
    first = rig.use()
    rig.start()

    def fail(sha256: str) -> Examples | None:
        raise RuntimeError("out of memory")

    rig.watch._taught = fail
    rig.use("cup", "can", "tin")
    assert rig.poll() == []
    assert rig.watch.answering.sha256 == first
    assert "out of memory" in (rig.alarms.message(Alarm.HEAD) or "")
    assert rig.poll() == []
