"""Compilation for a Coral: the expected mapping, and Google's compiler where it is installed."""

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from convert.edgetpu.mapping import EdgeTpuMapping, predict_edgetpu_mapping
from edge.inference.bundle import Bundle, read_bundle, write_bundle
from edge.inference.operators import EDGE_TPU, custom_operators
from edge.terminal.console import make_console
from train.errors import SettingsError, TrainError
from train.files import write_text

COMPILER = "edgetpu_compiler"
COMPILER_TIMEOUT_S = 900.0
"""Seconds after which the compiler is stopped. It needs some seconds for a MobileNet; its own limit is minutes."""

HOW_TO_GET_IT = (
    f"{COMPILER} is not installed; it runs on x86-64 Debian and Ubuntu and comes as edgetpu-compiler from Google's apt "
    "repository, see https://coral.ai/docs/edgetpu/compiler"
)


class NotCompiledError(TrainError):
    """The bundle exists, but it could not be compiled for the Coral."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class EdgeTpuCompilation:
    """Result of a compilation for the Coral.

    Attributes:
        mapping: expected from the documentation.
        file: the compiled model; None: not compiled.
        compiler_report: the compiler's own figures: "compiler" (its version), "edge_tpu" and "processor" (numbers of
            operations); keys that the compiler did not print are absent.
        failure_reason: why there is no file; None where there is one.
    """

    mapping: EdgeTpuMapping
    file: Path | None
    compiler_report: dict[str, str | int]
    failure_reason: str | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        file = None if self.file is None else str(self.file)
        return {
            "file": file,
            "why_not": self.failure_reason,
            **self.compiler_report,
            "expected": self.mapping.as_dict(),
        }

    def show(self, console: Console) -> None:
        """Print it."""
        self.mapping.show(console)
        if self.file is None:
            return
        if "edge_tpu" in self.compiler_report:
            console.print(
                f"compiled: {self.compiler_report['edge_tpu']} operations on the Edge TPU, "
                f"{self.compiler_report['processor']} on the processor",
                highlight=False,
            )
        console.print(f"written to {self.file}", highlight=False, soft_wrap=True)

    def raise_if_missing(self, source: Path) -> None:
        """Raise an error where there is no compiled model.

        Raises:
            NotCompiledError: with the reason and the command to compile later.
        """
        if self.failure_reason is not None:
            raise NotCompiledError(
                f"not compiled for a Coral: {self.failure_reason}; then: sorter-convert {source} --edgetpu"
            )


def compiled_path(source: Path) -> Path:
    """Default file of the compiled model, named as the compiler names it: ``<stem>_edgetpu<suffix>``."""
    return source.with_name(f"{source.stem}_edgetpu{source.suffix}")


def compile_file(model: Path, out: Path | None = None, report: Path | None = None) -> None:
    """Compile a finished bundle for a Coral; a report is written and printed.

    Args:
        model: the bundle.
        out: file of the compiled bundle; None: ``compiled_path(model)``.
        report: file of the report (JSON); None: ``<out>.json``.

    Raises:
        SettingsError: the bundle is compiled already, or would be overwritten.
        SorterError: the file is not a bundle.
        NotCompiledError: there is no compiled model.
    """
    source = read_bundle(model)
    if source.is_compiled:
        raise SettingsError(f"{model}: is compiled already; give the model that it was made from")
    target = out or compiled_path(model)
    if target.resolve() == model.resolve():
        raise SettingsError(f"--out {target}: is the model itself, which the processor still needs")
    outcome = compile_bundle(source, target)
    text = json.dumps({"model": source.manifest.name, "edgetpu": outcome.as_dict()}, indent=1)
    write_text(report or target.with_name(target.name + ".json"), text + "\n")
    outcome.show(make_console())
    outcome.raise_if_missing(model)


def compile_bundle(source: Bundle, target: Path) -> EdgeTpuCompilation:
    """Compile a model to ``target`` with its manifest inside, where the compiler is installed; predict the mapping either way."""
    mapping = predict_edgetpu_mapping(source.flatbuffer)
    compiler = shutil.which(COMPILER)
    if compiler is None:
        return EdgeTpuCompilation(mapping, None, {}, HOW_TO_GET_IT)
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.tflite"
        model.write_bytes(source.flatbuffer)
        command = [compiler, "--out_dir", folder, "--show_operations", str(model)]
        try:
            process = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=COMPILER_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            return EdgeTpuCompilation(mapping, None, {}, f"{COMPILER} did not end within {COMPILER_TIMEOUT_S:g} s")
        except OSError as error:
            return EdgeTpuCompilation(mapping, None, {}, f"{compiler} cannot be started: {error.strerror}")
        text = process.stdout + process.stderr
        counts = _parse_counts(text)
        try:
            flatbuffer = compiled_path(model).read_bytes()
        except FileNotFoundError:
            flatbuffer = b""
    if process.returncode != 0 or not flatbuffer:
        return EdgeTpuCompilation(
            mapping, None, counts, f"{COMPILER} failed with exit code {process.returncode}: {_last_words(text)}"
        )
    if flatbuffer[4:8] != b"TFL3" or EDGE_TPU not in custom_operators(flatbuffer):
        return EdgeTpuCompilation(
            mapping, None, counts, f"{COMPILER} mapped no operation to the Edge TPU: {_last_words(text)}"
        )
    manifest = source.manifest.model_copy(update={"compiled_from": source.manifest.sha256})
    write_bundle(target, flatbuffer, manifest)
    return EdgeTpuCompilation(mapping, target, counts, None)


def _parse_counts(text: str) -> dict[str, str | int]:
    counts: dict[str, str | int] = {}
    if version := re.search(r"Edge TPU Compiler version (\S+)", text):
        counts["compiler"] = version[1]
    for name, device in (("edge_tpu", "Edge TPU"), ("processor", "CPU")):
        if count := re.search(rf"Number of operations that will run on {device}: (\d+)", text):
            counts[name] = int(count[1])
    return counts


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[-3:])[:300] or "no output"
