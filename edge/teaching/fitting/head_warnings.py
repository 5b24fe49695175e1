"""What an owner should know of a head before it answers in a bin."""

from edge.inference.head_figures import HeadFigures
from edge.inference.head_manifest import HeadManifest


def head_warnings(manifest: HeadManifest, figures: HeadFigures | None) -> tuple[str, ...]:
    """What its owner should know of a head, a sentence each.

    Args:
        manifest: of the head.
        figures: what the fit measured; None: it was not measured.
    """
    found = []
    if manifest.untaught:
        found.append(
            f"not taught here: {', '.join(manifest.untaught)}: things of these are likely to be taken for taught ones; show some "
            "of each, or fit with --only-taught if they never come"
        )
    for name, one in ({} if figures is None else figures.bins).items():
        if one.pictures and one.capture_after == 0:
            found.append(
                f"nothing of it reaches the bin {name}: none of the {one.pictures} pictures of its things, each judged without "
                "itself; show more different things, or ask less (--target)"
            )
    return tuple(found)
