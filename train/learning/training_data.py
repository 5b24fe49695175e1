"""A run's training and validation data: found, split, stored as training needs them."""

import json
import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.data.cache import load_views, log_unreadable
from train.data.picture_store import DiskPicture, PictureStore
from train.data.pictures import Picture, find_pictures, fingerprint, label_names
from train.data.salient_masks import SalientMasks
from train.data.selection import (
    find_settings_data,
    find_sprites,
    split_sprites,
    training_pictures,
    validation_pictures,
)
from train.data.split import Split
from train.data.split_drawing import make_split
from train.errors import DataError
from train.files import write_text
from train.measuring.metrics import ClassificationScore, cross_entropy
from train.runs.run_folder import RunFolder
from train.runs.settings import Settings

log = logging.getLogger("train")


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """A run's training and validation data.

    Attributes:
        labels: in the order of the model's outputs.
        train: photographs on disk, with their masks.
        sprites: cut-outs on disk.
        val_views, val_targets: uint8 (n, size, size, 3) and label indices (n,), the run's view.
    """

    labels: tuple[str, ...]
    train: list[DiskPicture]
    sprites: list[DiskPicture]
    val_views: NDArray[np.uint8]
    val_targets: NDArray[np.int64]

    def validation_metrics(self, logits: NDArray[np.float32]) -> dict[str, float]:
        """Cross-entropy, accuracy (0..1) and macro F1 (0..1) of logits float32 (n, labels) for ``val_views``."""
        score = ClassificationScore.of(self.val_targets, logits.argmax(axis=1).astype(np.int64), self.labels)
        return {
            "val_loss": round(cross_entropy(logits, self.val_targets), 5),
            "val_accuracy": round(score.accuracy, 5),
            "val_macro_f1": round(score.macro_f1, 5),
        }


def load_training_data(settings: Settings, folder: RunFolder) -> TrainingData:
    """Find the pictures, split them (or load the run's split), store those to train on, and make the views to validate on.

    Raises:
        DataError: no pictures, fewer than two labels, or a split that does not fit.
    """
    data = find_settings_data(settings)
    pictures = data.pictures
    for line in data.describe():
        log.warning("data: %s", line)
    for line in find_sprites(settings).describe():
        log.warning("sprites: %s", line)
    labels = label_names(pictures)
    for setting, named in (("set_shares", settings.data_set_shares), ("validate_on", settings.validate_on)):
        unknown = sorted(set(named) - {picture.data_set for picture in pictures})
        if unknown:
            raise DataError(
                f"settings: {setting} names {unknown}, which is not among the data sets {list(settings.data)}"
            )
    if settings.masks and not Path(settings.masks).is_dir():
        raise DataError(f"settings: masks {settings.masks}: no such folder; expected one made by sorter-train masks")
    parts = _load_or_draw_split(pictures, settings, folder)
    store = PictureStore(
        Path(settings.cache) if settings.cache else folder.pictures_folder,
        settings.cache_side,
        SalientMasks(Path(settings.masks)) if settings.masks else None,
    )
    write_text(folder.labels_file, json.dumps(list(labels)) + "\n")
    photographs, readable, unreadable = store.store(training_pictures(parts, pictures, settings), labels)
    missing = sorted(set(labels) - {picture.label for picture in readable})
    if missing:
        first = next((f"; {one.path}: {why}" for one, why in unreadable.items() if one.label in missing), "")
        raise DataError(f"data: no readable training picture for {missing}{first}")
    val = validation_pictures(parts, pictures, settings)
    val_views, val_targets, bad_val = load_views(val, labels, settings.view_spec, settings.view)
    if not len(val_views):
        raise DataError("data: no readable validation picture; raise val_share or add pictures")
    sprite_pictures, held_out = split_sprites(settings, labels)
    sprites, sprite_pictures, bad_sprites = store.store(sprite_pictures, labels, sprites=True)
    log_unreadable(unreadable | bad_val | bad_sprites)
    _write_data_hashes(folder, readable, sprite_pictures, settings)
    log.info(
        "%d photographs to train on (%d with a reliable mask), %d to validate; %d sprites to train on, %d held out",
        len(photographs),
        sum(one.mask_is_reliable for one in photographs),
        len(val_views),
        len(sprites),
        len(held_out),
    )
    return TrainingData(labels, photographs, sprites, val_views, val_targets)


def _load_or_draw_split(pictures: list[Picture], settings: Settings, folder: RunFolder) -> Split:
    if folder.split_file.exists():
        split = Split.load(folder.split_file)
        _tell_unused(split, pictures)
        return split
    drawn = _load_split(pictures, settings) if settings.split else make_split(pictures, settings)
    label_of = {picture.key: picture.label for picture in pictures}
    for part, keys in drawn.parts.items():
        counts = Counter(label_of.get(key, "?") for key in keys)
        log.info(
            "%-5s %5d pictures: %s", part, len(keys), ", ".join(f"{label} {counts[label]}" for label in sorted(counts))
        )
    drawn.save(folder.split_file)
    drawn.save_lists(folder.path)
    return drawn


def _load_split(pictures: list[Picture], settings: Settings) -> Split:
    """The settings' split without pictures of labels that this run leaves out: one split serves several sets of labels."""
    everything = find_pictures([Path(folder) for folder in settings.data], label_renames=settings.label_renames)
    others = {picture.key for picture in everything} - {picture.key for picture in pictures}
    split = Split.load(Path(settings.split)).without(others)
    _tell_unused(split, pictures)
    return split


def _tell_unused(split: Split, pictures: list[Picture]) -> None:
    keys = split.keys
    unused = [picture.key for picture in pictures if picture.key not in keys]
    if unused:
        log.warning(
            "data: %d pictures are in no part of the split and are not used, such as %s; another --out draws a split of "
            "all, sorter-train split --keep extends one",
            len(unused),
            unused[0],
        )


def _write_data_hashes(folder: RunFolder, photos: list[Picture], sprites: list[Picture], settings: Settings) -> None:
    """Write ``data.json``: name of each data set -> SHA-256 of its training pictures."""
    sources = sorted({photo.data_set for photo in photos})
    noted = {source: fingerprint(photo for photo in photos if photo.data_set == source) for source in sources}
    if sprites:
        noted[f"sprites:{Path(settings.sprites).resolve().name}"] = fingerprint(sprites)
    write_text(folder.data_file, json.dumps(noted, indent=1) + "\n")
