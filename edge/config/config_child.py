"""A process that reads and checks a configuration for another, which is to load nothing of what that takes."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edge.config.invocation import invocation
from edge.config.python_child import WORKING_FOLDER, python_child
from edge.errors import ConfigError, UnavailableError

READ_S = 30.0
"""Longest wait for the child, in seconds: ten times what it takes on a slow Pi."""


class ConfigChild:
    """Begins to read a configuration at once, so that the caller can load its own packages meanwhile.

    Args:
        module: name of the module that runs as the child; it calls ``edge.config.child_answer.print_answer``.
        config: the configuration's file.
        overrides: ``--set`` of the command line.

    Attributes:
        config: the configuration's file, absolute.
        overrides: as given.
    """

    def __init__(self, module: str, config: Path, overrides: Sequence[str] = ()) -> None:
        self.config = config.absolute()
        self.overrides = tuple(overrides)
        self._child = subprocess.Popen(
            python_child(module, str(Path.cwd()), str(self.config), *self.overrides),
            cwd=WORKING_FOLDER,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )

    def answer(self) -> Mapping[str, Any]:  # Any: what the child says is between it and the caller
        """Wait for what the child says of the configuration.

        Raises:
            ConfigError: the configuration is not valid; each of its problems is said.
            UnavailableError: the child has ended without an answer, or hangs.
        """
        try:
            output, _ = self._child.communicate(timeout=READ_S)
            answer: dict[str, Any] = json.loads(output)  # Any: as above
        except (subprocess.TimeoutExpired, ValueError) as error:
            self._child.kill()
            self._child.wait()
            raise UnavailableError(
                f"configuration {self.config}: its reader gave no answer in {READ_S:g} s; "
                f"'{invocation('doctor', config=self.config)}' looks for the reason"
            ) from error
        if "problems" in answer:
            raise ConfigError(*answer["problems"])
        return answer
