"""What carries the bin with the chute, to measure: posts, rails, camera and lamps, from the front and from the side."""

from dataclasses import dataclass

from docs.drawings.camera_views import light_distance
from docs.drawings.measure import METAL, WOOD, WOOD_EDGE, Scale, dimension
from docs.drawings.optics import DRAWN, LAMP_SHARE
from docs.drawings.plates import BIN_MM, DOOR, HINGES_MM, PLATE
from docs.drawings.statics import CLEARANCE_MM, SERVO_BODY_MM
from edge.wiring.sheet import Sheet

BIN_HEIGHT_MM = 400.0
"""Of the bins below the chute: 36 litres at 300 mm square."""

PLY_MM = 4.0


@dataclass(frozen=True)
class Stand:
    """A frame of battens. Two posts stand in front; two behind the servos, beyond the tray, and go on up to the camera.

    Attributes:
        batten_mm: thickness of the square battens.
        behind_mm: room behind the back wall, for the servos and what they are screwed to.
    """

    batten_mm: float = 30.0
    behind_mm: float = 60.0

    @property
    def tray_high_mm(self) -> float:
        """Of the tray over the base board: the bins, a gap, the hinges' rails, and what lies between hinges and tray."""
        return BIN_HEIGHT_MM + CLEARANCE_MM + self.batten_mm + HINGES_MM

    @property
    def camera_high_mm(self) -> float:
        """Of the lens over the tray."""
        return DRAWN.height(DOOR.tray_mm, DOOR.tray_mm)

    @property
    def front_mm(self) -> float:
        """From the chute's middle to the outside of the front posts; the same to either side."""
        return PLATE.chute_mm / 2 + self.batten_mm

    @property
    def back_mm(self) -> float:
        """From the chute's middle to the outside of the rear posts."""
        return self.front_mm + self.behind_mm

    @property
    def lamps_mm(self) -> float:
        """From the middle to each strip of LEDs."""
        return light_distance(self.camera_high_mm, self.camera_high_mm * LAMP_SHARE, DOOR.tray_mm)

    @property
    def base_mm(self) -> tuple[float, float]:
        """Of the base board below three bins: across and deep."""
        return 3 * BIN_MM, self.depth_mm

    @property
    def depth_mm(self) -> float:
        return self.front_mm + self.back_mm

    def cuts(self) -> dict[str, tuple[int, float]]:
        """What to saw of battens: what for -> how many, how long."""
        between_mm, along_mm = PLATE.chute_mm, self.depth_mm - 2 * self.batten_mm
        return {
            "front posts": (2, self.tray_high_mm - PLY_MM),
            "rear posts": (2, self.tray_high_mm + self.camera_high_mm + self.batten_mm),
            "rails below the tray, and at the hinges": (4, along_mm),
            "rails outside the posts, for the plates' stops": (2, self.depth_mm),
            "crossbars: tray front and back, hinges back, camera": (4, between_mm),
            "arm of the camera": (1, self.back_mm),
            "crossbar of the lamps": (1, 2 * self.lamps_mm),
            "arms of the lamps": (2, self.depth_mm),
        }

    @property
    def length_m(self) -> float:
        """Of all battens."""
        return sum(count * long_mm for count, long_mm in self.cuts().values()) / 1000


STAND = Stand()


def stand() -> Sheet:
    """The frame from the front and from the right, with bins of three."""
    sheet = Sheet("What carries it: chute, camera, lamps", height=770)
    scale, floor = 0.27, 470
    _front(sheet, Scale(148, floor, scale))
    _side(sheet, Scale(370, floor, scale))
    one = STAND
    sheet.text(148, 500, "from the front", anchor="middle", bold=True)
    sheet.text(362, 500, "from the right", anchor="middle", bold=True)
    sheet.caption(
        530,
        f"Millimetres, for three bins. Battens of {one.batten_mm:g} x {one.batten_mm:g}, on a base board. The bins "
        f"({BIN_HEIGHT_MM:g} high) stand between and beside the posts. The rear posts stand {one.behind_mm:g} behind the back "
        "wall, beyond the tray and out of the picture; a crossbar between them has the arm of the camera, another one the arms "
        "of the lamps. Dark: servos, on boards of 12 mm plywood between back wall and rear posts: the door's at its axle (see "
        "the section), those of the plates on the line of their hinges. The upper edge of the hinges' rails is planed off "
        "outwards, as a plate lies when it is out. Stops: a screw M5 in each rail outside the posts, behind the upper edge of "
        "its plate, and one beside the door's servo, against the horn. Corners: an angle bracket with screws of 4 x 25.",
    )
    return sheet


def _bar(sheet: Sheet, place: Scale, left: float, low: float, right: float, high: float, *, fill: str = WOOD) -> None:
    """A batten seen from its side; heights count upwards from the floor."""
    x, y = place.at(left, -high)
    edge = WOOD_EDGE if fill == WOOD else "#222222"
    sheet.rect(x, y, (right - left) * place.per_mm, (high - low) * place.per_mm, fill=fill, stroke=edge, radius=0)


