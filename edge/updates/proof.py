"""Proves an update on this bin before it is put in place: it fits, is not worse than what runs, and not slower."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.config.schema import Config
from edge.errors import ConfigError, SorterError
from edge.inference.bundle import read_bundle
from edge.inference.classifier import Classifier
from edge.inference.head import TaughtHead
from edge.inference.head_file import write_head
from edge.service.answering import Answering, answer_alone, answer_taught
from edge.service.factories import load_classifier
from edge.service.head_watch import read_taught
from edge.service.taught import teaching_bins
from edge.teaching.fitting.fit import fit_head
from edge.teaching.heads.head_check import LEAST_COMPARED, check_head
from edge.teaching.heads.head_folder import HeadFolder, HeadInUse, load_head
from edge.updates.golden import GoldenPicture, GoldenScore, read_golden, score_golden
from edge.updates.owned import OwnedLooks, look_at_owned
from edge.updates.refusal import UpdateRefusedError
from hardware.pictures.labels import match_labels

SLACK = 0.01
"""How much worse a model may be, as a share of the golden or the taught pictures; one picture in any case: chance."""

SLOWER = 1.5
"""How many times as long a view may take as with the model that runs."""

SLOWER_MS = 5.0
"""And as many milliseconds more: a quick model's times are noise."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What an update was proved by.

    Attributes:
        head: file of the head that goes with the new model, fitted anew or sent; None: the model alone answers.
        line: what was compared, as a sentence.
    """

    head: bytes | None
    line: str


class ModelProof:
    """Compares a model with the one that runs.

    Args:
        config: with what runs.
        folder: for files in between; it is the updates' own.
    """

    def __init__(self, config: Config, folder: Path) -> None:
        self._config = config
        self._folder = folder

    def prove(self, model: Path, golden: Path | None) -> Proof:
        """Prove a model that was fetched.

        Args:
            model: its file, verified.
            golden: its golden pictures, verified; None: there are none.

        Raises:
            UpdateRefusedError: why it is not used.
        """
        if golden is None:
            raise UpdateRefusedError("it has no golden pictures, so that nothing says that it works here")
        if self._config.configured.model.delegate is not None:
            raise UpdateRefusedError(
                "model.delegate is set: a model has to be compiled for it, and is not sent; change model.file by hand"
            )
        try:
            return self._prove(model, golden)
        except SorterError as error:
            if isinstance(error, UpdateRefusedError):
                raise
            raise UpdateRefusedError(f"it does not fit this bin: {error}") from error

    def _prove(self, model: Path, golden: Path) -> Proof:
        old_base, new_base = load_classifier(self._config), load_classifier(self._config, model)
        answer_alone(self._config, new_base)  # each of its labels has a bin
        self._refuse_lost_labels(old_base, new_base)
        used = HeadFolder(self._config.head_file).current()
        if old_base.manifest == new_base.manifest:
            return Proof(None if used is None else used.path.read_bytes(), "the same model under another version")
        old = answer_alone(self._config, old_base) if used is None else answer_taught(self._config, old_base, used)
        head, words = self._taught(model, old_base, new_base, used)
        new = answer_alone(self._config, new_base) if head is None else answer_taught(self._config, new_base, head)
        pictures = read_golden(golden)
        before, after = (self._score(pictures, answering) for answering in (old, new))
        _refuse_worse(before, after)
        line = f"golden pictures: {before.right} of {before.pictures} right before, {after.right} after{words}"
        return Proof(None if head is None else head.path.read_bytes(), line)

    def _refuse_lost_labels(self, old: Classifier, new: Classifier) -> None:
        """A bin that nothing goes to any more is a label that was lost, or renamed."""
        decision = self._config.configured.decision
        names = [match_labels(one.manifest.labels, decision.labels).names for one in (old, new)]
        had, has = ({decision.labels[name] for name in known.values()} for known in names)
        lost = sorted(had - has - {decision.residual_bin})
        if lost:
            raise UpdateRefusedError(f"it has no label for the bin {lost[0]}, which the model that runs has")

    def _score(self, pictures: Sequence[GoldenPicture], answering: Answering) -> GoldenScore:
        bins = {**self._config.configured.decision.labels}
        if answering.head is not None:
            bins |= dict(teaching_bins(self._config, answering.classifier.manifest, answering.head.head.labels))
            bins = {name: self._config.decision.residual_bin if to == "residual" else to for name, to in bins.items()}
        return score_golden(pictures, answering.classifier, bins)

    def _taught(
        self, model: Path, old_base: Classifier, new_base: Classifier, used: HeadInUse | None
    ) -> tuple[HeadInUse | None, str]:
        """What the owner taught, with the new model: the head fitted anew, and words about the pictures.

        Raises:
            UpdateRefusedError: the owner's pictures are named worse, or the head cannot be fitted anew.
        """
        owned = look_at_owned(self._config, (old_base, new_base))
        if used is None:
            return None, "" if owned is None else _compare_alone(*owned)
        if owned is None:
            raise UpdateRefusedError(
                "this bin's taught head belongs to the model that runs, and there are too few pictures to fit it anew"
            )
        only_taught = not set(old_base.manifest.labels) <= set(used.head.labels)
        before, after = (
            fit_head(
                looks.examples,
                read_bundle(file),
                only_taught=only_taught,
                bins=teaching_bins(self._config, base.manifest, looks.examples.labels),
            )
            for looks, file, base in zip(owned, (self._config.model.file, model), (old_base, new_base), strict=True)
        )
        count = len(owned[0].examples.features)
        shares = _own_accuracy(before), _own_accuracy(after)
        if shares[1] < shares[0] - max(SLACK, 1 / count):
            raise UpdateRefusedError(
                f"the head fitted anew names {shares[1]:.1%} of the owner's {count} pictures rightly, each without itself; "
                f"with the model that runs {shares[0]:.1%}"
            )
        path = self._folder / "fitted.head"
        write_head(path, after)
        return load_head(path), (
            f"; the owner's {count} pictures: {shares[0]:.0%} before, {shares[1]:.0%} with the head fitted anew"
        )

    def prove_head(self, head: Path) -> Proof:
        """Prove a head that was fetched, for the model that runs.

        Raises:
            UpdateRefusedError: why it is not used.
        """
        try:
            base = load_classifier(self._config)
            new = load_head(head)
            answer_taught(self._config, base, new)
            used = HeadFolder(self._config.head_file).current()
            found = check_head(
                new.head,
                base.manifest,
                before=None if used is None else used.head,
                taught=read_taught(self._config, base.manifest.sha256),
            )
        except ConfigError as error:
            raise UpdateRefusedError(f"it does not fit this bin: {error}") from error
        except SorterError as error:
            raise UpdateRefusedError(str(error)) from error
        return Proof(
            head.read_bytes(),
            f"the owner's pictures: {found.before:.0%} before, {found.after:.0%} after, of {found.pictures}",
        )


def _compare_alone(before: OwnedLooks, after: OwnedLooks) -> str:
    """Compare two models alone on the owner's pictures: corrections, above all. Raises UpdateRefusedError."""
    number = len(before.right)
    if number < LEAST_COMPARED:
        return ""
    if sum(after.right) < sum(before.right) - max(1, SLACK * number):
        raise UpdateRefusedError(
            f"it puts {sum(after.right)} of the owner's {number} taught pictures into the right bin, the model that runs "
            f"{sum(before.right)}"
        )
    return f"; the owner's {number} pictures: {sum(before.right)} right before, {sum(after.right)} after"


def _own_accuracy(head: TaughtHead) -> float:
    figures = head.manifest.figures
    return 0.0 if figures is None else figures.accuracy


def _refuse_worse(before: GoldenScore, after: GoldenScore) -> None:
    """Raises UpdateRefusedError if a model is worse, or slower."""
    if after.share < before.share - max(SLACK, 1 / max(1, before.pictures)):
        raise UpdateRefusedError(
            f"it puts {after.right} of {after.pictures} golden pictures into the right bin, "
            f"what runs {before.right} of {before.pictures}"
        )
    if after.view_ms > SLOWER * before.view_ms + SLOWER_MS:
        raise UpdateRefusedError(f"a view takes it {after.view_ms:.1f} ms, the model that runs {before.view_ms:.1f}")
