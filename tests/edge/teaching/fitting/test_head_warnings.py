"""What is said of a head before it answers: labels that nothing taught, bins that nothing reaches."""

from edge.inference.head_figures import BinFigures, HeadFigures
from edge.inference.head_manifest import BaseAnswers
from edge.teaching.fitting.head_warnings import head_warnings
from tests.builders.heads import make_head

BASE = BaseAnswers(labels=3, columns=(0, 1, 2), temperature=1.0, weight=0.5)


def figures(**bins: BinFigures) -> HeadFigures:
    return HeadFigures(
        pictures={},
        accuracy=1.0,
        accuracy_range=(0.5, 1.0),
        accuracy_before=0.5,
        confusion={},
        strangers=0.0,
        bins=bins,
        target=0.02,
    )


def bin_figures(pictures: int, reaches: float | None) -> BinFigures:
    return BinFigures(
        pictures=pictures,
        capture_before=0.8,
        capture_after=reaches,
        contamination_before=None,
        contamination_after=None,
    )


def test_labels_that_nothing_of_this_bin_taught_are_named() -> None:
    manifest = make_head().manifest
    some = manifest.model_copy(update={"taught": (1,), "rehearsed": (0, 1, 2), "base": BASE})
    (warning,) = head_warnings(some, None)
    assert (
        "not taught here: cup, peel: things of these are likely to be taken for taught ones; show some of each"
        in warning
    )
    assert head_warnings(some.model_copy(update={"taught": (0, 1, 2)}), None) == ()
    assert head_warnings(manifest, None) == ()


def test_a_bin_that_nothing_reaches_is_named() -> None:
    found = figures(glass=bin_figures(9, 0.0), paper=bin_figures(9, 0.1), metal=bin_figures(0, None))
    (warning,) = head_warnings(make_head().manifest, found)
    assert "nothing of it reaches the bin glass: none of the 9 pictures" in warning
