"""How somebody types a command of ours, for the advice that names one."""

import shlex
import shutil
import sys
from pathlib import Path

from edge.commands.options import DEFAULT_CONFIG


def invocation(*words: str, config: Path = DEFAULT_CONFIG) -> str:
    """The command line of another command: called as this one was, with the same ``--config`` where that is not the default."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        called = ["python", "-m", "edge"]
    else:
        # A shell hands over the whole path, which need not be typed where PATH leads to it.
        called = [program.name if shutil.which(program.name) else str(program)]
    options = [] if config == DEFAULT_CONFIG else ["--config", str(config)]
    return shlex.join([*called, *words, *options])
