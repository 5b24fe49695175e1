"""Selection of the pictures that a run is trained and evaluated on."""

from pathlib import Path

from train.data.pictures import DataSets, Picture, find_data, spelt_as
from train.data.split import Split
from train.errors import DataError
from train.runs.run_folder import RunFolder
from train.runs.settings import Settings

SPRITE_HELD_OUT = 6
"""Every sixth sprite of a label is held out for evaluation: about the share of the test part (0.15)."""


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
    """The photographs of one part ("train", "val", "test") of a run.

    Raises:
        DataError: as ``find_pictures``, ``Split.load`` and ``Split.select``.
    """
    return Split.load(folder.split_file).select(part, find_photographs(folder.load_settings()))


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
