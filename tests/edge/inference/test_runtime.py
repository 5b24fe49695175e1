"""The runtime: its name is reported, and a missing one is an error."""

import sys
from importlib import metadata
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from edge.errors import ModelError, UnavailableError
from edge.inference import runtime
from edge.inference.runtime import RUNTIMES, Runtime, find_runtime


def test_the_installed_runtime_is_found_with_its_version() -> None:
    found = find_runtime("auto")
    assert found.name in RUNTIMES
    assert found.version == metadata.version(found.name)
    assert found.module.Interpreter


def test_auto_takes_the_first_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    old = ModuleType("tflite_runtime.interpreter")
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    package = ModuleType("tflite_runtime")
    package.__dict__["__version__"] = "2.14.0"
    monkeypatch.setitem(sys.modules, "tflite_runtime", package)
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", old)
    found = find_runtime("auto")
    assert (found.name, found.version, found.module) == ("tflite-runtime", "2.14.0", old)
    del package.__dict__["__version__"]
    assert find_runtime("auto").version == "?"


def test_a_runtime_that_is_asked_for_is_not_replaced_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(UnavailableError, match="ai-edge-litert must be installed"):
        find_runtime("ai-edge-litert")


def test_no_runtime_at_all_is_reported_with_every_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "import_module", lambda name: (_ for _ in ()).throw(ImportError(name)))
    with pytest.raises(UnavailableError, match="ai-edge-litert or tflite-runtime must be installed"):
        find_runtime("auto")


@pytest.mark.parametrize("error", [ValueError("bad\n  model"), RuntimeError("bad\n  model")])
def test_what_the_runtime_says_becomes_one_line(error: Exception) -> None:
    def refuse(**_: Any) -> None:
        raise error

    with pytest.raises(ModelError, match=r"^tflite 1\.0 refuses it: bad model$"):
        Runtime("tflite", "1.0", SimpleNamespace(Interpreter=refuse)).interpreter(b"", threads=1)
