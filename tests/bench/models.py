"""Size and time per picture of each recipe's network as int8, measured in turns in one process.

Run it with ``make bench-models``. The weights are random: neither size nor time depends on them. One thread, the bin's
runtime; the networks take turns, so that a busy moment of the machine affects all alike.
"""

import argparse
import json
import os
import platform
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from convert.quantization.quantize import quantize
from edge.inference.runtime import find_runtime
from train.network.model import build_model
from train.runs import recipe
from train.runs.settings import Settings

SHIPPED = "mobilenet_v2, 128x128"
"""The network that ships, to which the others are compared."""

WARM_UP_ROUNDS = 3
"""Rounds that are not measured: the runtime allocates its memory meanwhile."""


def main() -> None:
    """Print the table; ``--json`` writes the figures too."""
    parser = argparse.ArgumentParser(prog="make bench-models", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=60, help="number of times each network is run (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    options = parser.parse_args()
    networks = _networks()
    runtime, random = find_runtime(), np.random.default_rng(0)
    interpreters, sizes, parameters = {}, {}, {}
    for name, settings in track(networks.items(), description="building", console=Console(stderr=True)):
        model = build_model(settings, len(settings.labels) or 6)
        inputs = random.uniform(-1, 1, (4, settings.size, settings.size, 3)).astype(np.float32)
        flatbuffer = quantize(model, inputs)
        sizes[name], parameters[name] = len(flatbuffer), model.count_params()
        interpreter = runtime.interpreter(flatbuffer, threads=1)
        interpreter.allocate_tensors()
        entry = interpreter.get_input_details()[0]
        interpreter.set_tensor(entry["index"], np.zeros(entry["shape"], np.int8))
        interpreters[name] = interpreter
    times: dict[str, list[float]] = {name: [] for name in networks}
    for round_ in range(options.rounds + WARM_UP_ROUNDS):
        for name, interpreter in interpreters.items():
            start_s = time.perf_counter()
            interpreter.invoke()
            if round_ >= WARM_UP_ROUNDS:
                times[name].append(1000 * (time.perf_counter() - start_s))
    rows = {
        name: {
            "parameters": parameters[name],
            "bytes": sizes[name],
            "p50_ms": round(float(np.percentile(times[name], 50)), 3),
            "p95_ms": round(float(np.percentile(times[name], 95)), 3),
            "times_shipped": round(float(np.median(np.array(times[name]) / np.array(times[SHIPPED]))), 2),
        }
        for name in networks
    }
    _show(rows, runtime.name)
    if options.json:
        options.json.write_text(json.dumps({"runtime": runtime.name, "networks": rows}, indent=1) + "\n")


def _networks() -> dict[str, Settings]:
    """Every network of a recipe, once, at its own size and at 128x128."""
    found: dict[str, Settings] = {}
    for name in recipe.recipe_names():
        settings = recipe.load_recipe(name).settings().replaced(weights="none")
        for size in sorted({settings.size, 128}):
            maps = f", {1 + len(settings.head_layers)} maps" if settings.head_layers else ""
            found.setdefault(f"{settings.arch}, {size}x{size}{maps}", settings.replaced(size=size))
    return found


def _show(rows: dict[str, dict[str, float]], runtime: str) -> None:
    table = Table(title=f"int8, one thread, {runtime}, {platform.machine()}")
    for column in ("network", "parameters", "file", "p50", "p95", "x shipped"):
        table.add_column(column, justify="left" if column == "network" else "right")
    for name, row in sorted(rows.items(), key=lambda pair: pair[1]["p50_ms"]):
        table.add_row(
            name,
            f"{row['parameters'] / 1e6:.1f} M",
            f"{row['bytes'] / 1e6:.1f} MB",
            f"{row['p50_ms']:.2f} ms",
            f"{row['p95_ms']:.2f} ms",
            f"{row['times_shipped']:.1f} x",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
