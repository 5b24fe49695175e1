"""Settings of a training run, in one commented block; saved as ``settings.json`` in the run folder."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from edge.sight.view import ViewSpec
from train.errors import SettingsError
from train.files import UnreadableFileError, read_json, write_text
from train.runs.setting_paths import PATHS, absolute, found_from
from train.runs.setting_ranges import check_settings

ViewKind = Literal["object", "full"]
"""object: the item, found by its mask, fills the view; full: the whole picture."""

MADE_IN = "made_in"
"""Key of settings.json beside the settings: the folder in which the run was started."""

REMEDY = "copy the run again, or train another one"


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings; see the comment at each field. Shares and probabilities are 0..1.

    Raises:
        SettingsError: a value is out of its range (checked when made).
    """

    # --- data -------------------------------------------------------------------------------------------------------
    data: tuple[str, ...] = ()  # folders of class folders; several are merged by label name
    sprites: str = ""  # folder of class folders of RGBA cut-outs, or "" for none; not counted as photographs
    labels: tuple[str, ...] = ()  # labels to use, after the map; (): all
    # One of `labels` without a picture: "refuse" the run, or "leave-out" the label with a warning.
    missing_labels: str = "refuse"
    # JPEGs that have lost pixels in their middle: "leave-out" with a warning, or "keep" them with grey instead.
    damaged: str = "leave-out"
    # "old=new": folder `old` is read as label `new`; "set/old=new": in that data set only.
    label_map: tuple[str, ...] = ()
    set_shares: tuple[str, ...] = ()  # "set=share": share of a data set's training pictures in each epoch; else all
    # Data sets that are not trained on at all: their pictures validate, in place of the split's. What a bin is like that the
    # model has never seen, a part of a set that it learns from cannot tell.
    validate_on: tuple[str, ...] = ()
    masks: str = ""  # folder made by sorter-train masks, or "" for the masks that the bin would find
    # Folder in which pictures are stored decoded, for several runs; "": in the run folder, until the run is finished.
    cache: str = ""
    split: str = ""  # a split.json to reuse, or "" to draw one
    # A file (.weights.h5, .safetensors for resnet18, an earlier run's best.keras, a model's .tflite), a model that ships
    # ("trashnet6"), "imagenet" (downloaded) or "none".
    weights: str = "imagenet"
    seed: int = 1  # of the split, the shuffling, the augmentation and the first weights
    val_share: float = 0.15  # of the pictures of each label
    test_share: float = 0.15  # of the pictures of each label; the rest is the training part
    twin_distance: float = 0.62  # pictures of one label nearer than this stay in one part; see train/data/grouping.py
    group: str = ""  # regular expression that finds the item in a picture's path; see train/data/item_clues.py
    cache_side: int = 288  # longer side in pixels of a stored picture

    # --- the view for validation (training draws views around it) -------------------------------------------------------
    view: ViewKind = "object"  # "object" or "full"
    margin: float = 0.10  # see edge.sight.view.ViewSpec, also for the next two
    toning: float = 0.3
    feather: float = 0.03

    # --- model ------------------------------------------------------------------------------------------------------
    # "mobilenet_v2", "resnet18", "resnet50"; "efficientnet_lite2", as a teacher of the others; or "tiny": four small blocks,
    # for tests
    arch: str = "mobilenet_v2"
    size: int = 128  # side of the input, in pixels
    alpha: float = 1.0  # width of MobileNetV2; ImageNet weights must be of the same width
    # Layers whose means over the map the head sees beside the last one's: earlier ones have forgotten less. Of MobileNetV2
    # "block_16_depthwise_relu" and "block_13_expand_relu" were measured.
    head_layers: tuple[str, ...] = ()
    dropout: float = 0.2  # before the last layer
    # Keras' MobileNetV2 has 0.999, with which the statistics of a fine-tune of a few thousand steps would still contain
    # much of ImageNet's. 1.0 keeps ImageNet's statistics (BatchNorm frozen).
    bn_momentum: float = 0.95

    # --- schedule ---------------------------------------------------------------------------------------------------
    # Number of epochs, including the head epochs. 0: nothing but a probed head is learnt.
    epochs: int = 44
    # Epochs with the base frozen, so that the gradients of a random head do not change ImageNet's features.
    head_epochs: int = 2
    # The head's first weights: "random", or "probe": logistic regression on the features of the weights that training starts
    # from (LP-FT, Kumar et al. 2022), of plain views, every data set and label weighing the same.
    head_start: str = "random"
    # Share of the last layer of `weights`, a model's .tflite with the same labels, in a probed head: what it knows of its own
    # pictures stays.
    head_keep: float = 0.0
    batch: int = 32
    head_rate: float = 2e-3  # learning rate of AdamW while only the head is trained
    rate: float = 4e-4  # peak learning rate of the fine-tune: linear warm-up, then a cosine down
    rate_floor: float = 0.01  # learning rate at the end of the cosine, as a share of the peak
    warmup_epochs: float = 2.0
    patience: int = 0  # number of epochs without a better validation accuracy after which training stops; 0: never
    # Momentum of an exponential moving average of the weights, which is validated and saved in place of the newest weights
    # (0.998: about 500 steps). 0: off.
    ema: float = 0.0
    weight_decay: float = 1e-3  # decoupled (AdamW)
    loss: str = "cross_entropy"  # or "focal" (Lin et al. 2017): well classified pictures have less weight
    focal_gamma: float = 2.0  # exponent of the focal loss
    label_smoothing: float = 0.05
    # Weight in the loss of the features' distance from those of the weights that training started from. 0: off.
    feature_pull: float = 0.0
    class_weights: str = "sqrt"  # "none", "sqrt" or "balanced": loss weight of rare labels
    # "all": each picture once an epoch; "balanced": the same number of draws, equal for all labels; "by-set": the same, and
    # for each label equal for the data sets that have it, but no picture more than four times.
    sampling: str = "all"
    # Number of times that each picture is drawn in an epoch. More than 1 where validation and saving take as long as training.
    passes: int = 1
    # Finished runs or models (.tflite, or "trashnet6") as teachers (Hinton et al. 2015): their mean probabilities for the same
    # view, at their own size, are `teacher_share` of the target. They may have more labels than this run.
    teachers: tuple[str, ...] = ()
    teacher_share: float = 0.7

    # --- machine: affects the speed, and the result only within rounding ----------------------------------------------
    precision: str = "auto"  # "float32", "mixed_float16", "mixed_bfloat16"; auto: mixed_float16 on a GPU, else float32
    # Number of worker processes that make views. 0: views are made in the training process, which suffices for two cores;
    # for a GPU: the number of cores.
    workers: int = 0
    # Number of devices for data-parallel training; virtual ones on a machine without accelerators (for tests).
    devices: int = 1

    # --- augmentation: moderate, since a small model is easily over-regularised ----------------------------------------
    full_share: float = 0.22  # share of the pictures shown whole; the rest through the object view
    ground_share: float = 0.35  # share of the reliable masks whose background is replaced
    sprite_share: float = 0.5  # share of the sprites drawn in each epoch
    mask_drop: float = 0.06  # share of the masks that are dropped: the whole picture is shown
    mask_jitter: float = 0.7  # share of the masks that are dilated, eroded, cut into or extended
    bin_ground_share: float = 0.0  # share of the replaced backgrounds that look like the inside of a bin
    camera_share: float = 0.0  # share of the views as a poor or badly set camera gives them
    shadow_share: float = 0.5  # share of the replaced backgrounds with a shadow under the item
    cut_share: float = 0.12  # share of the items that are cut off by the picture's border
    zoom: float = 0.22  # scale is drawn between 1 - zoom and 1 + zoom
    light: float = 0.16  # strength of exposure, gamma, contrast and saturation changes
    cast: float = 0.05  # strength of colour cast
    blur_share: float = 0.2
    noise_share: float = 0.3
    jpeg_share: float = 0.15
    mixup_share: float = 0.0  # share of the batches whose views and targets are mixed in pairs (Zhang et al. 2018)

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def view_spec(self) -> ViewSpec:
        """The view for validation."""
        return ViewSpec(size=self.size, margin=self.margin, toning=self.toning, feather=self.feather)

    @property
    def label_renames(self) -> dict[str, str]:
        """``label_map`` as a dictionary, old name to new."""
        return dict(pair.split("=", 1) for pair in self.label_map)

    @property
    def data_set_shares(self) -> dict[str, float]:
        """``set_shares`` as a dictionary, data set to share."""
        return {name: float(share) for name, _, share in (pair.partition("=") for pair in self.set_shares)}

    def replaced(self, **changes: Any) -> "Settings":
        """A copy with changes.

        Raises:
            SettingsError: an unknown name, or a value out of its range.
        """
        unknown = sorted(set(changes) - set(NAMES))
        if unknown:
            raise SettingsError(f"settings: unknown {unknown[0]!r}; known are {', '.join(NAMES)}")
        return dataclasses.replace(self, **changes)

    def save(self, path: Path) -> None:
        """Write as JSON, atomically, with the folder that relative paths start from: the current one."""
        write_text(path, json.dumps(dataclasses.asdict(self) | {MADE_IN: str(Path.cwd())}, indent=2) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Settings":
        """Read what ``save`` wrote. Relative paths are found from wherever they are used later.

        Raises:
            SettingsError: the file is missing, not JSON, or has unknown names or values out of range.
        """
        try:
            raw = read_json(path)
        except UnreadableFileError as error:
            raise SettingsError(f"settings {path}: cannot be read: {error}; {REMEDY}") from error
        if not isinstance(raw, dict):
            raise SettingsError(
                f"settings {path}: expected an object of names and values, got {type(raw).__name__}; {REMEDY}"
            )
        made_in = raw.pop(MADE_IN, None)
        try:
            settings = cls().replaced(
                **{name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
            )
        except SettingsError as error:
            raise SettingsError(f"{path}: {error}; {REMEDY}") from error
        return settings.found_from(Path(made_in)) if isinstance(made_in, str) else settings

    def found_from(self, folder: Path) -> "Settings":
        """A copy whose relative paths start from ``folder``; one that leads nowhere there but somewhere from the current
        folder (run and data moved together) stays as it is."""
        changes: dict[str, Any] = {}
        for name in PATHS:
            value = getattr(self, name)
            changes[name] = (
                tuple(found_from(folder, one) for one in value)
                if isinstance(value, tuple)
                else found_from(folder, value)
            )
        return self.replaced(**changes)

    def differences(self, other: "Settings") -> list[str]:
        """``name: this -> other`` for each field that differs; two ways to write one path do not."""
        mine, others = self._absolute(), other._absolute()
        return [
            f"{name}: {getattr(self, name)!r} -> {getattr(other, name)!r}"
            for name in NAMES
            if getattr(mine, name) != getattr(others, name)
        ]

    def _absolute(self) -> "Settings":
        """For comparison."""
        changes: dict[str, Any] = {}
        for name in PATHS:
            value = getattr(self, name)
            changes[name] = tuple(map(absolute, value)) if isinstance(value, tuple) else absolute(value)
        return self.replaced(**changes)


NAMES = tuple(field.name for field in dataclasses.fields(Settings))
