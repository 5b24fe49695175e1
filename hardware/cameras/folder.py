"""Photographs from a folder, shown one after the other as if they were laid on the tray."""

import logging
from pathlib import Path

import numpy as np

from hardware.cameras.fit import NEUTRAL, check_size, letterbox
from hardware.clock import Clock
from hardware.errors import CameraError
from hardware.frame import Pixels
from hardware.limits import within
from hardware.paced import PacedCamera
from hardware.pictures.errors import PictureFileError
from hardware.pictures.folder import describe_left_out, search_folder, suffix_names
from hardware.pictures.reader import read_rgb

log = logging.getLogger(__name__)


class FolderCamera(PacedCamera):
    """Empty tray, photograph, empty tray, photograph, ..., empty tray. Every readable photograph is shown.

    Args:
        clock: paces and stamps the frames.
        path: folder of pictures (``hardware.pictures.kinds``); folders in it are searched too, in sorted order.
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
        try:
            found = search_folder(self._folder, any_name=True)
        except OSError as error:
            raise CameraError(f"folder camera: {path} cannot be opened: {error.strerror or error}") from error
        self._paths = [self._folder / one for one in found.pictures]
        left_out = describe_left_out(found.left_out)
        if not self._paths:
            others = "".join(f"; left out, {line}" for line in left_out)
            raise CameraError(f"folder camera: no pictures ({suffix_names()}) in {path}{others}")
        for line in left_out:
            log.warning("folder camera: left out, %s", line)
        self._width, self._height, self._loop = width, height, loop
        self._hold_s, self._gap_s = hold_s, gap_s
        self._empty: Pixels = np.full((height, width, 3), NEUTRAL, np.uint8)
        if empty is not None:
            try:
                self._empty = letterbox(read_rgb(Path(empty)), width, height)
            except PictureFileError as error:
                raise CameraError(f"folder camera: the picture of the empty tray cannot be used: {error}") from error
        self._told: set[str] = set()
        self._next = 0
        self._shown: tuple[Path, Pixels] | None = None
        self._until_s: float | None = None
        self._readable = False
        self._ended = False

    @property
    def has_lens(self) -> bool:
        return False

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
            try:
                picture = read_rgb(path)
            except PictureFileError as error:
                if str(error) not in self._told:
                    self._told.add(str(error))
                    log.warning("folder camera: skipped: %s", error)
                continue
            self._readable = True
            return path, letterbox(picture, self._width, self._height, self._empty)
        if not self._readable:
            raise CameraError(f"folder camera: none of the {len(self._paths)} pictures in {self._folder} can be read")
        return None
