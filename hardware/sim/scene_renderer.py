"""What a good camera sees: the tray, what lies on it, and the hands over it."""

from collections.abc import Sequence

from hardware.frame import Pixels
from hardware.world.fault import ActiveFault, FaultSchedule
from hardware.sim.hand import Hand
from hardware.sim.compositing import Layer, lay, layer
from hardware.sim.tray import SimTray, shifted, stained
from hardware.sim.item_trajectory import ItemTrajectory


class SceneRenderer:
    """Draws the tray. What does not move is drawn once.

    Args:
        tray: the empty one, and its light.
        faults: what goes wrong; ``change`` is to be called when a fault begins or ends.
        size: width and height of the picture, in pixels.
        seed: makes stains and the hands' tremble.
    """

    def __init__(self, tray: SimTray, faults: FaultSchedule, *, size: tuple[int, int], seed: int) -> None:
        self._tray = tray
        self._faults = faults
        self._size = size
        self._seed = seed
        self._drawn: dict[ItemTrajectory, tuple[float, float, Layer]] = {}
        self._scene: Pixels | None = None
        self._ground = tray.empty
        self._shift = (0, 0)
        self._hands: list[tuple[ActiveFault, Hand]] = []

    @property
    def has_hands(self) -> bool:
        """Whether a hand is on its way in, there, or on its way out."""
        return bool(self._hands)

    def hand_in_view(self, time_s: float) -> bool:
        """Whether a hand reaches over the tray."""
        return any(hand.reached(time_s) > 0 for _, hand in self._hands)

    def change(self) -> None:
        """A fault has begun or ended."""
        running = self._faults.active
        before = {id(spell) for spell, _ in self._hands}
        self._hands = [(spell, hand) for spell, hand in self._hands if spell in running]
        self._ground, self._shift = self._tray.empty, (0, 0)
        for number, spell in enumerate(running):
            kind = spell.fault.kind
            if kind == "hand" and id(spell) not in before:
                self._hands.append((spell, self._hand(spell)))
            elif kind == "dirty":
                x, y, colour = spell.option("x", 0.5), spell.option("y", 0.5), spell.option("colour", (96, 66, 38))
                self._ground = stained(
                    self._ground, x=x, y=y, size=spell.option("size", 0.25), colour=colour, seed=self._seed + number
                )
            elif kind == "shifted":
                self._shift = (round(spell.option("dx", 6)), round(spell.option("dy", 4)))
        self.redraw()

    def redraw(self) -> None:
        """What lies on the tray has begun to move, or has gone."""
        self._scene = None

    def forget(self, visit: ItemTrajectory) -> None:
        """An item has gone."""
        self._drawn.pop(visit, None)
        self.redraw()

    def picture(self, visits: Sequence[ItemTrajectory], time_s: float) -> tuple[Pixels, float]:
        """The tray with its items at a time, RGB uint8 (height, width, 3), and the share of it that a hand covers, 0..1."""
        scene = self._laid(visits, time_s)
        hand = 0.0
        if self._hands:
            scene = scene.copy()
            for _, one in self._hands:
                hand += one.lay_on(scene, time_s)
        return self._tray.expose(scene, time_s, exposure=self._exposure(time_s)), min(hand, 1.0)

    def _laid(self, visits: Sequence[ItemTrajectory], time_s: float) -> Pixels:
        """The tray with its items in even light; the same array as long as nothing moves."""
        if self._scene is not None:
            return self._scene
        picture = self._ground
        if visits:
            picture = picture.copy()
            for visit in visits:
                pose = visit.pose(time_s)
                lay(picture, self._layer(visit, pose.angle_deg, pose.scale), pose.x, pose.y)
        if self._shift != (0, 0):
            picture = shifted(picture, *self._shift)
        if all(visit.is_still(time_s) for visit in visits):
            self._scene = picture
        return picture

    def _layer(self, visit: ItemTrajectory, angle_deg: float, scale: float) -> Layer:
        drawn = self._drawn.get(visit)
        if drawn is None or drawn[:2] != (angle_deg, scale):
            drawn = self._drawn[visit] = (angle_deg, scale, layer(visit.picture, angle_deg, scale))
        return drawn[2]

    def _exposure(self, time_s: float) -> float:
        exposure = 1.0
        for spell in self._faults.active:
            kind = spell.fault.kind
            if kind == "black":
                exposure = 0.0
            elif kind == "exposure":
                exposure *= spell.option("factor", 1.6)
            elif kind == "darken":
                done = min((time_s - spell.begin_s) / spell.option("over_s", 60.0), 1.0)
                exposure *= 1 - done * (1 - spell.option("to", 0.3))
        if "unplug" in self._faults.kinds:
            # A camera that has just come back is still looking for its exposure.
            back_s = self._faults.over_for_s("unplug", time_s)
            exposure *= min(0.3 + 0.7 * back_s / 0.6, 1.0)
        return exposure

    def _hand(self, spell: ActiveFault) -> Hand:
        return Hand(
            self._size,
            begin_s=spell.begin_s,
            end_s=spell.end_s,
            side=spell.option("side", "bottom"),
            reach=spell.option("reach", 0.6),
            colour=spell.option("colour", "light"),
            seed=self._seed,
        )
