"""What the features cost: the model with them beside the same model without, in turns in one process.

``python -m tests.bench.features [--pictures DIR]``. ``--without FOLDER`` keeps the models without features there, so that a
second run, in an environment with another runtime, needs nothing that makes them.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.inference.bundle import Bundle, read_bundle
from edge.inference.classifier import Classifier
from edge.inference.manifest import Manifest
from edge.inference.runtime import find_runtime
from edge.models import SHIPPED, model_path
from edge.sight.mask import find_mask
from edge.sight.picture import find_pictures, read_picture
from edge.sight.pyramid import Pyramid
from edge.sight.view import make_view

WARM_UP_ROUNDS = 20
"""Rounds that are not counted: caches and the clock of the processor settle."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.features", description=__doc__)
    parser.add_argument("--rounds", type=int, default=500, help="times each model is run (default: %(default)s)")
    parser.add_argument("--runtime", default="auto", help="distribution name of the runtime (default: %(default)s)")
    parser.add_argument(
        "--pictures", type=Path, nargs="*", default=[], metavar="DIR", help="compare the logits on these"
    )
    parser.add_argument("--without", type=Path, metavar="FOLDER", help="folder of the models without features")
    options = parser.parse_args()
    runtime = find_runtime(options.runtime)
    print(f"{runtime.name} {runtime.version}, one thread")
    for name in SHIPPED:
        bundle = read_bundle(model_path(name))
        plain = without_features(bundle, options.without)
        pair = Classifier(plain, runtime), Classifier(bundle, runtime)
        print(f"{name}: {cost(pair, options.rounds)}")
        files = [path for folder in options.pictures for path in find_pictures(folder)]
        if files:
            print(f"{name}: logits bit for bit the same on {same_logits(pair, files)} of {len(files)} pictures")


def without_features(bundle: Bundle, folder: Path | None) -> Bundle:
    """The same model with the logits alone, from ``folder`` where it is there."""
    kept = None if folder is None else folder / f"{bundle.path.stem}.logits.tflite"
    if kept is not None and kept.is_file():
        flatbuffer = kept.read_bytes()
    else:
        from tests.builders.models import logits_only

        flatbuffer = logits_only(bundle.flatbuffer)
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(flatbuffer)
    manifest: Manifest = bundle.manifest.model_copy(
        update={
            "features": None,
            "rehearsal": None,
            "output": bundle.manifest.output.model_copy(update={"name": None}),
        }
    )
    return Bundle(bundle.path, flatbuffer, manifest)


def cost(pair: tuple[Classifier, Classifier], rounds: int) -> str:
    """Times of both in a sentence; which goes first alternates."""
    size = pair[0].manifest.view.size
    random = np.random.default_rng(0)
    times: NDArray[np.float64] = np.zeros((2, 2, rounds))
    for round_ in range(-WARM_UP_ROUNDS, rounds):
        view = random.integers(0, 256, (size, size, 3)).astype(np.uint8)
        for which in (0, 1) if round_ % 2 else (1, 0):
            start_s = time.perf_counter()
            pair[which].predict(view)
            middle_s = time.perf_counter()
            pair[which].invoke()
            if round_ >= 0:
                times[:, which, round_] = time.perf_counter() - middle_s, middle_s - start_s
    sentences = []
    for what, (plain, own) in zip(("invoke", "predict"), 1e3 * times, strict=True):
        sentences.append(
            f"{what} {np.median(plain):.3f} ms without, {np.median(own):.3f} with, x {np.median(own / plain):.3f} (paired)"
        )
    return "; ".join(sentences)


def same_logits(pair: tuple[Classifier, Classifier], files: list[Path]) -> int:
    """Number of pictures to whose views both give the same logits."""
    same = 0
    for number, path in enumerate(files):
        pixels = read_picture(path)
        view = make_view(Pyramid(pixels), find_mask(pixels), pair[0].manifest.view, number % 4)
        same += bool((pair[0].logits(view) == pair[1].logits(view)).all())
    return same


if __name__ == "__main__":
    main()
