"""Runtimes whose interpreters fail, or that have a Coral."""

from typing import Any

from edge.errors import ModelError
from edge.inference.accelerator import Accelerator
from edge.inference.bundle import Bundle
from edge.inference.runtime import find_runtime


class Failing:
    """An interpreter that works ``good`` times and then no more, as one whose accelerator was pulled out."""

    def __init__(self, bundle: Bundle, good: int) -> None:
        self._real = find_runtime().interpreter(bundle.flatbuffer, threads=1)
        self._good = good

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def invoke(self) -> None:
        self._good -= 1
        if self._good < 0:
            raise RuntimeError("delegate failed:\n node 0")
        self._real.invoke()


class Coral(Accelerator):
    """An accelerator whose interpreter fails, and which recovers on demand."""

    def __init__(self, bundle: Bundle, good: int) -> None:
        self._bundle = bundle
        self._good = good
        self.back = False
        self.closed = 0

    def open(self) -> Any:
        return Failing(self._bundle, self._good)

    def reopen(self) -> Any:
        return self.open() if self.back else None

    def close(self) -> None:
        self.closed += 1


class FailingRuntime:
    """A runtime whose interpreters all fail at once, until it is mended."""

    def __init__(self) -> None:
        self._real = find_runtime()
        self.name, self.version = self._real.name, self._real.version
        self.refuses = self.fails = False

    def interpreter(self, flatbuffer: bytes, *, threads: int) -> Any:
        if self.refuses:
            raise ModelError("no memory left")
        real = self._real.interpreter(flatbuffer, threads=threads)
        if self.fails:
            failing = Failing.__new__(Failing)
            failing._real, failing._good = real, 0
            return failing
        return real
