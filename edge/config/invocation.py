"""How a command of ours is typed, for advice that names one."""

import shlex
import shutil
import sys
from pathlib import Path

from edge.config.default import DEFAULT_CONFIG, is_packaged


def invocation(*words: str, config: Path = DEFAULT_CONFIG) -> str:
    """The command line of another command, called as this one was.

    Args:
        words: the command and its arguments.
        config: its configuration; ``--config`` is left out for the one that is found without it.
    """
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        called = ["python", "-m", "edge"]
    else:
        # A shell hands over the whole path, which need not be typed where PATH leads to it.
        called = [program.name if shutil.which(program.name) else str(program)]
    options = [] if config == DEFAULT_CONFIG or is_packaged(config) else ["--config", str(config)]
    return shlex.join([*called, *words, *options])
