"""What is examined: a machine, the configuration of a bin on it, and the service that runs it."""

import json
import re
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.config.file import load_config
from edge.config.schema import Config
from edge.doctor.host import TIMED_OUT, Host, User
from edge.doctor.systemd_unit import SystemdUnit, read_unit
from edge.errors import SorterError

SERVICE_USER = "sorter"
"""Who the service runs as, where it is not installed yet."""

NO_CONFIG = "not looked at: the configuration cannot be used"


@dataclass(frozen=True)
class CheckContext:
    """What every check is handed.

    Attributes:
        host: the machine.
        config_file, overrides: the configuration as the command line names it.
        config: what it says; None when it cannot be used.
        problems: why it cannot be used, one by one.
        unit: the service; None where no systemd answers.
    """

    host: Host
    config_file: Path
    overrides: tuple[str, ...]
    config: Config | None
    problems: tuple[str, ...]
    unit: SystemdUnit | None

    @property
    def running(self) -> bool:
        """Does the service hold the hardware? Then nobody else may touch it."""
        return self.unit is not None and self.unit.runs

    @property
    def user(self) -> User:
        """Who must be able to use the hardware: the service's user, or who is asking where there is none."""
        if self.unit is not None and self.unit.installed:
            user = self.host.user(self.unit.user, self.unit.groups)
        else:
            user = self.host.user(SERVICE_USER)
        return user or self.host.asker()

    def probe(self, name: str, *overrides: str, timeout_s: float) -> dict[str, Any]:
        """Ask a child process (``edge.doctor.probe``), which may hang or crash in our place.

        Returns:
            What it answers; {"error": a sentence} when that is nothing.
        """
        command = [sys.executable, "-m", "edge.doctor.probe", name, str(self.config_file), *self.overrides, *overrides]
        ran = self.host.run(*command, timeout_s=timeout_s)
        if ran.code == TIMED_OUT:
            return {"error": f"it hangs: no answer within {timeout_s:g} s"}
        if ran.code < 0:
            return {"error": f"it crashes ({signal.Signals(-ran.code).name})"}
        try:
            answer = json.loads(ran.out)
        except ValueError:
            answer = None
        if isinstance(answer, dict):
            return answer
        return {"error": next(reversed(ran.err.splitlines()), f"no answer, exit code {ran.code}")}


def make_check_context(host: Host, config_file: Path, overrides: Sequence[str] = ()) -> CheckContext:
    """Read the configuration and ask for the service; neither has to be there."""
    config: Config | None = None
    problems: tuple[str, ...] = ()
    try:
        config = load_config(config_file, overrides)
    except SorterError as error:
        # One sentence a key, joined by semicolons that also stand within a sentence.
        problems = tuple(re.split(r"; (?=configuration |--set )", str(error)))
    return CheckContext(host, config_file, tuple(overrides), config, problems, read_unit(host))
