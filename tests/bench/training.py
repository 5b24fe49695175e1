"""How fast training views are made, what they cost a fit, and what memory many pictures take.

Figures of time are processor time or ratios within one run, so that other work on the machine matters little.

    python -m tests.bench.training views --data DIR          # milliseconds a view, from memory and from disk
    python -m tests.bench.training fit --data DIR            # pictures/s beside plain Keras on ready tensors
    python -m tests.bench.training memory --pictures 200000  # peak memory of a run on so many small pictures
"""

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np

from train.data.cache import TrainingPicture, load_pictures
from train.data.picture_store import PictureStore
from train.data.pictures import Picture, find_pictures, label_names
from train.runs.settings import Settings
from train.views.augment import Augmenter

ROUNDS = 5
STEPS = 12
"""Training steps in a turn of the comparison with ready tensors."""
CONTENTS = 64
"""Different small pictures; of each there are as many files as it takes, since memory is needed for each file."""
PLAIN = Settings(size=128, toning=0.0)
ANYBIN = PLAIN.replaced(ground_share=0.5, bin_ground_share=0.5, camera_share=0.3)


def main() -> int:
    """Measure what is asked, print it, return 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.training", description=__doc__)
    parser.add_argument("what", choices=["views", "fit", "memory"])
    parser.add_argument("--data", type=Path, help="folder of pictures, for views and fit")
    parser.add_argument("--pictures", type=int, default=200_000, help="number for memory (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.what == "memory":
            _show(_memory(Path(folder), options.pictures))
        else:
            pictures = random.Random(1).sample(find_pictures([options.data]), 200)
            _show((_views if options.what == "views" else _fit)(pictures, Path(folder)))
    return 0


def _views(pictures: list[Picture], folder: Path) -> dict[str, float]:
    cv2.setNumThreads(1)
    labels = label_names(pictures)
    in_memory, _, _ = load_pictures(pictures, labels, PLAIN.cache_side)
    stored, _, _ = PictureStore(folder, PLAIN.cache_side).store(pictures, labels)
    sources: dict[str, tuple[Settings, Sequence[TrainingPicture]]] = {
        "from memory": (PLAIN, in_memory),
        "from disk": (PLAIN, stored),
        "from disk, grounds and cameras of bins": (ANYBIN, stored),
    }
    spent: dict[str, list[float]] = {name: [] for name in sources}
    for turn in range(ROUNDS + 1):  # the first warms the caches
        for name, (settings, own) in sources.items():
            augment, started = Augmenter(settings, own), time.process_time()
            for row, one in enumerate(own):
                augment(one, np.random.default_rng((turn, row)))
            spent[name] += [1000 * (time.process_time() - started) / len(own)] if turn else []
    return {f"ms a view, {name}": round(statistics.median(values), 3) for name, values in spent.items()}


def _fit(pictures: list[Picture], folder: Path) -> dict[str, float]:
    import keras

    from train.learning.schedule import compile_stage
    from train.network.model import build_model, set_stage
    from train.views.batches import Batches

    labels = label_names(pictures)
    stored, _, _ = PictureStore(folder, PLAIN.cache_side).store(pictures, labels)
    settings = PLAIN.replaced(weights="none", passes=3, precision="float32")
    model = build_model(settings, len(labels))
    set_stage(model, "all", settings)
    compile_stage(model, "all", settings, STEPS)
    batches = Batches(stored, [], np.ones(len(labels), np.float32), settings, 0)
    inputs, targets, weights = (
        np.concatenate(parts) for parts in zip(*(batches[at] for at in range(STEPS)), strict=True)
    )

    class FirstBatches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
        def __len__(self) -> int:
            return STEPS

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            return batches[index]

    def ready() -> None:
        model.fit(inputs, targets, sample_weight=weights, batch_size=settings.batch, shuffle=False, verbose=0)

    def views() -> None:
        model.fit(FirstBatches(), shuffle=False, verbose=0)

    ready()
    views()
    seconds: dict[Callable[[], None], list[float]] = {ready: [], views: []}
    for _ in range(ROUNDS):
        for way, taken in seconds.items():
            started = time.process_time()
            way()
            taken.append(time.process_time() - started)
    pairs = [one / other for one, other in zip(seconds[ready], seconds[views], strict=True)]
    rate = STEPS * settings.batch / statistics.median(seconds[views])
    return {
        "pictures per second of processor time": round(rate, 1),
        "share of plain Keras": round(statistics.median(pairs), 3),
    }


def _memory(folder: Path, count: int) -> dict[str, float]:
    """A run of one short epoch in this process."""
    from train.cli import main as sorter_train

    draws = np.random.default_rng(1)
    data = folder / "many"
    keys: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for number in range(count):
        label, content = ("glass", "paper")[number % 2], number % CONTENTS
        file = data / label / f"{number}.png"
        first = data / label / f"{content}.png"
        if number < CONTENTS:
            file.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(file), draws.integers(0, 255, (32, 32, 3), np.uint8))
        else:
            _another_name(first, file)
        part = "val" if number % 20 == 0 or number == 1 else "test" if number % 20 == 2 else "train"
        keys[part].append(f"{label}/{number}.png")
    split = folder / "split.json"
    split.write_text(json.dumps({"parts": keys, "groups": {}, "seed": 1}))
    tiny = ("arch=tiny", "size=32", "cache_side=64", f"set_shares=many={min(1.0, 2000 / count)}")
    arguments = ["fit", "--data", str(data), "--split", str(split), "--weights", "none", "--epochs", "1"]
    started = time.process_time()
    code = sorter_train([*arguments, *(part for one in tiny for part in ("--set", one)), "--out", str(folder / "run")])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    return {
        "exit code": code,
        "pictures": count,
        "peak GB": round(peak, 2),
        "processor s": round(time.process_time() - started),
    }


def _another_name(first: Path, file: Path) -> None:
    try:
        os.link(first, file)
    except OSError:  # a file has a limited number of names
        shutil.copyfile(first, file)


def _show(figures: dict[str, float]) -> None:
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    sys.exit(main())
