"""How one frame of the moving picture looks: the camera's picture, what the bin makes of it, and the bins with their flaps."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from docs.demo_canvas import AMBER, CARD, DIM, EDGE, GREEN, INK, RED, Box, Canvas, Colour, mixed, picture
from docs.demo_run import OWN, RESIDUAL, WRONG
from edge.sight.presence import PresenceState
from edge.values import SortEvent
from hardware.frame import Pixels

WIDTH_PX, HEIGHT_PX = 800, 520
CAMERA = Box(16, 16, 404, 303)
PANEL = Box(436, 16, 348, 303)
BINS_TOP, BIN_HEIGHT, BIN_GAP, BIN_RIM = 335, 138, 12, 12
THUMBNAIL_PX = 44
PER_ROW = 4
"""Items side by side in a bin."""

OPEN_DEG = 80
"""How far a leaf is drawn down when its flap is open, in degrees."""

FALL_FRAMES = 4
"""Frames that an item takes from the flap to its place in the bin."""

LEAST_SHOWN = 0.005
"""Smaller probabilities would be 0 % in whole per cent, and are left out."""

STATES = {
    PresenceState.EMPTY: "an empty tray",
    PresenceState.MOVING: "something moves",
    PresenceState.AT_REST: "an item at rest",
}
"""Words for what the bin sees before it has decided."""

VERDICTS: dict[str, Colour] = {OWN: GREEN, RESIDUAL: AMBER, WRONG: RED}
"""What may become of an item, against the simulation's truth."""

BIN_COLOURS: dict[str, Colour] = {
    "paper": (74, 144, 226),
    "glass": (47, 179, 137),
    "packaging": (238, 196, 66),
    "residual": (150, 158, 170),
}


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """A decision, and what the picture shows of it.

    Attributes:
        event: the decision.
        truth: the label that the item really has.
        box_xyxy: where the item lay, in pixels of the camera's picture.
        view: what the classifier saw.
        verdict: one of ``VERDICTS``.
    """

    event: SortEvent
    truth: str
    box_xyxy: tuple[int, int, int, int]
    view: Pixels
    verdict: str

    @property
    def colour(self) -> Colour:
        """The verdict's."""
        return VERDICTS[self.verdict]


@dataclass(slots=True)
class LandedItem:
    """An item in its bin: its picture, the colour of its verdict, and the frames since it fell."""

    item: Image.Image
    colour: Colour
    age_frames: int = 0


@dataclass(frozen=True, slots=True)
class DemoScene:
    """All that a frame shows.

    Attributes:
        camera: the camera's picture.
        decision: of the newest item; None: it is not decided yet.
        is_on_tray: whether that item lies on the tray.
        state: what the bin sees before it has decided.
        labels: the model's labels.
        openings: bin -> how far its flap is open, 0..1.
        landed: bin -> what fell into it, in order.
        score: verdict -> number of items.
    """

    camera: Pixels
    decision: ShownDecision | None
    is_on_tray: bool
    state: PresenceState
    labels: Sequence[str]
    openings: Mapping[str, float]
    landed: Mapping[str, Sequence[LandedItem]]
    score: Mapping[str, int]


def draw(scene: DemoScene) -> Image.Image:
    """The frame."""
    canvas = Canvas(WIDTH_PX, HEIGHT_PX)
    _draw_camera(canvas, scene)
    canvas.card(PANEL)
    if scene.decision is None:
        _draw_waiting(canvas, scene)
    else:
        _draw_decision(canvas, scene.decision)
    width = (WIDTH_PX - 2 * CAMERA.left - BIN_GAP * (len(scene.openings) - 1)) / len(scene.openings)
    for index, (name, opening) in enumerate(scene.openings.items()):
        box = Box(CAMERA.left + index * (width + BIN_GAP), BINS_TOP, width, BIN_HEIGHT)
        _draw_bin(canvas, box, name, opening, scene.landed.get(name, ()))
    _draw_score(canvas, scene.score)
    return canvas.finished()


def _draw_camera(canvas: Canvas, scene: DemoScene) -> None:
    canvas.paste(picture(scene.camera), CAMERA, radius=12)
    if scene.decision is not None and scene.is_on_tray:
        scale = CAMERA.width / scene.camera.shape[1]
        left, top, right, bottom = (edge * scale for edge in scene.decision.box_xyxy)
        box = Box(CAMERA.left + left - 3, CAMERA.top + top - 3, right - left + 6, bottom - top + 6)
        _brackets(canvas, box, scene.decision.colour)
    _tag(canvas, CAMERA.left + 10, CAMERA.top + 10, "camera on the tray")


def _draw_waiting(canvas: Canvas, scene: DemoScene) -> None:
    x, y = PANEL.left + 16, PANEL.top + 16
    canvas.card(Box(x, y, 96, 96), fill=None, radius=8)
    canvas.text(x + 112, y + 14, "the bin sees", size=13, colour=DIM)
    canvas.text(x + 112, y + 48, STATES.get(scene.state, "..."), size=24, colour=DIM)
    for row, label in enumerate(scene.labels):
        _probability(canvas, x, y + 128 + 18 * row, label, 0.0, DIM)


