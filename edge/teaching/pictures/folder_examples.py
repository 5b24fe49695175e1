"""Examples from a folder of label folders, and what may be wrong with taught pictures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from edge.errors import InputMissingError, PictureError
from edge.inference.features import FeatureSpec
from edge.teaching.pictures.examples import Examples
from edge.teaching.pictures.label_name import check_label
from edge.teaching.pictures.looks import Looks, LookTaker
from edge.teaching.pictures.picture_faults import CUT_OFF, TOO_DARK, WHOLE, picture_faults
from edge.teaching.pictures.redundancy import TaughtPoint, mean_features, near_duplicates
from hardware.pictures.class_folders import LabelledPicture, read_class_folders
from hardware.pictures.folder import describe_left_out
from hardware.pictures.labels import one_spelling, same_in_other_spelling
from hardware.pictures.names import escaped_name

FEW = 8
"""Number of pictures of a label below which it is told to have few."""

LOPSIDED = 5
"""How many times as many pictures the largest label may have as the smallest before that is told."""

FAULTY_SHARE = 0.1
"""Share of a label's pictures with a fault from which on that is told."""


@dataclass(frozen=True, slots=True, eq=False)
class TaughtFolder:
    """What a folder of label folders teaches.

    Attributes:
        examples: the pictures that can be used.
        faults: label -> fault -> number of its pictures that have it.
        problems: why the others cannot be used, a sentence each.
    """

    examples: Examples
    faults: Mapping[str, Mapping[str, int]]
    problems: tuple[str, ...]


def read_taught_folder(
    folder: Path,
    taker: LookTaker,
    *,
    show: Callable[[Sequence[LabelledPicture]], Iterable[LabelledPicture]] = lambda pictures: pictures,
) -> TaughtFolder:
    """Take the looks of every picture in a folder of label folders.

    Args:
        folder: the folder; each folder in it is a label.
        taker: takes the looks.
        show: goes through the pictures, and shows how far it is.

    Raises:
        InputMissingError: the folder does not exist, or holds no label folders with pictures.
        LabelError: a folder's name cannot be a label.
    """
    if not folder.is_dir():
        raise InputMissingError(
            f"{escaped_name(folder)}: no such folder; expected one with a folder of pictures for each label"
        )
    try:
        found = read_class_folders(folder)
    except OSError as error:
        raise InputMissingError(f"{escaped_name(folder)}: cannot be opened: {error.strerror or error}") from error
    for label in found.labels:
        check_label(label)
    looks: list[tuple[LabelledPicture, Looks]] = []
    spelt = one_spelling(found.labels)
    problems: list[str] = [*found.notes, *describe_left_out(found.left_out)]
    problems += [f"{', '.join(group)}: taken for one label" for group in same_in_other_spelling(found.labels)]
    for picture in show(found.pictures):
        try:
            looks.append((replace(picture, label=spelt[picture.label]), taker.read(found.root / picture.path)))
        except PictureError as error:
            problems.append(str(error))
    if not looks:
        reason = f": {problems[0]}" if problems else ""
        raise InputMissingError(
            f"{escaped_name(folder)}: no pictures that could teach{reason}; expected a folder of pictures for each label"
        )
    labels = tuple(sorted({picture.label for picture, _ in looks}))
    faults: dict[str, dict[str, int]] = {}
    for picture, one in looks:
        is_whole = taker.finds_things and one.mask is None
        for fault in picture_faults(one.is_cut_off, one.brightness, is_whole=is_whole):
            own = faults.setdefault(picture.label, {})
            own[fault] = own.get(fault, 0) + 1
    examples = Examples(
        labels,
        np.stack([one.features for _, one in looks]),
        np.array([labels.index(picture.label) for picture, _ in looks], np.int64),
        np.ones(len(looks), np.float32),
        tuple(str(found.root / picture.path) for picture, _ in looks),
    )
    return TaughtFolder(examples, faults, tuple(problems))


def teaching_warnings(
    examples: Examples, spec: FeatureSpec, faults: Mapping[str, Mapping[str, int]]
) -> tuple[str, ...]:
    """What may be wrong with the pictures that a head is fitted to, a sentence each.

    Args:
        examples: the pictures.
        spec: of the model whose features they are.
        faults: label -> fault -> number of its pictures that have it.
    """
    counts = {label: count for label, count in examples.counts.items() if count}
    found = [
        f"{label}: few pictures ({count}); ten to twenty of different things teach well"
        for label, count in counts.items()
        if count < FEW
    ]
    least, most = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
    if counts[most] > LOPSIDED * counts[least]:
        found.append(f"lopsided: {most} has {counts[most]} pictures and {least} {counts[least]}; show more of {least}")
    points = [
        TaughtPoint(number, examples.labels[label], mean_features(looks, spec))
        for number, (label, looks) in enumerate(zip(examples.label_index, examples.features, strict=True))
    ]
    alike: dict[str, int] = {}
    for number in near_duplicates(points):
        label = points[number].label
        alike[label] = alike.get(label, 0) + 1
    for label, count in sorted(alike.items()):
        if count > counts[label] // 2:
            found.append(
                f"{label}: {count} of {counts[label]} pictures are near-duplicates; show other things, or turn them"
            )
    for label, own in sorted(faults.items()):
        for fault, advice in ADVICE.items():
            # One that is taken whole teaches the tray: each is told.
            told_from = 0.0 if fault == WHOLE else FAULTY_SHARE
            if own.get(fault, 0) > told_from * counts.get(label, 0):
                found.append(f"{label}: {own[fault]} of {counts.get(label, 0)} pictures are {fault}; {advice}")
    return tuple(found)


ADVICE = {
    CUT_OFF: "put things in the middle of the tray",
    TOO_DARK: "more light, as it is when the bin sorts",
    WHOLE: "a plain tray, or --empty-tray, tells the thing",
}
"""Fault of a picture -> what to do about it."""
