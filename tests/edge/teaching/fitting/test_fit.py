"""Fitting a head: labels new and old, what is kept with it, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.errors import HeadError, ModelError
from edge.inference.bundle import Bundle, read_bundle
from edge.inference.head_file import MOST_BYTES, read_head, write_head
from edge.inference.rehearsal import TYPICAL_PICTURES
from edge.models import model_path
from edge.teaching.fitting.fit import fit_head
from edge.teaching.pictures.examples import Examples


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(model_path("trashnet6"))


def make_pictures(bundle: Bundle, labels: tuple[str, ...], *, count: int = 8, shift: int = 12) -> Examples:
    """Pictures like the model's own training pictures, each label changed in its own way, two looks each."""
    rehearsal = bundle.rehearsal()
    assert rehearsal is not None
    rng = np.random.default_rng(0)
    rows = []
    for _ in labels:
        change = rng.integers(-shift, shift + 1, rehearsal.features.shape[1])
        some = rng.choice(rehearsal.features, count, replace=False)
        noise = rng.integers(-4, 5, (count, 2, some.shape[1]))
        rows.append(np.clip(some[:, np.newaxis].astype(int) + change + noise, -128, 127))
    index = np.repeat(np.arange(len(labels)), count)
    features = np.concatenate(rows).astype(np.int8)
    return Examples(labels, features, index, np.ones(len(index), np.float32), tuple(map(str, index)))


def test_a_head_of_the_taught_labels_alone_knows_them_and_is_read_again(bundle: Bundle, tmp_path: Path) -> None:
    examples = make_pictures(bundle, ("cup", "Glass"))
    head = fit_head(examples, bundle, only_taught=True, bins={"cup": "paper", "glass": "glass"}, warnings=("dark",))
    # In another spelling it is the model's own label.
    assert head.labels == ("cup", "glass")
    write_head(tmp_path / "a.head", head)
    assert (tmp_path / "a.head").stat().st_size < MOST_BYTES / 4
    head, spec = read_head(tmp_path / "a.head"), bundle.manifest.features
    assert spec is not None
    head.check_base(bundle.manifest)
    head.check_golden(spec)
    said = head.probabilities(spec.real(examples.features)).mean(axis=1).argmax(axis=1)
    assert said.tolist() == examples.label_index.tolist()
    figures = head.manifest.figures
    assert figures is not None
    assert figures.pictures == {"cup": 8, "glass": 8}
    assert set(figures.confusion) == set(figures.pictures)
    assert figures.accuracy_range[0] <= figures.accuracy <= figures.accuracy_range[1]
    assert figures.accuracy_later is not None
    assert figures.accuracy_later > 0.5
    assert figures.old is None
    assert sorted(figures.bins) == ["glass", "paper"]
    for one in figures.bins.values():
        right = one.reached_after * (1 - (one.contamination_after or 0.0))
        assert right == pytest.approx((one.capture_after or 0.0) * one.pictures)
    assert "dark" in figures.warnings
    assert not any("not taught here" in warning for warning in figures.warnings)


def test_beside_new_labels_the_old_ones_stay(bundle: Bundle) -> None:
    head = fit_head(make_pictures(bundle, ("cup", "leaf"), shift=25), bundle)
    assert head.labels == (*bundle.manifest.labels, "cup", "leaf")
    rehearsal, spec, figures = bundle.rehearsal(), bundle.manifest.features, head.manifest.figures
    assert rehearsal is not None
    assert spec is not None
    assert figures is not None
    said = head.probabilities(spec.real(rehearsal.features)).argmax(axis=1)
    assert (said == rehearsal.labels).mean() > 0.95
    assert figures.old is not None
    assert figures.old.before - figures.old.after < 0.02
    assert figures.accuracy > 0.8
    assert any(f"not taught here: {', '.join(bundle.manifest.labels)}:" in warning for warning in figures.warnings)


def make_bin(bundle: Bundle, labels: tuple[str, ...], *, count: int = 8, other_camera: int = 30) -> Examples:
    """Pictures of the model's own labels in a bin whose camera changes all of them alike; one look each."""
    rehearsal, spec = bundle.rehearsal(), bundle.manifest.features
    assert rehearsal is not None
    assert spec is not None
    rng = np.random.default_rng(3)
    change = rng.integers(-other_camera, other_camera + 1, rehearsal.features.shape[1])
    change[-len(bundle.manifest.labels) :] = 0
    rows = []
    for label in labels:
        own = rehearsal.features[rehearsal.labels == bundle.manifest.labels.index(label)][:count].astype(int)
        rows.append(np.clip(own + change + rng.integers(-4, 5, own.shape), -128, 127)[:, np.newaxis])
    index = np.repeat(np.arange(len(labels)), count)
    features = np.concatenate(rows).astype(np.int8)
    return Examples(labels, features, index, np.ones(len(index), np.float32), tuple(map(str, index)))


