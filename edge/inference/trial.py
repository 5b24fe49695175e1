"""A trial run of an interpreter on fixed inputs, to compare an accelerator with the CPU."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from edge.errors import UnavailableError
from edge.inference.interpreter import Interpreter

INPUTS = 8
"""Number of inputs."""

BLOCKS = 4
"""Each input consists of 4 x 4 blocks of random colours, to which the models that ship give the most different answers."""

MAX_DEVIATION = 0.75
"""Largest mean deviation of the accelerator's trial outputs from the CPU's, as a fraction of the mean deviation of the CPU's
outputs among themselves. Different kernels on one CPU reach 0.34; a constant output reaches about 1."""

Outputs = dict[str, NDArray[np.int8]]
"""Name of an output of the graph -> its content."""


def run_trial(interpreter: Interpreter) -> Outputs:
    """Outputs for inputs that are the same in every trial: name -> int8 (INPUTS, n)."""
    run = make_runner(interpreter)
    _, height, width, channels = interpreter.get_input_details()[0]["shape"]
    random = np.random.default_rng(0)
    rows, columns = np.arange(height) * BLOCKS // height, np.arange(width) * BLOCKS // width
    answers = []
    for _ in range(INPUTS):
        blocks = random.integers(-128, 128, (BLOCKS, BLOCKS, channels), np.int8)
        answers.append(run(blocks[rows][:, columns][np.newaxis]))
    names = [details["name"] for details in interpreter.get_output_details()]
    return {name: np.array([answer[place].ravel() for answer in answers]) for place, name in enumerate(names)}


def make_runner(interpreter: Interpreter) -> Callable[[NDArray[np.int8]], list[NDArray[np.int8]]]:
    """A function that runs the model: int8 (1, size, size, 3) -> every output, in the order of ``get_output_details``."""
    input_index = interpreter.get_input_details()[0]["index"]
    output_indices = [details["index"] for details in interpreter.get_output_details()]

    def run(pixels: NDArray[np.int8]) -> list[NDArray[np.int8]]:
        interpreter.set_tensor(input_index, pixels)
        interpreter.invoke()
        return [interpreter.get_tensor(index) for index in output_indices]

    return run


def compare_trials(got: Outputs, expected: Outputs, names: Sequence[str]) -> float:
    """Compare an accelerator's trial with the CPU's.

    Args:
        got: outputs of the accelerator.
        expected: outputs of the CPU.
        names: names of the outputs that are used, the logits' first; empty: the only one, whatever its name.

    Returns:
        Mean deviation of the logits, in counts.

    Raises:
        UnavailableError: an output is missing, has another shape, or deviates by more than ``MAX_DEVIATION``.
    """
    pairs = [(name, got.get(name), expected[name]) for name in names]
    if not pairs:
        pairs = [("", next(iter(got.values())), next(iter(expected.values())))]
    deviations: list[float] = []
    for name, own, reference in pairs:
        what = f" {name}" if deviations else ""
        if own is None:
            raise UnavailableError(f"it has no output {name}, the CPU has; compile the model again")
        if own.shape != reference.shape:
            raise UnavailableError(f"its output{what} has {own.shape[1]} values, the CPU's {reference.shape[1]}")
        counts = reference.astype(int)
        deviation = float(np.abs(own - counts).mean())
        limit = MAX_DEVIATION * float(np.abs(counts - counts.mean(axis=0)).mean())
        if deviation > limit:
            raise UnavailableError(
                f"its outputs{what} differ from the CPU's by {deviation:.1f} counts on average, expected at most {limit:.1f}"
            )
        deviations.append(deviation)
    return deviations[0]
