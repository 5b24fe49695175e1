"""Sentences about the taught set that several actions print."""

from edge.config.schema import Config
from hardware.pictures.labels import match_labels

EX_SOME_FAILED = 1
"""Exit code when some of the pictures could not be used."""


def pictures_text(count: int) -> str:
    """A number of pictures in words."""
    return f"{count} {'picture' if count == 1 else 'pictures'}"


def taught_count_text(pictures: int, corrections: int) -> str:
    """Numbers of pictures and of corrections, of which there is no picture, in words."""
    if not corrections:
        return pictures_text(pictures)
    words = f"{corrections} {'correction' if corrections == 1 else 'corrections'} without a picture"
    return f"{pictures_text(pictures)} and {words}" if pictures else words


def left_text(count: int) -> str:
    """How many pictures the set has after something was taken out."""
    return f"{pictures_text(count)} {'is' if count == 1 else 'are'} left"


def taught_text(label: str, added: int, total: int, evicted: int) -> str:
    """What became of pictures that were added."""
    gone = f"; {pictures_text(evicted)} made room for them (teach.budget_mb)" if evicted else ""
    return f"{label}: {pictures_text(added)} added, {total} in all{gone}"


def known_text(count: int) -> str:
    """How many of the pictures that were given teach nothing more."""
    return f"{count} of the pictures {'was' if count == 1 else 'were'} taught before, or given twice"


def bin_note(config: Config, label: str) -> str | None:
    """What to do about a label that has no bin; None if it has one."""
    if not match_labels([label], config.decision.labels).unknown:
        return None
    return (
        f"{label} has no bin yet, and would go to {config.decision.residual_bin}: add 'decision.labels.{label}: BIN' to the "
        "configuration"
    )
