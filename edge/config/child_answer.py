"""The child's end of ``edge.config.config_child``: prints what is asked of a configuration as JSON."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import SorterError
from edge.terminal.output import say_json


def print_answer(argv: Sequence[str], describe: Callable[[Config], Mapping[str, object]]) -> int:
    """Print what is asked of a configuration, or its ``problems``; the exit code.

    Args:
        argv: the folder that relative paths in overrides belong to, the configuration's file, and the overrides.
        describe: what is asked, as JSON knows it.
    """
    folder, config_file, *overrides = argv
    os.chdir(folder)
    try:
        config = load_config(Path(config_file), overrides)
    except SorterError as error:
        say_json({"problems": error.problems})
        return 0
    say_json(dict(describe(config)))
    return 0
