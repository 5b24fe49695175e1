"""The bins of a configuration, to suggest and to measure with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.config.default import find_config, is_packaged
from edge.config.file import load_config
from hardware.pictures.labels import match_labels
from train.measuring.bin_confusion import RESIDUAL


@dataclass(frozen=True, slots=True)
class ConfiguredBins:
    """The bins of a configuration.

    Attributes:
        path: of the configuration.
        bins: names of the bins.
        residual_bin: the one for uncertain items.
        labels: label -> bin.
    """

    path: Path
    bins: tuple[str, ...]
    residual_bin: str
    labels: Mapping[str, str]

    @classmethod
    def load(cls, named: Path | None = None) -> "ConfiguredBins":
        """Read a configuration.

        Args:
            named: its file; None: config.yaml in the current folder, else the default that ships.

        Raises:
            InputMissingError: there is no such file.
            ConfigError: it is not a valid configuration.
        """
        path = find_config(named)
        config = load_config(path)
        return cls(path, tuple(config.bins), config.decision.residual_bin, config.decision.labels)

    @property
    def name(self) -> str:
        """The configuration as messages call it."""
        return "the default configuration" if is_packaged(self.path) else str(self.path)

    def suggest(self, labels: Sequence[str]) -> dict[str, str]:
        """The bin of each label that the configuration knows, whatever the case of its letters.

        The bin for uncertain items is called ``RESIDUAL``, whatever its name there.
        """
        names = match_labels(labels, self.labels).names
        own = {label: self.labels[name] for label, name in names.items()}
        return {label: RESIDUAL if name == self.residual_bin else name for label, name in own.items()}