def _bin(sheet: Sheet, place: Scale, middle: float) -> None:
    x, y = place.at(middle - BIN_MM / 2 + 4, -BIN_HEIGHT_MM)
    sheet.rect(x, y, (BIN_MM - 8) * place.per_mm, BIN_HEIGHT_MM * place.per_mm, fill="#eef3f7", radius=0)


def _camera(sheet: Sheet, place: Scale) -> None:
    lens = STAND.tray_high_mm + STAND.camera_high_mm
    x, y = place.at(0, -lens)
    half = DOOR.tray_mm / 2
    tray = -STAND.tray_high_mm
    sheet.polygon((x, y), place.at(-half, tray), place.at(half, tray), fill="#eef6fb", stroke="#9cc3dd")
    sheet.rect(x - 6, y - 4, 12, 8, fill="#4a5560", stroke="#222222", radius=1)


def _servo(sheet: Sheet, place: Scale, x_mm: float, high_mm: float, wide_mm: float = SERVO_BODY_MM[0]) -> None:
    _bar(sheet, place, x_mm - wide_mm / 2, high_mm - 30, x_mm + wide_mm / 2, high_mm + 10, fill="#4a5560")


def _front(sheet: Sheet, place: Scale) -> None:
    one, chute = STAND, PLATE.chute_mm / 2
    hinges, tray = one.tray_high_mm - HINGES_MM, one.tray_high_mm
    lens, lamps = tray + one.camera_high_mm, tray + one.camera_high_mm * LAMP_SHARE
    for middle in (-BIN_MM, 0.0, BIN_MM):
        _bin(sheet, place, middle)
    _camera(sheet, place)
    _bar(sheet, place, -one.lamps_mm, lamps - one.batten_mm, one.lamps_mm, lamps)
    _bar(sheet, place, -chute, lens, chute, lens + one.batten_mm)
    for side in (-1, 1):
        left, right = sorted((side * chute, side * one.front_mm))
        _bar(sheet, place, left, 0, right, lens + one.batten_mm)
        left, right = sorted((side * one.front_mm, side * (one.front_mm + one.batten_mm)))
        _bar(sheet, place, left, tray - 130, right, tray - 100)
        _servo(sheet, place, side * chute, hinges)
        x, y = place.at(side * one.lamps_mm, -lamps)
        sheet.rect(x - 3, y - 8, 6, 16, fill="#f7d774", stroke="#222222", radius=0)
    _servo(sheet, place, -DOOR.side_mm / 2 + DOOR.crank.axle_mm[0], tray - DOOR.crank.axle_mm[1])
    _bar(sheet, place, -DOOR.tray_mm / 2, tray - 6, DOOR.tray_mm / 2, tray + 2, fill=METAL)
    _bar(sheet, place, -1.5 * BIN_MM, -12, 1.5 * BIN_MM, 0)
    edge = -1.5 * BIN_MM - 12
    dimension(sheet, place.at(edge, 0), place.at(edge, -hinges), f"{hinges:.0f}", is_left=False)
    dimension(sheet, place.at(edge, -hinges), place.at(edge, -tray), f"{HINGES_MM:.0f}")
    dimension(sheet, place.at(edge, -tray), place.at(edge, -lens), f"{one.camera_high_mm:.0f}")
    dimension(
        sheet, place.at(-one.lamps_mm, -lens - 60), place.at(one.lamps_mm, -lens - 60), f"lamps {2 * one.lamps_mm:.0f}"
    )


def _side(sheet: Sheet, place: Scale) -> None:
    one, chute = STAND, PLATE.chute_mm / 2
    hinges, tray = one.tray_high_mm - HINGES_MM, one.tray_high_mm
    lens, lamps = tray + one.camera_high_mm, tray + one.camera_high_mm * LAMP_SHARE
    _bin(sheet, place, 0.0)
    _camera(sheet, place)
    _bar(sheet, place, chute, 0, one.front_mm, tray)
    _bar(sheet, place, -one.back_mm, 0, -one.back_mm + one.batten_mm, lens + one.batten_mm)
    for low in (tray - one.batten_mm, hinges - one.batten_mm):
        _bar(sheet, place, -one.back_mm + one.batten_mm, low, chute, low + one.batten_mm)
    _bar(sheet, place, -one.back_mm, tray - 130, one.front_mm, tray - 100)
    _bar(sheet, place, -one.back_mm + one.batten_mm, lens, 20, lens + one.batten_mm)
    _bar(sheet, place, -one.back_mm, lamps - one.batten_mm, one.front_mm, lamps)
    _servo(sheet, place, -chute - 25, hinges, SERVO_BODY_MM[1])
    _servo(sheet, place, -chute - 25, tray - DOOR.crank.axle_mm[1], SERVO_BODY_MM[1])
    _bar(sheet, place, -DOOR.tray_mm / 2, tray - 6, DOOR.tray_mm / 2, tray + 2, fill=METAL)
    _bar(sheet, place, -one.back_mm, -12, one.front_mm, 0)
    dimension(sheet, place.at(-one.back_mm, -lens - 60), place.at(one.front_mm, -lens - 60), f"{one.depth_mm:.0f}")
