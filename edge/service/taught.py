"""From the configuration to the taught set."""

from collections.abc import Sequence

from edge.config.schema import Config
from edge.inference.classifier import Classifier
from edge.inference.manifest import Manifest
from edge.teaching.pictures.looks import LookTaker
from edge.teaching.taught_set.taught_examples import looks_made_anew
from edge.teaching.taught_set.taught_set import TaughtSet
from hardware.pictures.labels import match_labels

REFRESHED = 16
"""Number of pictures whose features are written at once: what a kill costs, some seconds on a Raspberry Pi."""


def open_taught_set(config: Config, manifest: Manifest | None = None, *, read_only: bool = False) -> TaughtSet:
    """Open what the owner taught.

    Args:
        config: where it is, and how large it may be.
        manifest: of the model that is taught; None: which pictures are alike is not known.
        read_only: open a set that is there for reading.

    Raises:
        TaughtSetError: it cannot be opened.
    """
    return TaughtSet(
        config.teaching_folder,
        budget_bytes=int(config.teach.budget_mb * 1e6),
        reserve_bytes=int(config.event_log.reserve_mb * 1e6),
        base=manifest,
        read_only=read_only,
    )


def refresh_looks(taught: TaughtSet, classifier: Classifier, *, views: int) -> int:
    """Make the features anew that the set has of another model only, e.g. after an upgrade: from the pictures, 16 at a time.

    Args:
        taught: the set, open for writing.
        classifier: the model that is taught now.
        views: number of views of each picture.

    Returns:
        Number of pictures that remain without features of it: of events, of which there is no picture.

    Raises:
        ModelError: the model gives no features.
        TaughtSetError: they cannot be written.
    """
    model, taker = classifier.manifest.sha256, LookTaker(classifier, views=views)
    # Damage can leave features of another length.
    known = {number for number, looks in taught.looks(model).items() if looks.shape[1] == taker.spec.size}
    missing = [entry.number for entry in taught.entries() if entry.number not in known]
    made = 0
    for start in range(0, len(missing), REFRESHED):
        some = ((number, taught.picture(number)) for number in missing[start : start + REFRESHED])
        looks = dict(looks_made_anew(some, taker))
        taught.keep_looks(model, looks)
        made += len(looks)
    return len(missing) - made


def teaching_bins(config: Config, base: Manifest, taught: Sequence[str]) -> dict[str, str]:
    """The bin of each label, as a fit measures them: the configuration's, else the model's; a label without any goes to the
    residual bin, which is ``RESIDUAL`` there.

    Args:
        config: its section ``decision``.
        base: manifest of the model.
        taught: the taught labels.
    """
    from edge.teaching.fitting.own_check import RESIDUAL  # a sorter that runs fits nothing

    labels = [*base.labels, *taught]
    names = match_labels(labels, config.decision.labels).names
    own = {label: config.decision.labels[name] for label, name in names.items()}
    residual = config.decision.residual_bin
    found = {label: own.get(label, base.bins.get(label, residual)) for label in labels}
    return {label: RESIDUAL if name == residual else name for label, name in found.items()}
