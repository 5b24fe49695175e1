"""Weights, torques and forces of the three bins that are drawn."""

from dataclasses import dataclass
from math import cos, pi, radians, sin, sqrt, tan

from docs.drawings.crank import CRANK, Crank

G = 9.81
KG_CM = G / 100
"""A servo's kilogram-centimetre, in newton metres."""

MOST_ITEM_KG = 0.5
"""The heaviest item that a bin is drawn for: a full half-litre bottle."""

PLYWOOD_KG_PER_M2 = 0.6 * 4
"""Plywood of 4 mm at 600 kg a cubic metre."""

BAR_KG_PER_M = 0.156
"""Aluminium angle of 20 x 20 x 1.5 mm: a frame of plywood would bend."""

SERVO_KG = 0.065
SERVO_BODY_MM = (20.0, 40.0)
CLEARANCE_MM = 20.0
GENTLE_N = 10.0
"""What a finger can hold: ``force_n`` of config.yaml."""


@dataclass(frozen=True)
class Door:
    """The door in the tray's floor: one leaf, moved by a crank.

    Attributes:
        side_mm: of the square leaf, from hinge to free edge.
        rim_mm: width of the fixed rim around it.
        crank: what moves it.
    """

    side_mm: float = 260.0
    rim_mm: float = 60.0
    crank: Crank = CRANK

    @property
    def tray_mm(self) -> float:
        """Side of the tray, with its rim."""
        return self.side_mm + 2 * self.rim_mm

    @property
    def weight_kg(self) -> float:
        return (self.side_mm / 1000) ** 2 * PLYWOOD_KG_PER_M2

    @property
    def moment_nm(self) -> float:
        """At its hinge, with the heaviest item at the free edge, in newton metres."""
        return G * (self.weight_kg / 2 + MOST_ITEM_KG) * self.side_mm / 1000

    @property
    def servo_kg_cm(self) -> float:
        """What the servo needs to lift the door with an item that did not fall, where the crank is weakest."""
        return self.moment_nm * self.crank.ratio / KG_CM

    @property
    def fallen_mm(self) -> tuple[float, float]:
        """The free edge of the open door: from the hinge, and down."""
        drop = radians(self.crank.drop_deg)
        return self.side_mm * cos(drop), self.side_mm * sin(drop)

    def edge_force_n(self, servo_kg_cm: float) -> float:
        """What a servo can press with at the free edge, where its crank is weakest, in newtons."""
        return servo_kg_cm * KG_CM / self.crank.ratio / (self.side_mm / 1000)


@dataclass(frozen=True)
class GuidePlate:
    """A plate that is one wall of the chute, and leans across it while an item is guided out on its side.

    Its hinge is its lower edge. At home it stands a little beyond upright against a stop, when it is out its upper edge lies at
    the wall opposite: its own weight holds it in both places.

    Attributes:
        chute_mm: inner side of the square chute.
        lean_deg: how far it leans when it is out, from upright.
        beyond_deg: how far past upright it stands at home.
    """

    chute_mm: float = 300.0
    lean_deg: float = 45.0
    beyond_deg: float = 3.0

    @property
    def height_mm(self) -> float:
        """How high it reaches across the chute when it is out."""
        return self.chute_mm / tan(radians(self.lean_deg))

    @property
    def length_mm(self) -> float:
        return self.chute_mm / sin(radians(self.lean_deg))

    @property
    def weight_kg(self) -> float:
        return self.length_mm / 1000 * (self.chute_mm - 10) / 1000 * PLYWOOD_KG_PER_M2

    def servo_kg_cm(self, *, item_kg: float = 0.0) -> float:
        """What the servo at its hinge needs to lift it from the wall opposite, with an item that stayed on its middle."""
        return (self.weight_kg + item_kg) * G * self.length_mm / 2000 * sin(radians(self.lean_deg)) / KG_CM

    def edge_force_n(self, servo_kg_cm: float) -> float:
        """What a servo presses with at its upper edge, in newtons."""
        return servo_kg_cm * KG_CM / (self.length_mm / 1000)


