"""Which TFLite runtime there is. Chosen once, named at start."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from edge.errors import ModelError, UnavailableError

RUNTIMES = {
    # Measured on int8 MobileNetV2 at 128x128 on x86-64: ai-edge-litert 0.5 ms, tflite-runtime 10.6 ms (no XNNPACK for int8).
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
}
"""Distribution name -> module with ``Interpreter``, best first."""


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """The C++ side greets on file descriptor 2 whenever it makes an interpreter, past every log setting.

    What goes wrong still comes as an exception with its text.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@dataclass(frozen=True, slots=True)
class Runtime:
    """An importable TFLite runtime: its distribution's name and version, and the module with ``Interpreter``."""

    name: str
    version: str
    module: Any

    def interpreter(self, flatbuffer: bytes, *, threads: int, delegate: str | None = None) -> Any:
        """An interpreter with its tensors allocated.

        Args:
            flatbuffer: the model.
            threads: >= 1.
            delegate: the library of an accelerator, as the loader finds it; it may take the whole process along.

        Raises:
            ModelError: the runtime refuses the model.
            UnavailableError: the delegate cannot be loaded.
        """
        try:
            with _quiet_stderr():
                options = {} if delegate is None else {"experimental_delegates": [self._delegate(delegate)]}
                interpreter = self.module.Interpreter(model_content=flatbuffer, num_threads=threads, **options)
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            if isinstance(error, UnavailableError):
                raise
            raise ModelError(f"{self.name} {self.version} refuses it: {' '.join(str(error).split())[:200]}") from error
        return interpreter

    def _delegate(self, library: str) -> Any:
        try:
            return self.module.load_delegate(library)
        except (OSError, ValueError, AttributeError) as error:
            # A library that is no delegate lacks the function; one that finds no device says nothing beyond its name.
            raise UnavailableError(f"it cannot be loaded: {' '.join(str(error).split())[:200]}") from error


def find_runtime(wanted: str = "auto") -> Runtime:
    """The runtime named ``wanted``, or with ``auto`` the first that is installed.

    Raises:
        UnavailableError: it is not installed.
    """
    names = list(RUNTIMES) if wanted == "auto" else [wanted]
    for name in names:
        try:
            module = import_module(RUNTIMES[name])
        except ImportError:
            continue
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "?"
        return Runtime(name, found, module)
    raise UnavailableError(f"no TFLite runtime: {' or '.join(names)} must be installed (pip install ai-edge-litert)")
