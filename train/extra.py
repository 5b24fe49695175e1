"""What training needs beside what runs in the bin: the packages of the extra ``train``."""

from collections.abc import Iterable
from importlib.util import find_spec

PACKAGES = ("keras", "tensorflow", "sklearn", "scipy", "matplotlib", "jinja2", "safetensors", "tensorboardX")
"""Modules that the extra brings; without TensorFlow Keras can train on JAX or PyTorch, but nothing is converted."""

OURS = ("convert", "edge", "hardware", "train")

INSTALLED_GB = 2.5
"""What the extra takes on disk on x86-64, three quarters of it TensorFlow."""
INSTALL = f"pip install 'smart-bin-sorter[train]' (in the sources: pip install -e '.[train]'; takes {INSTALLED_GB:g} GB on disk)"


def note(packages: Iterable[str] = PACKAGES) -> str:
    """For the end of ``--help``: what is to be installed here, if anything; nothing is imported for it."""
    missing = [name for name in packages if find_spec(name) is None]
    return f"not installed here: {', '.join(missing)}; {INSTALL}" if missing else ""


def sentence(error: ModuleNotFoundError) -> str:
    """What to do about a package that is not there.

    Raises:
        ModuleNotFoundError: the module is one of ours, which is a mistake in the program.
    """
    name = (error.name or "").partition(".")[0]
    if not name or name in OURS:
        raise error
    return f"{name} is not installed; training and conversion need {INSTALL}"