@dataclass(frozen=True)
class NestedPlates:
    """Plates in frames, one for each bin: the innermost carries the item, each frame carries all within it.

    Attributes:
        bins: how many, 2..4.
        plate_mm: side of the innermost plate.
        frame_mm: width of a frame's bars.
        rim_mm: width of the fixed rim around them.
    """

    bins: int
    plate_mm: float = 260.0
    frame_mm: float = 20.0
    rim_mm: float = 40.0
    crank: Crank = CRANK

    def side_mm(self, ring: int) -> float:
        """Side of a ring: 0 is the plate, then the frames."""
        return self.plate_mm + 2 * self.frame_mm * ring

    @property
    def tray_mm(self) -> float:
        """Side of the tray, with its rim."""
        return self.side_mm(self.bins - 1) + 2 * self.rim_mm

    def weight_kg(self, ring: int) -> float:
        """What hangs at a ring's hinge: the plate, the frames up to this one, and on each frame a servo for what is within."""
        bars_m = sum(4 * (self.side_mm(frame) - self.frame_mm) for frame in range(1, ring + 1)) / 1000
        return (self.plate_mm / 1000) ** 2 * PLYWOOD_KG_PER_M2 + bars_m * BAR_KG_PER_M + ring * SERVO_KG

    @property
    def wall_mm(self) -> float:
        """How far below the tray the walls between the bins may begin: just clear of the outermost ring as it falls."""
        return self.side_mm(self.bins - 1) / 2 * tan(radians(self.crank.drop_deg)) + CLEARANCE_MM

    @property
    def notch_mm(self) -> float:
        """How far down a wall is cut out at the side where a servo swings past with its frame."""
        ring = self.side_mm(self.bins - 1)
        axle_x, axle_y = self.crank.axle_mm
        far, deep = ring - self.frame_mm - axle_x + SERVO_BODY_MM[0] / 2, axle_y + SERVO_BODY_MM[1] * 3 / 4
        return sqrt(far**2 + deep**2 - (ring / 2) ** 2) + CLEARANCE_MM

    def moment_nm(self, ring: int, *, item_kg: float = MOST_ITEM_KG) -> float:
        """At a ring's hinge, with the item at the far end of the plate, in newton metres."""
        side_m, far_m = self.side_mm(ring) / 1000, (self.side_mm(ring) + self.plate_mm) / 2000
        return G * (self.weight_kg(ring) * side_m / 2 + item_kg * far_m)

    def servo_kg_cm(self, ring: int, *, item_kg: float = MOST_ITEM_KG) -> float:
        """What the servo needs to lift a ring with an item that did not fall, at the worst place, in kg cm."""
        return self.moment_nm(ring, item_kg=item_kg) * self.crank.ratio / KG_CM

    def edge_force_n(self, ring: int, servo_kg_cm: float) -> float:
        """What a servo can press with at a ring's free edge, where its crank is weakest, in newtons."""
        return servo_kg_cm * KG_CM / self.crank.ratio / (self.side_mm(ring) / 1000)

    def row(self) -> str:
        """Its line of the page's table: the outermost ring, which carries the most."""
        ring = self.bins - 1
        return (
            f"| {self.bins} | {self.side_mm(ring):g} mm | {self.tray_mm:g} mm | {self.weight_kg(ring):.2f} kg "
            f"| {self.moment_nm(ring):.1f} N m | {self.servo_kg_cm(ring):.1f} kg cm | {self.edge_force_n(ring, 20):.0f} N |"
        )


@dataclass(frozen=True)
class Gate:
    """A gate of two leaves, held by springs and opened by a solenoid.

    Attributes:
        side_mm: of the opening; each leaf is half as long, seen from its hinge.
        item_kg: the heaviest item that it holds.
        drop_deg: how far the leaves fall.
    """

    side_mm: float = 200.0
    item_kg: float = 0.25
    drop_deg: float = 50.0

    @property
    def leaf_kg(self) -> float:
        return self.side_mm / 1000 * self.side_mm / 2000 * PLYWOOD_KG_PER_M2

    @property
    def leaf_moment_nm(self) -> float:
        """At one leaf's hinge, its own weight."""
        return G * self.leaf_kg * self.side_mm / 4000

    @property
    def spring_n(self) -> float:
        """What each spring must hold at a leaf's free edge, with all of the item on one leaf, and a fifth more."""
        return 1.2 * (self.leaf_moment_nm / (self.side_mm / 2000) + G * self.item_kg)

    @property
    def work_j(self) -> float:
        """What opening takes against both springs, less what the leaves' weight gives, in joules."""
        turn = radians(self.drop_deg)
        against = self.spring_n * self.side_mm / 2000 * turn
        return 2 * (against - self.leaf_moment_nm * sin(turn))

    def solenoid_n(self, stroke_mm: float) -> float:
        """Mean pull that a solenoid of some stroke needs, in newtons."""
        return self.work_j / (stroke_mm / 1000)


@dataclass(frozen=True)
class TurningChute:
    """The chute of the carousel, as its motor feels it.

    Attributes:
        weight_kg: of the chute.
        reach_mm: from the axle to its mouth.
        steps_per_turn, acceleration: of the configuration; steps, and steps per second squared.
    """

    weight_kg: float = 0.4
    reach_mm: float = 190.0
    steps_per_turn: int = 1600
    acceleration: float = 4000.0

    @property
    def torque_nm(self) -> float:
        """What speeding up takes: a bar on its end, in newton metres."""
        inertia = self.weight_kg * (self.reach_mm / 1000) ** 2 / 3
        return inertia * self.acceleration / self.steps_per_turn * 2 * pi
