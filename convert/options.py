"""Options of a conversion, checked before any work is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from train.errors import SettingsError

DEFAULT_REHEARSE = 60
"""Pictures of each label in a rehearsal: a third typical, the others drawn at random (docs/training.md)."""
MOST_REHEARSE = 500
"""Largest number of pictures of each label: 0.9 MB a label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdTargets:
    """Targets that the manifest's thresholds are chosen for on validation pictures.

    Attributes:
        sure: share of the answers that are right at ``min_confidence`` and above, 0..1.
        contamination: largest share of wrong items in a recycling bin, 0..1.
        keep_known: share of the known pictures that stay known, 0..1.

    Raises:
        SettingsError: a share is out of its range (checked when made).
    """

    sure: float = 0.95
    contamination: float = 0.02
    keep_known: float = 0.98

    def __post_init__(self) -> None:
        for name in ("sure", "contamination", "keep_known"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise SettingsError(f"--{name.replace('_', '-')}: a share from 0 to 1 is needed, got {share}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionOptions:
    """Options of a conversion.

    Attributes:
        out: file of the bundle; ``<out>.rejected`` if it loses too much accuracy.
        report: file of the parity report (JSON); None: ``<out>.parity.json``.
        representative: number of training pictures to calibrate with, >= 1.
        plain: leave the rounding of the weights to the converter.
        limit_points: accuracy that int8 may lose, in points of 100, on validation and test pictures together.
        targets: of the thresholds.
        name: of the model; None: the run folder's name.
        bins: label -> suggested bin, for labels whose bin differs from that of the configuration.
        config: the configuration whose bins are suggested; None: config.yaml, else the default that ships.
        licence: text for the manifest.
        unknown: folders of pictures that the model should reject as unknown.
        edgetpu: compile the bundle for a Coral as well.
        rehearse: number of training pictures of each label whose features travel with the model, >= 0.

    Raises:
        SettingsError: a value is out of its range (checked when made).
    """

    out: Path
    report: Path | None = None
    representative: int = 300
    plain: bool = False
    limit_points: float = 2.0
    targets: ThresholdTargets = field(default_factory=ThresholdTargets)
    name: str | None = None
    bins: Mapping[str, str] = field(default_factory=dict)
    config: Path | None = None
    licence: str = ""
    unknown: tuple[Path, ...] = ()
    edgetpu: bool = False
    rehearse: int = DEFAULT_REHEARSE

    def __post_init__(self) -> None:
        if self.representative < 1:
            raise SettingsError(f"--representative: at least 1 picture is needed, got {self.representative}")
        _check_rehearse(self.rehearse)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachableOptions:
    """Options of making a finished bundle teachable.

    Attributes:
        out: file of the new bundle.
        data: folders of the pictures that the model was trained on.
        split: split file, of which only the training part is used; None: all pictures.
        label_renames: folder -> label, as in training.
        rehearse: number of pictures of each label whose features travel with the model, >= 0.

    Raises:
        SettingsError: a value is out of its range (checked when made).
    """

    out: Path
    data: tuple[Path, ...]
    split: Path | None = None
    label_renames: Mapping[str, str] = field(default_factory=dict)
    rehearse: int = DEFAULT_REHEARSE

    def __post_init__(self) -> None:
        _check_rehearse(self.rehearse)


def _check_rehearse(count: int) -> None:
    if not 0 <= count <= MOST_REHEARSE:
        raise SettingsError(f"--rehearse: expected 0 to {MOST_REHEARSE} pictures of each label, got {count}")
