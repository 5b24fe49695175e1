"""What the page needs to know of a bin's configuration. A child reads and checks it: that takes more memory than the page."""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from edge.config.config_child import ConfigChild

CHILD = "edge.page.settings_child"


@dataclass(frozen=True, slots=True)
class BinSettings:
    """A bin as the page shows it.

    Attributes:
        name: of the machine.
        event_log: the event log.
        images: folder of the items' pictures; None: there are none, as with an event log that was copied alone.
        teaching_folder: folder of what was taught; None: nothing can be taught here.
        head_file: the taught head in use, where there is one; None: nothing can be taught here.
        config: the configuration's file; None: only an event log is shown.
        overrides: ``--set`` of the command line, which belong to the configuration.
        bins: names, in the order of the configuration.
        labels: label -> its bin.
        residual_bin: the bin of what is unsure; empty: not known.
        hazards: labels of dangerous things.
        simulated: whether the bin is simulated.
        metrics_port: where the link serves figures on this machine; None: nowhere.
        metrics_token_file: its first line opens them over the page; None: nothing does.
    """

    name: str
    event_log: Path
    images: Path | None = None
    teaching_folder: Path | None = None
    head_file: Path | None = None
    config: Path | None = None
    overrides: tuple[str, ...] = ()
    bins: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    residual_bin: str = ""
    hazards: tuple[str, ...] = ()
    simulated: bool = False
    metrics_port: int | None = None
    metrics_token_file: Path | None = None

    @classmethod
    def of_events(cls, event_log: Path) -> Self:
        """An event log without a bin."""
        return cls(name=event_log.name, event_log=event_log.absolute())


class SettingsReader:
    """Reads a configuration in a child process, which runs while the page loads its own packages.

    Args:
        config: the configuration's file.
        overrides: ``--set`` of the command line.
    """

    def __init__(self, config: Path, overrides: Sequence[str] = ()) -> None:
        self._child = ConfigChild(CHILD, config, overrides)

    def result(self) -> BinSettings:
        """Wait for the settings.

        Raises:
            ConfigError, UnavailableError: as of ``ConfigChild.answer``.
        """
        answer = self._child.answer()
        return BinSettings(
            name=socket.gethostname(),
            config=self._child.config,
            overrides=self._child.overrides,
            event_log=Path(answer["event_log"]),
            images=Path(answer["images"]),
            teaching_folder=Path(answer["teaching_folder"]),
            head_file=Path(answer["head_file"]),
            bins=tuple(answer["bins"]),
            labels=answer["labels"],
            residual_bin=answer["residual_bin"],
            hazards=tuple(answer["hazards"]),
            simulated=answer["simulated"],
            metrics_port=answer["metrics_port"],
            metrics_token_file=None if answer["metrics_token_file"] is None else Path(answer["metrics_token_file"]),
        )
