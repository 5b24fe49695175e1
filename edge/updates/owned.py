"""The owner's taught pictures, as two models see them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from edge.config.schema import Config
from edge.errors import PictureError
from edge.inference.classifier import Classifier
from edge.service.taught import open_taught_set
from edge.teaching.heads.head_check import LEAST_COMPARED, MOST_COMPARED
from edge.teaching.pictures.examples import Examples
from edge.teaching.pictures.looks import Looks, LookTaker
from edge.teaching.taught_set.taught_database import is_nothing_taught
from edge.teaching.taught_set.taught_examples import make_examples
from edge.teaching.taught_set.taught_picture import TaughtEntry
from hardware.pictures.labels import match_labels


@dataclass(frozen=True, slots=True)
class OwnedLooks:
    """The same pictures seen by one model.

    Attributes:
        examples: what a head is fitted to.
        right: of each picture whose label has a bin, whether the model alone puts it there.
    """

    examples: Examples
    right: tuple[bool, ...]


def look_at_owned(config: Config, models: Sequence[Classifier]) -> tuple[OwnedLooks, ...] | None:
    """Look at the owner's pictures with several models; None: there are too few to compare models by.

    Args:
        config: where they are, and the bins of their labels.
        models: the models.

    Raises:
        ModelError: a model gives no features.
        TaughtSetError: the pictures cannot be read.
    """
    if is_nothing_taught(config.teaching_folder):
        return None
    takers = [LookTaker(model, views=config.decision.views) for model in models]
    seen: list[dict[int, Looks]] = [{} for _ in models]
    with open_taught_set(config, read_only=True) as taught:
        entries = taught.entries()
        entries = entries[:: -(-len(entries) // MOST_COMPARED) or 1]
        for entry in entries:
            stored = taught.picture(entry.number)
            if stored is None:
                continue
            with suppress(PictureError):
                pixels, mask = stored.decode()
                for looks, taker in zip(seen, takers, strict=True):
                    looks[entry.number] = taker.take(pixels, mask)
    entries = [entry for entry in entries if all(entry.number in looks for looks in seen)]
    if len(entries) < LEAST_COMPARED:
        return None
    return tuple(
        OwnedLooks(
            make_examples(entries, {number: one.features for number, one in looks.items()}),
            _right(config, model, entries, looks),
        )
        for model, looks in zip(models, seen, strict=True)
    )


def _right(
    config: Config, model: Classifier, entries: Sequence[TaughtEntry], looks: Mapping[int, Looks]
) -> tuple[bool, ...]:
    bins, labels = config.configured.decision.labels, model.manifest.labels
    names = match_labels([*labels, *(entry.label for entry in entries)], bins).names
    said = {number: labels[int(one.probabilities.argmax())] for number, one in looks.items()}
    return tuple(
        said[entry.number] in names and bins[names[said[entry.number]]] == bins[names[entry.label]]
        for entry in entries
        if entry.label in names
    )
