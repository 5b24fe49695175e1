"""``classify``: pictures in, labels out."""

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Column, Table

from edge.commands.options import add_config_options
from edge.config.file import load_config
from edge.decision.policy import Policy
from edge.decision.vote import Vote
from edge.errors import PictureError, SorterError
from edge.inference.classifier import Classifier
from edge.service.factories import load_classifier, make_policy
from edge.sight.background import BackgroundModel, shrink
from edge.sight.mask import Mask, find_mask
from edge.sight.picture import find_pictures, read_named_picture, read_picture
from edge.sight.pyramid import Pyramid
from edge.sight.view import make_view
from edge.values import Frame, Item
from hardware.frame import Pixels

log = logging.getLogger(__name__)

EX_SOME_FAILED = 1


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``classify`` to the command line."""
    parser = commands.add_parser(
        "classify", help="classify pictures", description="Classify pictures, or folders of them."
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture, or folder (searched recursively)")
    add_config_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line, nothing else on standard output")
    parser.add_argument(
        "--view", choices=("object", "full"), help="find the object, or take the whole picture (default: the model's)"
    )
    parser.add_argument("--model", type=Path, metavar="FILE", help="model (default: the configuration's model.file)")
    parser.add_argument(
        "--empty-tray", type=Path, metavar="FILE", help="picture of the empty tray: the object is what differs from it"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Classify every picture; exit code 1 when one could not be read, or a path could not be found."""
    config = load_config(arguments.config, arguments.overrides)
    logging.getLogger().setLevel(logging.WARNING)
    found, missing = _find_all(arguments.paths)
    classifier = load_classifier(config, arguments.model)
    labels = classifier.manifest.labels
    if not set(labels) <= set(config.decision.labels):
        # A model of one's own, with labels that the configuration has not met: its manifest suggests bins.
        bins = {label: classifier.manifest.bins.get(label, config.decision.residual_bin) for label in labels}
        config = config.model_copy(
            update={"decision": config.decision.model_copy(update={"labels": bins, "hazards": ()})}
        )
    policy = make_policy(config.decision, classifier.manifest)
    empty = arguments.empty_tray
    ground = BackgroundModel.from_pictures([shrink(read_named_picture(empty, "--empty-tray"))]) if empty else None
    view_kind = arguments.view or classifier.manifest.view_kind
    views = config.decision.views
    rows = chain(missing, (_row(path, classifier, policy, ground, view_kind, views) for path in found))
    failed = False
    if arguments.json:
        for row in rows:
            failed |= "error" in row
            print(json.dumps(row), flush=True)
    else:
        failed |= _print_table(rows, len(missing) + len(found))
    return EX_SOME_FAILED if failed else 0


def _find_all(paths: list[Path]) -> tuple[list[Path], list[dict[str, Any]]]:
    """The picture files, and an error row for each path that leads to none. A single path that does is an error."""
    found: list[Path] = []
    missing: list[dict[str, Any]] = []
    for path in paths:
        try:
            found.extend(find_pictures(path))
        except SorterError as error:
            if len(paths) == 1:
                raise
            missing.append({"path": str(path), "error": str(error)})
    return found, missing


def _row(
    path: Path, classifier: Classifier, policy: Policy, ground: BackgroundModel | None, view_kind: str, views: int
) -> dict[str, Any]:
    try:
        pixels = read_picture(path)
        start_s = time.perf_counter()
        mask = _find(pixels, ground, path) if view_kind == "object" else None
        height, width = pixels.shape[:2]
        whole = Mask(pixels[..., 0], (0.0, 0.0, 1.0, 1.0), 1.0) if mask is None else mask
        item = Item(Frame(pixels, 0.0, 0), whole, (0, 0, width, height), 1, 0.0)
        # As the bin does with a still item: the same picture, looked at as often as decision.views says.
        vote, verdict, picture = Vote(views=views), None, Pyramid(pixels)
        for number in range(views):
            verdict = vote.add_view(
                item, classifier.predict(make_view(picture, mask, classifier.manifest.view, number))
            )
        assert verdict is not None
        latency_s = time.perf_counter() - start_s
    except PictureError as error:
        return {"path": str(path), "error": str(error)}
    decision, prediction = policy.decide(verdict), verdict.prediction
    return {
        "path": str(path),
        "label": prediction.label,
        "confidence": round(prediction.confidence, 4),
        "probabilities": {
            label: round(float(p), 4) for label, p in zip(prediction.labels, prediction.probabilities, strict=True)
        },
        "bin": decision.bin,
        "reason": decision.reason.value,
        "score": None if prediction.ood_score is None else round(prediction.ood_score, 4),
        "latency_ms": round(latency_s * 1000, 3),
    }


def _find(pixels: Pixels, ground: BackgroundModel | None, path: Path) -> Mask | None:
    try:
        return find_mask(pixels, ground)
    except ValueError as error:
        raise PictureError(f"{path}: {error}") from error


def _print_table(rows: Iterator[dict[str, Any]], total: int) -> bool:
    table = Table(Column("path", overflow="fold"), "label", "confidence", "bin", "ms")
    failed = False
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        for row in progress.track(rows, total=total, description="classifying"):
            if "error" in row:
                failed = True
                table.add_row(escape(row["path"]), "[red]error[/red]", "", "", "", style="dim")
                print(f"sorter: error: {row['error']}", file=sys.stderr)
            else:
                table.add_row(
                    escape(row["path"]),
                    row["label"],
                    f"{row['confidence']:.2f}",
                    row["bin"],
                    f"{row['latency_ms']:.1f}",
                )
    Console().print(table)
    return failed
