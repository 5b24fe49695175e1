"""Children that run Python: they import this program's own packages, and nothing from the folder that they are started in."""

import os
import sys
from pathlib import Path

WORKING_FOLDER = "/"
"""Working folder of the children: nobody but root can put a file there."""

_START = (
    "import runpy, sys; root, module = sys.argv[1:3]; del sys.argv[1:3]; "
    "root in sys.path or sys.path.insert(0, root); runpy.run_module(module, run_name='__main__', alter_sys=True)"
)
"""Imports from the folder that this program was imported from. Where it is installed, that is on the path already."""


SOURCES = Path(__file__).absolute().parents[2]
"""The folder that this program was imported from."""


def python_child(module: str, *arguments: str, root: Path = SOURCES) -> list[str]:
    """The command that runs a module of this program as ``python -m`` would, without the current folder on its path.

    Start it in ``WORKING_FOLDER``, and hand over absolute paths.

    Args:
        module: name of the module, e.g. ``edge.doctor.probe``.
        arguments: its arguments.
        root: the folder to import from, absolute: this program's, or another version of it.
    """
    return [*python_code(_START), str(root), module, *arguments]


def python_code(code: str) -> list[str]:
    """The command that runs a piece of Python, without the current folder on its path."""
    # Not -I: packages that a person has installed for themselves (pip install --user) must be found.
    return [sys.executable, "-P", "-c", code]


def keep_workers_off_current_folder() -> None:
    """Make worker processes of ``multiprocessing`` ignore the current folder. Call it before the first one is started.

    They start as ``python -c``, which looks there first, even where this program was started as a command that does not.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