def test_old_labels_that_were_not_taught_are_known_under_the_bins_own_camera(bundle: Bundle, tmp_path: Path) -> None:
    every = make_bin(bundle, bundle.manifest.labels)
    is_taught = np.isin(every.label_index, (0, 1, 2))
    taught = make_bin(bundle, bundle.manifest.labels[:3])
    write_head(tmp_path / "a.head", fit_head(taught, bundle))
    head, spec = read_head(tmp_path / "a.head"), bundle.manifest.features
    assert spec is not None
    assert head.manifest.untaught == bundle.manifest.labels[3:]
    said = head.probabilities(spec.real(every.features)).mean(axis=1).argmax(axis=1)
    right = said == every.label_index
    assert right[is_taught].mean() > 0.9
    assert right[~is_taught].mean() > 0.8


def test_beside_labels_that_are_all_new_each_old_one_has_its_own_scores_as_well(bundle: Bundle, tmp_path: Path) -> None:
    write_head(tmp_path / "a.head", fit_head(make_pictures(bundle, ("cup", "leaf"), shift=25), bundle))
    manifest = read_head(tmp_path / "a.head").manifest
    assert manifest.transferred == manifest.rehearsed == tuple(range(len(bundle.manifest.labels)))
    assert manifest.base is not None
    assert manifest.base.weight == 1.0


def test_old_labels_are_judged_by_pictures_that_were_drawn_at_random(bundle: Bundle) -> None:
    rehearsal, spec, manifest = bundle.rehearsal(), bundle.manifest.features, bundle.manifest
    assert rehearsal is not None
    assert spec is not None
    figures = fit_head(make_pictures(bundle, ("cup", "leaf"), shift=25), bundle).manifest.figures
    assert figures is not None
    assert figures.old is not None
    drawn = [np.flatnonzero(rehearsal.labels == label)[TYPICAL_PICTURES:] for label in range(len(manifest.labels))]
    order = np.concatenate(drawn)
    assert figures.old.pictures == len(order) == 240
    logits = spec.real(rehearsal.features[order])[:, -len(manifest.labels) :]
    assert figures.old.before == pytest.approx((logits.argmax(axis=1) == rehearsal.labels[order]).mean())
    assert figures.old.after_unseen is not None
    assert figures.old.after_unseen < figures.old.after


def test_where_an_old_label_is_taught_only_the_typical_pictures_count(bundle: Bundle) -> None:
    figures = fit_head(make_bin(bundle, bundle.manifest.labels[:3]), bundle).manifest.figures
    assert figures is not None
    assert figures.old is not None
    assert figures.old.pictures == TYPICAL_PICTURES * len(bundle.manifest.labels)
    assert figures.old.after_unseen is None


def test_a_model_without_rehearsal_can_still_be_taught_labels_alone(bundle: Bundle) -> None:
    without = replace(bundle, manifest=bundle.manifest.model_copy(update={"rehearsal": None}))
    examples, spec = make_pictures(bundle, ("cup", "leaf")), bundle.manifest.features
    assert spec is not None
    head = fit_head(examples, without, only_taught=True)
    said = head.probabilities(spec.real(examples.features)).mean(axis=1).argmax(axis=1)
    assert said.tolist() == examples.label_index.tolist()


def test_copies_of_a_picture_do_not_vouch_for_each_other(bundle: Bundle) -> None:
    examples = make_pictures(bundle, ("cup", "leaf"), count=5)
    thrice = examples.taken(np.tile(np.arange(10), 3))
    figures, known = (fit_head(one, bundle, only_taught=True).manifest.figures for one in (thrice, examples))
    assert figures is not None
    assert known is not None
    assert figures.pictures == {"cup": 15, "leaf": 15}
    assert figures.accuracy_range == known.accuracy_range
    with pytest.raises(HeadError, match="copies of one"):
        fit_head(examples.taken(np.array([0, 0, 0, 5, 5])), bundle, only_taught=True)


def test_what_is_like_nothing_taught_is_far_away(bundle: Bundle) -> None:
    examples = make_pictures(bundle, ("cup", "leaf"))
    head, spec = fit_head(examples, bundle, only_taught=True), bundle.manifest.features
    assert spec is not None
    noise = np.random.default_rng(1).integers(-128, 128, spec.size).astype(np.int8)
    assert head.predict(spec.real(noise)).nearness < head.manifest.least_nearness
    near = [head.predict(one).nearness for one in spec.real(examples.features[:, 0])]
    assert np.mean(np.array(near) >= head.manifest.least_nearness) > 0.9


def test_what_cannot_be_fitted_is_refused(bundle: Bundle) -> None:
    examples = make_pictures(bundle, ("cup", "leaf"))
    manifest = bundle.manifest.model_copy(update={"features": None, "rehearsal": None})
    with pytest.raises(ModelError, match="gives no features"):
        fit_head(examples, replace(bundle, manifest=manifest), only_taught=True)
    manifest = bundle.manifest.model_copy(update={"rehearsal": None})
    with pytest.raises(ModelError, match="--only-taught"):
        fit_head(examples, replace(bundle, manifest=manifest))
    with pytest.raises(HeadError, match="only one label"):
        fit_head(make_pictures(bundle, ("cup",)), bundle, only_taught=True)
    with pytest.raises(HeadError, match="only one picture"):
        fit_head(make_pictures(bundle, ("cup", "leaf"), count=1), bundle, only_taught=True)
    none = Examples(("cup",), examples.features[:0], examples.label_index[:0], examples.weights[:0], ())
    with pytest.raises(HeadError, match="no taught pictures"):
        fit_head(none, bundle)
