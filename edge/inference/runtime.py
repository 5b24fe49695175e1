"""Finds the installed TFLite runtime."""

from dataclasses import dataclass
from importlib import import_module
from typing import cast

from edge.errors import ModelError, UnavailableError
from edge.inference.interpreter import LocalInterpreter, RuntimeModule
from hardware.native_stderr import native_stderr_discarded

RUNTIMES = {
    # Measured on int8 MobileNetV2 at 128x128 on x86-64: ai-edge-litert 0.5 ms, tflite-runtime 10.6 ms (no XNNPACK for int8).
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
}
"""Distribution name -> module with ``Interpreter``, the fastest first."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """An installed TFLite runtime.

    Attributes:
        name: distribution name.
        version: version of the package; "?" if it is unknown.
        module: the module with ``Interpreter``.
    """

    name: str
    version: str
    module: RuntimeModule

    def interpreter(self, flatbuffer: bytes, *, threads: int, delegate: str | None = None) -> LocalInterpreter:
        """Make an interpreter and allocate its tensors.

        Args:
            flatbuffer: the model.
            threads: number of CPU threads, >= 1.
            delegate: path or name of an accelerator's library, which may crash the process; None runs on the CPU.

        Raises:
            ModelError: the runtime refuses the model.
            UnavailableError: the delegate cannot be loaded.
        """
        try:
            # It logs every new interpreter, whatever the log level.
            with native_stderr_discarded():
                delegates = None if delegate is None else [self._load_delegate(delegate)]
                interpreter = self.module.Interpreter(
                    model_content=flatbuffer, num_threads=threads, experimental_delegates=delegates
                )
                interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            if isinstance(error, UnavailableError):
                raise
            raise ModelError(f"{self.name} {self.version} refuses it: {' '.join(str(error).split())[:200]}") from error
        return interpreter

    def _load_delegate(self, library: str) -> object:
        try:
            return self.module.load_delegate(library)
        except (OSError, ValueError, AttributeError) as error:
            # AttributeError: the library is not a delegate. One that finds no device gives no reason.
            raise UnavailableError(f"it cannot be loaded: {' '.join(str(error).split())[:200]}") from error


def find_runtime(wanted: str = "auto") -> Runtime:
    """Find an installed runtime.

    Args:
        wanted: distribution name, one of ``RUNTIMES``, or ``auto`` for the first that is installed.

    Raises:
        UnavailableError: it is not installed.
    """
    names = list(RUNTIMES) if wanted == "auto" else [wanted]
    for name in names:
        try:
            module = import_module(RUNTIMES[name])
        except ImportError:
            continue
        # Not by importlib.metadata, which reads the folder of all packages: 3 MB, and a slow card's time.
        package = import_module(RUNTIMES[name].partition(".")[0])
        return Runtime(name, getattr(package, "__version__", "?"), cast(RuntimeModule, module))
    raise UnavailableError(f"no TFLite runtime: {' or '.join(names)} must be installed (pip install ai-edge-litert)")
