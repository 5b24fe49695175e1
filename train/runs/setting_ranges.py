"""What each setting of a run may be."""

import dataclasses
import re
from typing import TYPE_CHECKING

from hardware.passwords import shown
from train.errors import SettingsError

if TYPE_CHECKING:
    from train.runs.settings import Settings

MOST_SHOWN = 80
"""Characters of a wrong value that a message shows."""

KINDS: dict[str, tuple[type, ...]] = {
    str(float): (float, int),
    str(int): (int,),
    str(str): (str,),
    str(tuple[str, ...]): (tuple,),
}
"""Type of a field, as text -> types of its values; all others are texts."""
RANGES: dict[str, tuple[float, float]] = {
    "seed": (0, 2**31),
    "cache_side": (64, 1024),
    "size": (32, 512),
    "alpha": (0.1, 2.0),
    "epochs": (0, 1000),
    "head_epochs": (0, 1000),
    "batch": (2, 1024),
    "warmup_epochs": (0, 100),
    "workers": (0, 256),
    "passes": (1, 1000),
    "patience": (0, 1000),
    "ema": (0, 0.99999),
    "focal_gamma": (0, 10),
    "devices": (1, 64),
    "feather": (0, 0.2),
    "twin_distance": (0, 2),
    "dropout": (0, 0.9),
    "label_smoothing": (0, 0.5),
    "feature_pull": (0, 100),
}
"""Smallest and largest value; of other floats 0 and 1."""
CHOICES: dict[str, tuple[str, ...]] = {
    "view": ("object", "full"),
    "arch": ("mobilenet_v2", "resnet18", "resnet50", "efficientnet_lite2", "tiny"),
    "class_weights": ("none", "sqrt", "balanced"),
    "sampling": ("all", "balanced", "by-set"),
    "head_start": ("random", "probe"),
    "loss": ("cross_entropy", "focal"),
    "missing_labels": ("refuse", "leave-out"),
    "damaged": ("leave-out", "keep"),
    "precision": ("auto", "float32", "mixed_float16", "mixed_bfloat16"),
}


def check_settings(settings: "Settings") -> None:
    """Check every value, and what must fit together.

    Raises:
        SettingsError: a value is of the wrong type or out of its range; the message names it.
    """
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        kinds = KINDS.get(str(field.type), (str,))
        if type(value) not in kinds or (kinds == (tuple,) and not all(isinstance(part, str) for part in value)):
            wanted = "a list of texts" if kinds == (tuple,) else f"a {kinds[0].__name__}"
            raise SettingsError(f"settings: {field.name} must be {wanted}, got {shown(value, MOST_SHOWN)}")
        low, high = RANGES.get(field.name, (0.0, 1.0) if field.type is float else (None, None))
        if low is not None and high is not None and not low <= value <= high:
            raise SettingsError(
                f"settings: {field.name} must be from {low:g} to {high:g}, got {shown(value, MOST_SHOWN)}"
            )
        choices = CHOICES.get(field.name)
        if choices is not None and value not in choices:
            raise SettingsError(
                f"settings: {field.name} must be one of {list(choices)}, got {shown(value, MOST_SHOWN)}"
            )
    if settings.val_share + settings.test_share > 0.9:
        raise SettingsError(
            f"settings: val_share + test_share must leave 0.1 to train on, got {settings.val_share} + {settings.test_share}"
        )
    if settings.head_epochs > settings.epochs:
        raise SettingsError(
            f"settings: head_epochs is counted in epochs ({settings.epochs}), got {settings.head_epochs}"
        )
    if settings.head_start != "probe" and (settings.epochs == 0 or settings.head_keep):
        raise SettingsError("settings: epochs = 0 and head_keep are for head_start = probe")
    for pair in settings.label_map:
        if len(pair.split("=")) != 2 or not all(pair.split("=")):
            raise SettingsError(f"settings: label_map takes old=new or set/old=new, got {pair!r}")
    for pair in settings.set_shares:
        name, _, share = pair.partition("=")
        if not name or not _is_share(share):
            raise SettingsError(f"settings: set_shares takes set=share with a share from 0 to 1, got {pair!r}")
    if not _is_pattern(settings.group):
        raise SettingsError(
            f"settings: group must be a regular expression such as '(cup_\\d+)_', got {settings.group!r}"
        )
    if settings.missing_labels == "leave-out" and not settings.labels:
        raise SettingsError("settings: missing_labels = leave-out needs the expected labels in labels")


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False
