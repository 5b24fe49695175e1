"""Pictures of what the camera sees, for the bin's neighbours; made in the socket's thread, from what the loop saw last."""

import base64
from collections.abc import Callable

import cv2
import numpy as np

from edge.bin_socket.protocol import PictureHeader, SeenItem
from edge.bin_socket.server import SentPicture
from edge.sight.presence import PresenceState
from edge.sight.tray_region import TrayRegion
from edge.sight.tray_watch import Scene
from edge.values import Item
from hardware.clock import Clock
from hardware.frame import Pixels

LIVE_SIDE, LIVE_QUALITY = 640, 80
"""Longest side of a live picture in pixels, and its JPEG quality: 36 KB, in 0.6 ms."""

LOOK_QUALITY = 95
"""JPEG quality of a picture that teaches: the model is to see in it what it sees in the camera's own."""

CORNERS_PX = 0.8
"""How far an outline may be off, in pixels of the mask: less is not seen on a phone."""

MOST_CORNERS = 200
"""Most corners of an outline; a frayed one is cut short."""


class ScenePictures:
    """Makes pictures of the newest scene. Every call takes the scene once, whatever the loop does meanwhile.

    Args:
        scene: the newest scene; None before the first.
        region: the tray.
        clock: the clock that frames are stamped by.
    """

    def __init__(self, scene: Callable[[], Scene | None], *, region: TrayRegion, clock: Clock) -> None:
        self._scene = scene
        self._region = region
        self._clock = clock

    def live(self, *, newer_than: int) -> SentPicture | None:
        """A small picture of the newest frame; None: none is newer than the one of that number."""
        scene = self._scene()
        if scene is None or scene.frame.sequence <= newer_than:
            return None
        return self._shot(scene, _at_most(scene.frame.pixels, LIVE_SIDE), LIVE_QUALITY)

    def look(self) -> SentPicture | None:
        """The newest frame in full, with the item's mask; None: there is none yet."""
        scene = self._scene()
        if scene is None:
            return None
        shot = self._shot(scene, scene.frame.pixels, LOOK_QUALITY)
        if scene.item is not None:
            shot.header["mask"] = base64.b64encode(_encoded(".png", scene.item.mask.cover)).decode("ascii")
        return shot

    def _shot(self, scene: Scene, pixels: Pixels, quality: int) -> SentPicture:
        jpeg = _encoded(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), cv2.IMWRITE_JPEG_QUALITY, quality)
        header = PictureHeader(
            sequence=scene.frame.sequence,
            age_s=round(self._clock.now_s() - scene.frame.time_s, 3),
            width=int(pixels.shape[1]),
            height=int(pixels.shape[0]),
            region=list(self._region),
            tray=scene.state.value,
            is_empty=scene.state is PresenceState.EMPTY,
            item=None if scene.item is None else self._seen(scene.item),
        )
        return SentPicture(header, jpeg)

    def _seen(self, item: Item) -> SeenItem:
        width, height = item.frame.width, item.frame.height
        box = [round(pixels / side, 4) for pixels, side in zip(item.box_xyxy, (width, height) * 2, strict=True)]
        return SeenItem(number=item.number, box=box, outline=self._outline(item), things=item.object_count)

    def _outline(self, item: Item) -> list[list[float]]:
        """The largest outline in the mask, as fractions of the whole picture."""
        contours, _ = cv2.findContours(item.mask.cover, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        if not contours:
            return []
        corners = cv2.approxPolyDP(max(contours, key=cv2.contourArea), CORNERS_PX, True)[:MOST_CORNERS, 0]
        height, width = item.mask.cover.shape
        left, top, right, bottom = self._region
        # Through the middle of the outermost pixels.
        places = (corners + 0.5) / (width, height) * (right - left, bottom - top) + (left, top)
        outline: list[list[float]] = np.round(places, 4).tolist()
        return outline


def _at_most(pixels: Pixels, side: int) -> Pixels:
    factor = side / max(pixels.shape[:2])
    if factor >= 1:
        return pixels
    size = max(round(pixels.shape[1] * factor), 1), max(round(pixels.shape[0] * factor), 1)
    scaled: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return scaled


def _encoded(suffix: str, pixels: Pixels, *options: int) -> bytes:
    done, encoded = cv2.imencode(suffix, pixels, list(options))
    if not done:
        raise ValueError(f"a picture of {pixels.shape[1]}x{pixels.shape[0]} pixels cannot be compressed")
    content: bytes = encoded.tobytes()
    return content
