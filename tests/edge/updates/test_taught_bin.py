"""A bin whose owner has taught it takes another base: the head is fitted anew, and both stay as they are where that is worse."""

from pathlib import Path

import numpy as np
import pytest

from edge.config.update_slot import last_outcome
from edge.inference.bundle import read_bundle, write_bundle
from edge.inference.head_file import write_head
from edge.inference.runtime import find_runtime
from edge.service.answering import answer_taught
from edge.service.factories import load_classifier
from edge.service.taught import open_taught_set, refresh_looks
from edge.teaching.fitting.fit import fit_head
from edge.teaching.heads.head_folder import HeadFolder
from edge.teaching.pictures.stored_picture import StoredPicture
from edge.teaching.taught_set.taught_examples import make_examples
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
from tests.builders.pictures import item_picture
from tests.builders.updates import UpdatedBin
from tests.builders.values import make_mask
from tests.edge.updates.conftest import UpdateWorld
from tests.paths import MODEL

COLOURS = {"cup": (190, 80, 40), "lid": (40, 80, 190)}
"""What the owner teaches: things alike but for red and blue, which are exchanged."""

SIZES = (0.3, 0.45, 0.6, 0.75)
"""Sides of the things of each label, as shares of the picture's."""


@pytest.fixture
def taught(world: UpdateWorld) -> UpdatedBin:
    """A bin that tells cups from lids, as its owner has taught it."""
    bin_ = world.bin()
    text = bin_.path.read_text()
    bin_.path.write_text(text.replace("    glass: glass", "    glass: glass\n    cup: packaging\n    lid: packaging"))
    config = bin_.config
    classifier = load_classifier(config)
    with open_taught_set(config, classifier.manifest) as taught:
        pictures = [drawn(label, side) for label in COLOURS for side in SIZES]
        taught.add(pictures, "add", wall_s=100.0)
        refresh_looks(taught, classifier, views=config.decision.views)
        examples = make_examples(taught.entries(), taught.looks(classifier.manifest.sha256))
    write_head(bin_.folder / "made.head", fit_head(examples, read_bundle(MODEL)))
    HeadFolder(config.head_file).use(bin_.folder / "made.head")
    return bin_


def drawn(label: str, side: float) -> TaughtPicture:
    box = (0.5 - side / 2, 0.5 - side / 2, 0.5 + side / 2, 0.5 + side / 2)
    pixels = item_picture(box, COLOURS[label], width=160, height=120)
    picture = StoredPicture.of(pixels, make_mask(box, shape=(120, 160)))
    return TaughtPicture(label, Source.FILE, f"{label}-{side}.png", 100.0, picture)


def colour_blind_model(path: Path) -> Path:
    """A model like the one that ships which sees green alone."""
    bundle = read_bundle(MODEL)
    interpreter = find_runtime("auto").interpreter(bundle.flatbuffer, threads=1)
    (first,) = (
        interpreter.get_tensor(one["index"])
        for one in interpreter.get_tensor_details()
        if one["dtype"] is np.int8 and tuple(one["shape"][1:]) == (3, 3, 3)
    )
    blind = first.copy()
    blind[..., [0, 2]] = 0
    assert bundle.flatbuffer.count(first.tobytes()) == 1
    flatbuffer = bundle.flatbuffer.replace(first.tobytes(), blind.tobytes())
    changed = bundle.manifest.model_copy(update={"name": "blind"})
    write_bundle(path, flatbuffer, changed, bundle.rehearsal())
    return path


def reason(bin_: UpdatedBin) -> str:
    found = last_outcome(bin_.config.updates_folder)
    assert found is not None
    return str(found["reason"])


def test_the_head_is_fitted_anew_to_another_base_and_the_pair_goes_back_together(taught: UpdatedBin) -> None:
    before = HeadFolder(taught.config.head_file).current()
    assert before is not None
    assert taught.apply() == "trial"
    assert reason(taught).endswith("; the owner's 8 pictures: 100% before, 100% with the head fitted anew")
    config = taught.config
    head, model = HeadFolder(config.head_file).current(), read_bundle(config.model.file).manifest
    assert head is not None
    assert (model.name, head.head.manifest.base_sha256) == ("good", model.sha256)
    assert head.head.labels == before.head.labels
    answering = answer_taught(config, load_classifier(config), head)
    assert answering.without_bin == ()
    taught.run.watch.back()
    found = HeadFolder(taught.config.head_file).current()
    assert found is not None
    assert (taught.config.model.file, found.sha256) == (MODEL, before.sha256)


def test_a_base_that_cannot_tell_what_the_owner_taught_is_refused_and_the_old_pair_stays(
    world: UpdateWorld, taught: UpdatedBin, tmp_path: Path
) -> None:
    before = HeadFolder(taught.config.head_file).current()
    assert before is not None
    world.publisher.publish(colour_blind_model(tmp_path / "blind.tflite"))
    assert taught.apply() == "refused"
    assert "of the owner's 8 pictures rightly, each without itself; with the model that runs 100.0%" in reason(taught)
    found = HeadFolder(taught.config.head_file).current()
    assert found is not None
    assert (taught.config.slot, taught.config.model.file, found.sha256) == (None, MODEL, before.sha256)
    assert taught.bin.taken == []