def _draw_decision(canvas: Canvas, decision: ShownDecision) -> None:
    x, y = PANEL.left + 16, PANEL.top + 16
    event, colour = decision.event, decision.colour
    canvas.paste(picture(decision.view), Box(x, y, 96, 96), radius=8)
    canvas.text(x + 112, y + 14, "the bin sees", size=13, colour=DIM)
    canvas.text(x + 112, y + 48, event.label, size=32)
    canvas.text(x + 112, y + 70, f"{100 * event.confidence:.0f} % sure", size=15, colour=DIM)
    canvas.text(x + 112, y + 92, f"truth: {decision.truth}", size=15, colour=INK)
    for row, (label, probability) in enumerate(event.probabilities.items()):
        _probability(canvas, x, y + 128 + 18 * row, label, probability, colour if label == event.label else DIM)
    strip = Box(x, PANEL.bottom - 48, PANEL.width - 32, 32)
    canvas.card(strip, fill=mixed(CARD, colour, 0.22), edge=colour, radius=8)
    _arrow(canvas, strip.left + 14, strip.top + 16, colour)
    canvas.text(strip.left + 38, strip.top + 21, event.bin, size=15)
    canvas.text(strip.right - 12, strip.top + 21, decision.verdict, size=14, colour=colour, anchor="rs")


def _draw_bin(canvas: Canvas, box: Box, name: str, opening: float, landed: Sequence[LandedItem]) -> None:
    colour = BIN_COLOURS.get(name, DIM)
    body = Box(box.left, box.top + BIN_RIM, box.width, box.height - BIN_RIM)
    canvas.card(body, fill=mixed(CARD, colour, 0.08), edge=mixed(EDGE, colour, 0.5 + 0.5 * opening), radius=10)
    canvas.text(body.left + 12, body.bottom - 11, name, size=15, colour=mixed(INK, colour, 0.4))
    if landed:
        canvas.text(body.right - 12, body.bottom - 11, str(len(landed)), size=15, colour=INK, anchor="rs")
    for index, item in enumerate(landed):
        _draw_landed(canvas, body, item, index)
    # Drawn as two leaves that open downwards, hinged at the rims.
    angle = math.radians(OPEN_DEG) * opening
    leaf, shade = (box.width - 20) / 2, mixed(DIM, colour, 0.35 + 0.65 * opening)
    for hinge, way in ((box.left + 9, 1), (box.right - 9, -1)):
        tip = (hinge + way * leaf * math.cos(angle), body.top + leaf * math.sin(angle))
        canvas.line([(hinge, body.top), tip], shade, width=5)
        canvas.dot(hinge, body.top, 4.5, shade)


def _draw_score(canvas: Canvas, score: Mapping[str, int]) -> None:
    x, y = 20.0, HEIGHT_PX - 18
    for verdict, colour in VERDICTS.items():
        canvas.dot(x + 5, y - 5, 5, colour)
        x += 16 + canvas.text(x + 16, y, f"{score[verdict]} {verdict}", size=14, colour=INK) + 20
    canvas.text(WIDTH_PX - 18, y, "simulated bin, rendered items", size=13, colour=DIM, anchor="rs")


def _brackets(canvas: Canvas, box: Box, colour: Colour) -> None:
    """Four corners around an item."""
    arm = min(18, box.width / 3, box.height / 3)
    for x, inwards_x in ((box.left, arm), (box.right, -arm)):
        for y, inwards_y in ((box.top, arm), (box.bottom, -arm)):
            canvas.line([(x + inwards_x, y), (x, y), (x, y + inwards_y)], colour, width=3)


def _tag(canvas: Canvas, x: float, y: float, text: str) -> None:
    canvas.card(Box(x, y, 134, 22), fill=(20, 26, 33), edge=None, radius=6)
    canvas.text(x + 9, y + 15, text, size=13, colour=INK)


def _probability(canvas: Canvas, x: float, y: float, label: str, probability: float, colour: Colour) -> None:
    canvas.text(x, y, label, size=13, colour=INK if probability >= LEAST_SHOWN else DIM)
    canvas.bar(Box(x + 80, y - 8, 190, 7), probability if probability >= LEAST_SHOWN else 0.0, colour)
    if probability >= LEAST_SHOWN:
        canvas.text(PANEL.right - 16, y, f"{100 * probability:.0f} %", size=13, colour=INK, anchor="rs")


def _arrow(canvas: Canvas, x: float, y: float, colour: Colour) -> None:
    canvas.line([(x, y), (x + 11, y)], colour, width=2.5)
    canvas.polygon([(x + 9, y - 5), (x + 16, y), (x + 9, y + 5)], colour)


def _draw_landed(canvas: Canvas, body: Box, landed: LandedItem, index: int) -> None:
    """An item on its way to its place in the bin, or there. Places go from left to right, a second row above."""
    column, row = index % PER_ROW, index // PER_ROW
    scale = THUMBNAIL_PX / max(landed.item.size)
    width, height = landed.item.width * scale, landed.item.height * scale
    x = body.left + 10 + (column + 0.5) * (body.width - 20) / PER_ROW
    goal = body.bottom - 56 - 30 * row
    fallen = min((landed.age_frames + 1) / FALL_FRAMES, 1.0) ** 2
    y = body.top + (goal - body.top) * fallen
    canvas.paste(landed.item, Box(x - width / 2, y - height / 2, width, height))
    canvas.dot(x + THUMBNAIL_PX / 2 - 4, y + 15, 4, landed.colour, edge=CARD)
