"""Context of the checks: the machine, the configuration of the bin on it, and the service that runs it."""

import json
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from edge.config.file import absolute_overrides, load_config
from edge.config.python_child import python_child
from edge.config.schema import Config
from edge.doctor.host import TIMED_OUT, Host, User
from edge.doctor.probe_answers import ProbeFailure
from edge.doctor.systemd_unit import SystemdUnit, read_unit
from edge.errors import SorterError

SERVICE_USER = "sorter"
"""User that the service will run as, if it is not installed yet."""

NO_CONFIG = "not checked: the configuration is not valid"

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class CheckContext:
    """What every check works with.

    Attributes:
        host: the machine.
        config_file, overrides: the configuration file and ``KEY=VALUE`` overrides of the command line.
        config: the configuration; None if it is not valid.
        problems: why it is not valid, one sentence per problem.
        unit: the service; None where systemd does not answer.
    """

    host: Host
    config_file: Path
    overrides: tuple[str, ...]
    config: Config | None
    problems: tuple[str, ...]
    unit: SystemdUnit | None

    @property
    def running(self) -> bool:
        """Whether the service holds the hardware, so that no check may open it."""
        return self.unit is not None and self.unit.runs

    @property
    def user(self) -> User:
        """The user who must be able to use the hardware: the service's, or the current one if that does not exist."""
        if self.unit is not None and self.unit.installed:
            user = self.host.user(self.unit.user, self.unit.groups)
        else:
            user = self.host.user(SERVICE_USER)
        return user or self.host.current_user()

    def probe(self, name: str, answer: type[Answer], *overrides: str, timeout_s: float) -> Answer | ProbeFailure:
        """Run a probe in a child process (``edge.doctor.probe``), so that a hang or a crash does not affect this one.

        Args:
            name: name of the probe.
            answer: class of its answer.
            overrides: ``KEY=VALUE`` each, in addition to those of the command line.
            timeout_s: seconds after which the probe is ended.
        """
        every = absolute_overrides((*self.overrides, *overrides))
        command = python_child("edge.doctor.probe", name, str(self.config_file.absolute()), *every)
        result = self.host.run(*command, timeout_s=timeout_s)
        if result.code == TIMED_OUT:
            return ProbeFailure(f"it hangs: no answer within {timeout_s:g} s")
        if result.code < 0:
            return ProbeFailure(f"it crashes ({signal.Signals(-result.code).name})")
        try:
            tree = json.loads(result.out)
        except ValueError:
            tree = None
        if isinstance(tree, dict):
            return ProbeFailure(tree["error"]) if "error" in tree else answer(**tree)
        return ProbeFailure(next(reversed(result.err.splitlines()), f"no answer, exit code {result.code}"))


def make_check_context(host: Host, config_file: Path, overrides: Sequence[str] = ()) -> CheckContext:
    """Read the configuration and the state of the service; either may be missing."""
    config: Config | None = None
    problems: tuple[str, ...] = ()
    try:
        config = load_config(config_file, overrides)
    except SorterError as error:
        problems = error.problems
    return CheckContext(host, config_file, tuple(overrides), config, problems, read_unit(host))
