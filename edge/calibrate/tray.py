"""Calibration step: frame the tray."""

from edge.calibrate.annotate import Mark, annotated, with_scales
from edge.calibrate.dialogue import enter_or
from edge.calibrate.frames import mean_of, rounded
from edge.calibrate.proposal import Proposal
from edge.calibrate.region import propose_region
from edge.calibrate.step_context import StepContext
from hardware.frame import Pixels

Region = tuple[float, float, float, float]

FRAMES = 8
"""Number of pictures averaged: noise falls to about a third."""

MIN_SIDE = 0.05
"""Minimum width and height of the region, as shares of the picture: the limit of ``tray.region``."""


def frame_tray(context: StepContext) -> Proposal | None:
    """Draw the region into a picture until the user accepts it.

    Returns:
        The change, empty if the region stays; None if the step is skipped.
    """
    dialogue = context.dialogue
    if enter_or(dialogue, "Clear the tray, and press Enter (s skips)", "s") == "s":
        return None
    picture = _picture(context)
    region = propose_region(picture)
    if region is None:
        dialogue.show("The tray's edges were not found in the picture; the configured region is drawn.")
        region = context.config.tray.region
    while True:
        left, top, right, bottom = region
        text = f"The tray's frame in green (left {left:g}, top {top:g}, right {right:g}, bottom {bottom:g})"
        context.show_picture("tray.jpg", annotated(with_scales(picture), [Mark(region, "tray")]), text)
        dialogue.show(
            "Press Enter if the green frame lies on the tray's edge. To move it, type where its four sides are on the scales "
            "of the picture: left top right bottom, e.g. 0.1 0.05 0.9 0.95"
        )
        answer = dialogue.ask("n takes a new picture, s skips", "accept")
        if answer in ("accept", "y"):
            break
        if answer == "s":
            return None
        if answer == "n":
            picture = _picture(context)
            region = propose_region(picture) or region
            continue
        typed = _typed(answer)
        if typed is None:
            dialogue.show(
                "Expected four numbers from 0 to 1, such as 0.1 0.05 0.9 0.95: the left side before the right one, the top "
                f"before the bottom, at least {MIN_SIDE:g} apart."
            )
        region = typed or region
    changed = region != context.config.tray.region
    return Proposal({("tray", "region"): list(region)} if changed else {})


def _picture(context: StepContext) -> Pixels:
    return rounded(mean_of(context.take(FRAMES)))


def _typed(answer: str) -> Region | None:
    try:
        left, top, right, bottom = (float(word) for word in answer.replace(",", " ").split())
    except ValueError:
        return None
    pairs = ((left, right), (top, bottom))
    if all(0 <= low <= high - MIN_SIDE and high <= 1 for low, high in pairs):
        return left, top, right, bottom
    return None
