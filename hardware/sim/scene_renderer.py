"""Renders what a faultless camera sees: the tray, the items on it, and the hands over it."""

from collections.abc import Sequence

from hardware.frame import Pixels
from hardware.sim.compositing import Layer, composite, make_layer
from hardware.sim.fault_schedule import FaultSchedule
from hardware.sim.flap_hole import FlapHole
from hardware.sim.item_trajectory import ItemTrajectory
from hardware.sim.people import People
from hardware.sim.tray import SimTray
from hardware.sim.tray_faults import shifted, stained

_REPLUGGED_EXPOSURE, _EXPOSURE_FOUND_S = 0.3, 0.6
"""Share of the right exposure that a camera begins with after it was unplugged, and the time until it has found it, in
seconds; typical of the automatic exposure of USB cameras."""


class SceneRenderer:
    """Draws the tray. What does not move is drawn once.

    Args:
        tray: the empty one, and its light.
        faults: what goes wrong; ``apply_faults`` is to be called when a fault begins or ends.
        people: who is over the tray.
        hole: what an open flap shows.
        seed: determines stains.
    """

    def __init__(self, tray: SimTray, faults: FaultSchedule, people: People, *, hole: FlapHole, seed: int) -> None:
        self._tray = tray
        self._faults = faults
        self._people = people
        self._hole = hole
        self._seed = seed
        self._layers: dict[ItemTrajectory, tuple[float, float, Layer]] = {}
        self._scene: Pixels | None = None
        self._ground = tray.empty
        self._shift = (0, 0)

    def apply_faults(self) -> None:
        """Take over the people, stains and shifts of the active faults."""
        active = self._faults.active
        self._people.apply_faults(active)
        self._ground, self._shift = self._tray.empty, (0, 0)
        for number, fault in enumerate(active):
            if fault.kind == "dirty":
                self._ground = stained(
                    self._ground,
                    x=fault.option("x", 0.5),
                    y=fault.option("y", 0.5),
                    size=fault.option("size", 0.25),
                    colour=fault.option("colour", (96, 66, 38)),
                    seed=self._seed + number,
                )
            elif fault.kind == "shifted":
                self._shift = (round(fault.option("dx", 6)), round(fault.option("dy", 4)))
        self.invalidate()

    def invalidate(self) -> None:
        """Draw the scene again: an item has begun to move, or is gone."""
        self._scene = None

    def remove(self, item: ItemTrajectory) -> None:
        """Forget an item that is gone."""
        self._layers.pop(item, None)
        self.invalidate()

    def render(self, items: Sequence[ItemTrajectory], time_s: float) -> tuple[Pixels, float]:
        """The tray with its items at a time, RGB uint8 (height, width, 3), and the share of it that people cover, 0..1."""
        scene = self._evenly_lit(items, time_s)
        cover = 0.0
        if self._people.are_near:
            scene = scene.copy()
            cover = self._people.draw_on(scene, time_s)
        return self._tray.expose(scene, time_s, exposure=self._exposure(time_s)), cover

    def _evenly_lit(self, items: Sequence[ItemTrajectory], time_s: float) -> Pixels:
        """The tray with its items in even light; the same array as long as nothing moves."""
        if self._scene is not None and not self._hole.has_changed:
            return self._scene
        picture = self._hole.draw(self._ground)
        if items:
            picture = picture.copy()
            for item in items:
                pose = item.pose(time_s)
                composite(picture, self._layer(item, pose.angle_deg, pose.scale), pose.x, pose.y)
        if self._shift != (0, 0):
            picture = shifted(picture, *self._shift)
        if all(item.is_still(time_s) for item in items):
            self._scene = picture
        return picture

    def _layer(self, item: ItemTrajectory, angle_deg: float, scale: float) -> Layer:
        drawn = self._layers.get(item)
        if drawn is None or drawn[:2] != (angle_deg, scale):
            drawn = self._layers[item] = (angle_deg, scale, make_layer(item.sprite, angle_deg, scale))
        return drawn[2]

    def _exposure(self, time_s: float) -> float:
        exposure = 1.0
        for fault in self._faults.active:
            if fault.kind == "black":
                exposure = 0.0
            elif fault.kind == "exposure":
                exposure *= fault.option("factor", 1.6)
            elif fault.kind == "darken":
                done = min((time_s - fault.begin_s) / fault.option("over_s", 60.0), 1.0)
                exposure *= 1 - done * (1 - fault.option("to", 0.3))
        if "unplug" in self._faults.kinds:
            # A camera that has just come back is still looking for its exposure.
            back_s = self._faults.over_for_s("unplug", time_s)
            exposure *= min(_REPLUGGED_EXPOSURE + (1 - _REPLUGGED_EXPOSURE) * back_s / _EXPOSURE_FOUND_S, 1.0)
        return exposure
