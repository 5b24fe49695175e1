"""A trial run of an interpreter on fixed inputs, to compare an accelerator with the CPU."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edge.inference.interpreter import Interpreter

INPUTS = 8
"""Number of inputs."""

BLOCKS = 4
"""Each input consists of 4 x 4 blocks of random colours, to which the models that ship give the most different answers."""


def run_trial(interpreter: Interpreter) -> NDArray[np.int8]:
    """Outputs for inputs that are the same in every trial: int8 (INPUTS, labels)."""
    run = make_runner(interpreter)
    _, height, width, channels = interpreter.get_input_details()[0]["shape"]
    random = np.random.default_rng(0)
    rows, columns = np.arange(height) * BLOCKS // height, np.arange(width) * BLOCKS // width
    outputs = []
    for _ in range(INPUTS):
        blocks = random.integers(-128, 128, (BLOCKS, BLOCKS, channels), np.int8)
        outputs.append(run(blocks[rows][:, columns][np.newaxis])[0])
    return np.array(outputs)


def make_runner(interpreter: Interpreter) -> Callable[[NDArray[np.int8]], NDArray[np.int8]]:
    """A function that runs the model: int8 (1, size, size, 3) -> int8 (1, labels)."""
    input_index = interpreter.get_input_details()[0]["index"]
    output_index = interpreter.get_output_details()[0]["index"]

    def run(pixels: NDArray[np.int8]) -> NDArray[np.int8]:
        interpreter.set_tensor(input_index, pixels)
        interpreter.invoke()
        return interpreter.get_tensor(output_index)

    return run
