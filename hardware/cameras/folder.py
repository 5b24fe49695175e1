"""Photographs from a folder, shown one after the other as if they were laid on the tray."""

import logging
from pathlib import Path

import cv2
import numpy as np

from hardware.cameras.fit import NEUTRAL, check_size, letterbox
from hardware.clock import Clock
from hardware.errors import CameraError
from hardware.frame import Pixels
from hardware.limits import within
from hardware.paced import PacedCamera

log = logging.getLogger(__name__)

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


class FolderCamera(PacedCamera):
    """Empty tray, photograph, empty tray, photograph, ..., empty tray. Every readable photograph is shown.

    Args:
        clock: paces and stamps the frames.
        path: folder of jpg, png, webp and bmp pictures; folders in it are searched too, in sorted order.
        fps: frames per second.
        hold_s: how long each photograph is shown, in seconds (0.01 or more).
        gap_s: how long the empty tray is shown before, between and after them, in seconds (0.01 or more).
        empty: photograph of the empty tray; None: neutral grey.
        width, height: of the frames, in pixels; photographs of another shape get the empty tray beside them.
        loop: whether to start again after the last one.

    Raises:
        HardwareConfigError: an option is out of range.
        CameraError: there is no such folder, no picture in it, or the empty tray's cannot be read.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        path: Path | str,
        fps: float = 15.0,
        hold_s: float = 3.0,
        gap_s: float = 2.0,
        empty: Path | str | None = None,
        width: int = 640,
        height: int = 480,
        loop: bool = False,
    ) -> None:
        super().__init__(clock=clock, fps=fps)
        check_size(width, height)
        for key, seconds in (("hold_s", hold_s), ("gap_s", gap_s)):
            within(f"folder camera: {key}", seconds, 0.01, 86_400)
        self._folder = Path(path)
        if not self._folder.is_dir():
            raise CameraError(f"folder camera: {path} is not a folder")
        self._paths = sorted(entry for entry in self._folder.rglob("*") if entry.suffix.lower() in PICTURES)
        if not self._paths:
            raise CameraError(f"folder camera: no pictures ({', '.join(sorted(PICTURES))}) in {path}")
        self._width, self._height, self._loop = width, height, loop
        self._hold_s, self._gap_s = hold_s, gap_s
        self._empty: Pixels = np.full((height, width, 3), NEUTRAL, np.uint8)
        if empty is not None:
            picture = _read(Path(empty))
            if picture is None:
                raise CameraError(f"folder camera: cannot read the picture of the empty tray, {empty}")
            self._empty = letterbox(picture, width, height)
        self._next = 0
        self._shown: tuple[Path, Pixels] | None = None
        self._until_s: float | None = None
        self._readable = False
        self._ended = False

    @property
    def current_path(self) -> Path | None:
        """The photograph in the newest frame; None while the tray is empty."""
        return None if self._shown is None else self._shown[0]

    @property
    def description(self) -> str:
        return f"folder {self._folder} ({len(self._paths)} pictures) {self._width}x{self._height}"

    @property
    def exhausted(self) -> bool:
        return self._ended

    @property
    def repeats(self) -> bool:
        return True

    def _render(self) -> tuple[Pixels, float] | None:
        now_s = self._clock.now_s()
        if self._until_s is None:
            self._until_s = now_s + self._gap_s
        elif now_s >= self._until_s:
            # The next one's time starts now, however late we are: a slow reader must not miss a photograph.
            if self._shown is not None:
                self._shown, self._until_s = None, now_s + self._gap_s
            else:
                self._shown, self._until_s = self._load(), now_s + self._hold_s
                self._ended = self._shown is None
        if self._ended:
            return None
        pixels = self._empty if self._shown is None else self._shown[1]
        return pixels.view(), now_s  # a view of its own: the frame makes it read-only

    def _load(self) -> tuple[Path, Pixels] | None:
        """The next photograph that can be read; None after the last.

        Raises:
            CameraError: none of them can be read.
        """
        for _ in range(len(self._paths)):
            if self._next >= len(self._paths):
                if not self._loop:
                    break
                self._next = 0
            path = self._paths[self._next]
            self._next += 1
            picture = _read(path)
            if picture is not None:
                self._readable = True
                return path, letterbox(picture, self._width, self._height, self._empty)
            log.warning("folder camera: cannot read %s, skipped", path)
        if not self._readable:
            raise CameraError(f"folder camera: none of the {len(self._paths)} pictures in {self._folder} can be read")
        return None


def _read(path: Path) -> Pixels | None:
    # By way of the bytes: imread prints to stderr what it cannot open, and stumbles over odd names.
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        return None
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if picture is None:
        return None
    rgb: Pixels = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    return rgb
