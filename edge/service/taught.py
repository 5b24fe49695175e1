"""From the configuration to the taught set."""

from edge.config.schema import Config
from edge.inference.manifest import Manifest
from edge.teaching.redundancy import raw_as_real
from edge.teaching.taught_set import TaughtSet


def open_taught_set(config: Config, manifest: Manifest | None = None, *, read_only: bool = False) -> TaughtSet:
    """Open what the owner taught.

    Args:
        config: where it is, and how large it may be.
        manifest: of the model whose features it holds; None compares pictures less exactly.
        read_only: open a set that is there for reading.

    Raises:
        TaughtSetError: it cannot be opened.
    """
    return TaughtSet(
        config.teaching_folder,
        budget_bytes=int(config.teach.budget_mb * 1e6),
        reserve_bytes=int(config.event_log.reserve_mb * 1e6),
        to_real=raw_as_real if manifest is None or manifest.features is None else manifest.features.real,
        read_only=read_only,
    )
