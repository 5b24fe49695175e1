"""``sorter classify``: classifies pictures."""

import argparse
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path

from rich.progress import Progress
from rich.table import Column, Table
from rich.text import Text

from edge.commands.explanation import explain_answer
from edge.commands.options import add_config_options, chosen_config
from edge.config.file import load_config
from edge.config.schema import Config, DecisionConfig
from edge.decision.policy import Policy
from edge.decision.vote import Vote
from edge.errors import PictureError, SorterError
from edge.inference.head_file import read_head
from edge.inference.manifest import Manifest
from edge.inference.taught_classifier import TaughtClassifier, ViewClassifier, features_for
from edge.models import model_path
from edge.service.answering import decision_for_taught, no_bin_sentence
from edge.service.factories import load_classifier, make_policy
from edge.sight.background import BackgroundModel
from edge.sight.mask import find_mask
from edge.sight.picture import find_pictures, read_named_picture, read_picture
from edge.sight.pyramid import Pyramid
from edge.sight.view import make_view
from edge.sight.work_image import to_work_image
from edge.terminal.console import make_console
from edge.terminal.output import say_error, say_json
from edge.values import Frame, Item, Mask, Reason
from hardware.frame import Pixels
from hardware.pictures.labels import match_labels

log = logging.getLogger(__name__)

NO_BIN = "no_bin"
"""Reason of an answer whose label has no bin, neither in the configuration nor in the model."""

EX_SOME_FAILED = 1
"""Exit code when some of the pictures could not be read."""


@dataclass(frozen=True, slots=True)
class ClassifiedPicture:
    """Answer for one picture; its fields are those of the JSON output.

    Attributes:
        path: the picture.
        label, confidence: the most probable label, and its probability 0..1.
        probabilities: label -> probability 0..1.
        bin, reason: the bin that the policy chooses, and why; ``NO_BIN`` for a label without a bin.
        score: out-of-distribution score; None if the model gives none.
        latency_ms: time of all views, in milliseconds.
    """

    path: str
    label: str
    confidence: float
    probabilities: Mapping[str, float]
    bin: str
    reason: str
    score: float | None
    latency_ms: float


