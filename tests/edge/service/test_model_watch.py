"""A running bin takes the model of a slot between two items, in another thread than the loop's; one that fails is left out."""

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge.alarms import Alarms
from edge.config.file import load_config
from edge.config.update_slot import SlotRecord
from edge.inference.bundle import read_bundle
from edge.records.writer import InlineWriter
from edge.service.factories import load_classifier
from edge.service.head_watch import HeadWatch
from edge.service.model_watch import LOOK_S, ModelWatch
from edge.updates.slots import SlotFolder
from hardware.clock import ManualClock
from tests.builders.configuration import write_config
from tests.builders.updates import another_model
from tests.paths import MODEL


class LineStub:
    """Notes what it is to answer with."""

    def __init__(self) -> None:
        self.is_between_items = True
        self.sessions: list[str] = []
        self.models: list[str] = []
        self.views = 0
        self.recorder = SimpleNamespace(owes_nothing=True, begin_session=lambda *, model: self.sessions.append(model))

    def look_with(self, viewer: object) -> None:
        self.views += 1

    def answer_with(self, classifier: Any, policy: object, *, head: str | None) -> None:
        self.models.append(classifier.manifest.name)


class ModelWatchRig:
    """A watch over a folder, on a clock that is moved by hand."""

    def __init__(self, folder: Path) -> None:
        update = {"repository": "http://127.0.0.1", "wants": ["net"]}
        self.path = write_config(folder / "config.yaml", {"update": update})
        config = load_config(self.path)
        self.slots, self.clock, self.line = SlotFolder(config.updates_folder), ManualClock(100.0), LineStub()
        classifier = load_classifier(config)
        parts = {"clock": self.clock, "alarms": Alarms(), "writer": InlineWriter(self.clock)}
        heads = HeadWatch(config, classifier, **parts)  # type: ignore[arg-type]
        self.watch = ModelWatch(config, classifier, heads, **parts)  # type: ignore[arg-type]

    def poll(self, seconds: float = LOOK_S) -> None:
        self.clock.advance(seconds)
        self.watch.poll(self.line)  # type: ignore[arg-type]

    def put(self, model: Path) -> str:
        record = SlotRecord(MODEL.stem, hashlib.sha256(model.read_bytes()).hexdigest(), True, {"min_confidence": 0.5})
        slot = self.slots.make(record, model=model, head=None)
        self.slots.use(slot, before=None)
        return slot


@pytest.fixture
def rig(tmp_path: Path) -> ModelWatchRig:
    return ModelWatchRig(tmp_path)


def test_another_model_is_taken_between_two_items_and_given_back(rig: ModelWatchRig, tmp_path: Path) -> None:
    rig.poll()
    assert rig.line.models == []
    model = another_model(tmp_path / "new.tflite", "new")
    slot = rig.put(model)
    rig.poll(1)
    assert rig.line.models == [], "it is not time to look yet"
    rig.line.is_between_items = False
    rig.watch.hurry()
    rig.poll(0)
    assert rig.line.models == [], "an item is under way"
    rig.line.is_between_items, rig.line.recorder.owes_nothing = True, False
    rig.poll(0)
    assert rig.line.models == [], "its outcome is not on the disk"
    rig.line.recorder.owes_nothing = True
    rig.poll(0)
    assert (rig.line.models, rig.line.views, rig.watch.slot) == (["new"], 1, slot)
    assert rig.line.sessions == [read_bundle(model).manifest.sha256]
    rig.slots.use(None, before=None)
    rig.poll()
    assert (rig.line.models, rig.watch.slot) == (["new", "trashnet6"], None)
    rig.watch.close()


def test_a_model_that_cannot_be_loaded_leaves_the_one_before(
    rig: ModelWatchRig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"no model")
    rig.put(broken)
    rig.poll()
    rig.poll(0)
    assert (rig.line.models, rig.watch.slot) == ([], None)
    assert "was not taken, the model before answers on" in caplog.text
