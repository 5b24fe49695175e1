"""The step that frames the tray."""

from edge.calibrate.annotate import Mark, annotated, write_picture
from edge.calibrate.dialogue import enter_or
from edge.calibrate.frames import mean_of, rounded
from edge.calibrate.proposal import Proposal
from edge.calibrate.region import propose_region
from edge.calibrate.step_context import StepContext
from hardware.frame import Pixels

Region = tuple[float, float, float, float]

FRAMES = 8
"""So many pictures are averaged, against noise."""

LEAST_SIDE = 0.05
"""Least width and height of the region, as shares: the configuration takes no less."""


def frame_tray(bench: StepContext) -> Proposal | None:
    """Draw the region into a picture until the person accepts it; None when it is given up."""
    dialogue = bench.dialogue
    if enter_or(dialogue, "Clear the tray, and press Enter (s skips)", "s") == "s":
        return None
    picture = _picture(bench)
    region = propose_region(picture)
    if region is None:
        dialogue.show("The tray's edges cannot be told from the picture; the configured region is drawn.")
        region = bench.config.tray.region
    path = bench.folder / "tray.jpg"
    while True:
        write_picture(path, annotated(picture, [Mark(region, "tray")]))
        dialogue.show(f"The tray, framed in green ({_shares(region)}): {path}")
        dialogue.show("Enter accepts; four shares from the left and the top, 0..1, set it: left top right bottom;")
        answer = dialogue.ask("n takes a new picture, s skips", "accept")
        if answer in ("accept", "y"):
            break
        if answer == "s":
            return None
        if answer == "n":
            picture = _picture(bench)
            region = propose_region(picture) or region
            continue
        typed = _typed(answer)
        if typed is None:
            dialogue.show(f"Expected four numbers such as 0.1 0.05 0.9 0.95, at least {LEAST_SIDE:g} apart.")
        region = typed or region
    changed = region != bench.config.tray.region
    return Proposal({("tray", "region"): list(region)} if changed else {})


def _picture(bench: StepContext) -> Pixels:
    return rounded(mean_of(bench.take(FRAMES)))


def _shares(region: Region) -> str:
    return " ".join(f"{share:g}" for share in region)


def _typed(answer: str) -> Region | None:
    try:
        left, top, right, bottom = (float(word) for word in answer.replace(",", " ").split())
    except ValueError:
        return None
    pairs = ((left, right), (top, bottom))
    if all(0 <= low <= high - LEAST_SIDE and high <= 1 for low, high in pairs):
        return left, top, right, bottom
    return None