@dataclass(frozen=True, slots=True)
class UnreadablePicture:
    """A path that gives no picture.

    Attributes:
        path: as on the command line, or found below it.
        error: the reason, in one sentence.
    """

    path: str
    error: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``classify``."""
    parser.description = "Classify pictures, or folders of them."
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture, or folder (searched recursively)")
    add_config_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object per line, nothing else on standard output")
    parser.add_argument(
        "--view", choices=("object", "full"), help="find the object, or take the whole picture (default: the model's)"
    )
    parser.add_argument(
        "--model",
        type=model_path,
        metavar="FILE",
        help="model, by path or by the name of one that ships (default: the configuration's model.file)",
    )
    parser.add_argument(
        "--head",
        type=Path,
        metavar="HEAD",
        help="answer with what a bin was taught: a head made by 'sorter teach fit' (default: the model alone)",
    )
    parser.add_argument(
        "--empty-tray", type=Path, metavar="FILE", help="picture of the empty tray: the object is what differs from it"
    )
    parser.add_argument(
        "--keep-damaged", action="store_true", help="classify JPEGs that have lost pixels in their middle as well"
    )
    parser.add_argument(
        "--explain",
        type=Path,
        metavar="DIR",
        help="write what the model saw of each picture (NAME.view.png), and the same, bright where the answer rests on it "
        "(NAME.looked.png)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Classify every picture.

    Returns:
        Exit code: 0, or 1 if a picture could not be read or one of several paths was not found.

    Raises:
        SorterError: configuration or model are not valid, or the only path was not found.
        OSError: what ``--explain`` asks for cannot be written.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    logging.getLogger().setLevel(logging.WARNING)
    found, missing = _find_all(arguments.paths)
    classifier, decision, without_bin = _load(config, arguments.model, arguments.head)
    policy = make_policy(decision, classifier.answers)
    empty = arguments.empty_tray
    background = (
        BackgroundModel.from_pictures([to_work_image(read_named_picture(empty, "--empty-tray"))]) if empty else None
    )
    view_kind = arguments.view or classifier.manifest.view_kind

    def classify(path: Path) -> ClassifiedPicture | UnreadablePicture:
        answer = _classify(
            path,
            classifier,
            policy,
            background,
            view_kind,
            decision.views,
            keep_damaged=arguments.keep_damaged,
            explain=arguments.explain,
        )
        if isinstance(answer, ClassifiedPicture) and answer.label in without_bin and answer.reason != Reason.UNKNOWN:
            return replace(answer, reason=NO_BIN)
        return answer

    answers = chain(missing, map(classify, found))
    failed = False
    if arguments.json:
        for answer in answers:
            failed |= isinstance(answer, UnreadablePicture)
            say_json(asdict(answer), flush=True)
    else:
        failed |= _print_table(answers, len(missing) + len(found))
    return EX_SOME_FAILED if failed else 0


def _load(
    config: Config, model: Path | None, head: Path | None
) -> tuple[ViewClassifier, DecisionConfig, frozenset[str]]:
    """The model, with a head if one is named; the bins of its labels, and the labels without any."""
    classifier = load_classifier(config, model)
    if head is None:
        return classifier, *_decision_for(config.decision, classifier.manifest)
    taught = TaughtClassifier(classifier, read_head(head))
    taught.head.check_golden(features_for(taught.head, classifier.manifest))
    decision, without = decision_for_taught(config.decision, taught.answers, classifier.manifest)
    if without:
        log.warning("%s", no_bin_sentence(without, decision))
    return taught, decision, frozenset(without)


def _decision_for(decision: DecisionConfig, manifest: Manifest) -> tuple[DecisionConfig, frozenset[str]]:
    """The configuration's bins if it knows every label of the model, else the model's; and the labels without any.

    These count as residual, and are named in a warning.
    """
    match = match_labels(manifest.labels, decision.labels)
    if not match.unknown:
        return decision, frozenset()
    own = {label: decision.labels[name] for label, name in match.names.items()} | dict(manifest.bins)
    without = [label for label in manifest.labels if label not in own]
    if without:
        log.warning(
            "the model's labels %s have no bin, neither in decision.labels nor in the model; add them to decision.labels",
            ", ".join(without),
        )
    bins = {label: own.get(label, decision.residual_bin) for label in manifest.labels}
    return decision.model_copy(update={"labels": bins, "hazards": ()}), frozenset(without)


def _find_all(paths: list[Path]) -> tuple[list[Path], list[UnreadablePicture]]:
    """The pictures below the paths, and the paths without any. If the only path has none, its error is raised."""
    found: list[Path] = []
    missing: list[UnreadablePicture] = []
    for path in paths:
        try:
            found.extend(find_pictures(path))
        except SorterError as error:
            if len(paths) == 1:
                raise
            missing.append(UnreadablePicture(str(path), str(error)))
    return found, missing


def _classify(
    path: Path,
    classifier: ViewClassifier,
    policy: Policy,
    background: BackgroundModel | None,
    view_kind: str,
    views: int,
    *,
    keep_damaged: bool,
    explain: Path | None,
) -> ClassifiedPicture | UnreadablePicture:
    try:
        pixels = read_picture(path, keep_damaged=keep_damaged)
        start_s = time.perf_counter()
        mask = _find_mask(pixels, background, path) if view_kind == "object" else None
        height, width = pixels.shape[:2]
        whole = Mask(pixels[..., 0], (0.0, 0.0, 1.0, 1.0), 1.0) if mask is None else mask
        item = Item(Frame(pixels, 0.0, 0), whole, (0, 0, width, height), 1, 0.0)
        # As the bin does with an item at rest: decision.views views of it, here all of the same picture.
        vote, verdict, picture = Vote(views=views), None, Pyramid(pixels)
        for number in range(views):
            verdict = vote.add_view(
                item, classifier.predict(make_view(picture, mask, classifier.manifest.view, number))
            )
        assert verdict is not None
        latency_s = time.perf_counter() - start_s
    except PictureError as error:
        return UnreadablePicture(str(path), str(error))
    if explain is not None:
        explain_answer(classifier, make_view(picture, mask, classifier.manifest.view, 0), explain, path.stem)
    decision, prediction = policy.decide(verdict), verdict.prediction
    return ClassifiedPicture(
        path=str(path),
        label=prediction.label,
        confidence=round(prediction.confidence, 4),
        probabilities={
            label: round(float(p), 4) for label, p in zip(prediction.labels, prediction.probabilities, strict=True)
        },
        bin=decision.bin,
        reason=decision.reason.value,
        score=None if prediction.ood_score is None else round(prediction.ood_score, 4),
        latency_ms=round(latency_s * 1000, 3),
    )


def _find_mask(pixels: Pixels, background: BackgroundModel | None, path: Path) -> Mask | None:
    try:
        return find_mask(pixels, background)
    except ValueError as error:
        raise PictureError(f"{path}: {error}") from error


def _print_table(answers: Iterable[ClassifiedPicture | UnreadablePicture], total: int) -> bool:
    """Print the answers; whether one of the pictures could not be read."""
    table = Table(Column("path", overflow="fold"), "label", "confidence", "bin", "ms")
    failed = False
    console = make_console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        for answer in progress.track(answers, total=total, description="classifying"):
            if isinstance(answer, UnreadablePicture):
                failed = True
                table.add_row(answer.path, Text("error", style="red"), "", "", "", style="dim")
                say_error("sorter: error", answer.error)
            else:
                table.add_row(
                    answer.path,
                    answer.label,
                    f"{answer.confidence:.2f}",
                    answer.bin if answer.reason != NO_BIN else "none",
                    f"{answer.latency_ms:.1f}",
                )
    make_console().print(table)
    return failed
