"""Runs a command of the sorter for the page in a process of its own: what takes pictures apart needs much memory."""

import asyncio
import json
import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edge.config.python_child import WORKING_FOLDER, python_child
from edge.errors import UnavailableError
from edge.page.bin_settings import BinSettings

MOST_MEMORY_BYTES = 4_000_000_000
"""Address space of a child, in bytes: the model's runtime maps much more than it uses."""

MOST_OUTPUT_BYTES = 4_000_000
"""Longest answer that is read, in bytes."""

TIMEOUT_S = 60.0
"""Longest wait for a child unless asked for otherwise, in seconds."""


@dataclass(frozen=True, slots=True)
class ChildResult:
    """How a command ended.

    Attributes:
        code: its exit code.
        output: what it printed on standard output.
        last_words: the last line that it printed on standard error; empty: none.
    """

    code: int
    output: str
    last_words: str


async def run_sorter(
    settings: BinSettings,
    command: Sequence[str],
    arguments: Sequence[str] = (),
    *,
    timeout_s: float = TIMEOUT_S,
    most_pixels: int | None = None,
) -> dict[str, Any]:  # Any: JSON of the command
    """Run a command that prints one JSON object; returns that.

    Arguments and errors as of ``sorter_lines``.
    """
    found = await sorter_lines(settings, command, arguments, timeout_s=timeout_s, most_pixels=most_pixels)
    if len(found) != 1:
        raise UnavailableError(f"'sorter {' '.join(command)}': expected one object")
    return found[0]


async def sorter_lines(
    settings: BinSettings,
    command: Sequence[str],
    arguments: Sequence[str] = (),
    *,
    timeout_s: float = TIMEOUT_S,
    most_pixels: int | None = None,
) -> list[dict[str, Any]]:  # Any: as above
    """Run a command that prints JSON objects, one a line; returns them.

    Args:
        settings: the bin, whose configuration the command gets.
        command: its words, e.g. ``["teach", "review"]``.
        arguments: what follows its configuration.
        timeout_s: longest wait for it, in seconds.
        most_pixels: most pixels of a picture that its decoders take; None: as always.

    Raises:
        UnavailableError: there is no configuration, or the command failed or took too long.
    """
    result = await run_command(settings, command, arguments, timeout_s=timeout_s, most_pixels=most_pixels)
    # A command that did some of what it was asked for says so in its answer, and ends with 1.
    if result.code and not (result.code == 1 and result.output.strip()):
        raise UnavailableError(result.last_words or f"'sorter {' '.join(command)}' failed")
    found = [json.loads(line) for line in result.output.splitlines()]
    if not all(isinstance(one, dict) for one in found):
        raise UnavailableError(f"'sorter {' '.join(command)}': expected an object in each line")
    return found


async def run_command(
    settings: BinSettings,
    command: Sequence[str],
    arguments: Sequence[str] = (),
    *,
    timeout_s: float = TIMEOUT_S,
    most_pixels: int | None = None,
) -> ChildResult:
    """Run a command, which may fail. Arguments as of ``sorter_lines``.

    Raises:
        UnavailableError: there is no configuration, or the command took too long.
    """
    if settings.config is None:
        raise UnavailableError("there is no bin: only an event log is shown")
    overrides = [word for one in settings.overrides for word in ("--set", one)]
    words = [*command, "--config", str(settings.config), *overrides, *arguments]
    name = f"'sorter {' '.join(command)}'"
    return await run_module("edge", words, name=name, timeout_s=timeout_s, most_pixels=most_pixels)


async def run_module(
    module: str, arguments: Sequence[str], *, name: str, timeout_s: float = TIMEOUT_S, most_pixels: int | None = None
) -> ChildResult:
    """Run a module of the sorter as a child, in bounded memory and time.

    Args:
        module: its name, e.g. ``edge.calibrate.light_child``.
        arguments: its arguments; paths are absolute.
        name: what errors call it.
        timeout_s, most_pixels: as of ``sorter_lines``.

    Raises:
        UnavailableError: it took too long.
    """
    child = await asyncio.create_subprocess_exec(
        *python_child(module, *arguments),
        cwd=WORKING_FOLDER,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=None if most_pixels is None else {**os.environ, "OPENCV_IO_MAX_IMAGE_PIXELS": str(most_pixels)},
    )
    try:
        resource.prlimit(child.pid, resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
        async with asyncio.timeout(timeout_s):
            output, errors = await child.communicate()
    except TimeoutError as error:
        raise UnavailableError(f"{name} gave no answer in {timeout_s:g} s") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    last = errors.decode(errors="replace").strip().splitlines()
    code = child.returncode or 0
    return ChildResult(code, output[:MOST_OUTPUT_BYTES].decode(errors="replace"), last[-1] if last else "")
