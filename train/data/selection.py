"""Selection of the pictures that a run is trained and evaluated on."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

from train.data.pictures import DataSets, Picture, find_data, spelt_as
from train.data.split import Split
from train.errors import DataError
from train.runs.run_folder import RunFolder
from train.runs.settings import Settings

SPRITE_HELD_OUT = 6
"""Every sixth sprite of a label is held out for evaluation: about the share of the test part (0.15)."""

MOST_VALIDATED = 4000
"""Largest number of pictures that validate: the standard error of a share of them is below 0.8 points, their views and
masks take a gigabyte, and validating takes longer than it teaches with more."""


def find_photographs(settings: Settings) -> list[Picture]:
    """The photographs of the settings' data sets and labels.

    Raises:
        DataError: as ``find_data``.
    """
    return find_settings_data(settings).pictures


def find_settings_data(settings: Settings) -> DataSets:
    """The same, with what was left out.

    Raises:
        DataError: as ``find_data``.
    """
    return find_data(
        [Path(folder) for folder in settings.data],
        label_renames=settings.label_renames,
        labels=settings.labels,
        leave_out=settings.missing_labels == "leave-out",
        keep_damaged=settings.damaged == "keep",
    )


def pictures_in_part(folder: RunFolder, part: str) -> list[Picture]:
    """The photographs of one part ("train", "val", "test") of a run; of a large part to validate on, some.

    Raises:
        DataError: as ``find_pictures``, ``Split.load`` and ``Split.select``.
    """
    settings, split = folder.load_settings(), Split.load(folder.split_file)
    pictures = find_photographs(settings)
    choose = {"train": training_pictures, "val": validation_pictures}.get(part)
    return choose(split, pictures, settings) if choose else split.select(part, pictures)


def training_pictures(split: Split, pictures: Sequence[Picture], settings: Settings) -> list[Picture]:
    """The training part without the data sets that validate.

    Raises:
        DataError: as ``Split.select``.
    """
    return [one for one in split.select("train", pictures) if one.data_set not in settings.validate_on]


def validation_pictures(split: Split, pictures: Sequence[Picture], settings: Settings) -> list[Picture]:
    """What chooses between epochs, views and biases: the validation part, or the data sets that validate.

    At most ``MOST_VALIDATED``, drawn by the settings' seed.

    Raises:
        DataError: as ``Split.select``.
    """
    chosen = (
        [one for one in pictures if one.data_set in settings.validate_on]
        if settings.validate_on
        else split.select("val", pictures)
    )
    if len(chosen) <= MOST_VALIDATED:
        return chosen
    return sorted(Random(settings.seed).sample(chosen, MOST_VALIDATED))


def find_sprites(settings: Settings) -> DataSets:
    """The sprites, of all labels; none without a sprites folder.

    Raises:
        DataError: as ``find_data``.
    """
    if not settings.sprites:
        return DataSets([])
    return find_data([Path(settings.sprites)], label_renames=settings.label_renames)


def split_sprites(settings: Settings, labels: tuple[str, ...]) -> tuple[list[Picture], list[Picture]]:
    """Sprites to train on, and those held out for evaluation; both empty without a sprites folder.

    Raises:
        DataError: the sprites have a label that the photographs have not.
    """
    # Not every label has sprites; labels that the settings do not name are skipped, as with photographs.
    found = [
        picture
        for picture in spelt_as(find_sprites(settings).pictures, labels)
        if not settings.labels or picture.label in settings.labels
    ]
    unknown = sorted({picture.label for picture in found} - set(labels))
    if unknown:
        raise DataError(f"sprites {settings.sprites}: labels {unknown} are not among the photographs' {list(labels)}")
    held_out: list[Picture] = []
    training: list[Picture] = []
    for label in labels:
        for position, picture in enumerate(picture for picture in found if picture.label == label):
            (held_out if position % SPRITE_HELD_OUT == SPRITE_HELD_OUT - 1 else training).append(picture)
    return training, held_out
