"""Things that somebody shows the paused bin, one look each, until they are taught or given up."""

import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from edge.bin_socket.messages import TrayPicture
from edge.page.texts import PageError, mark

MOST_LOOKS = 60
"""Most looks of one showing: what somebody has patience for, and some 10 MB."""


@dataclass(frozen=True, slots=True)
class TakenLook:
    """A look that was taken.

    Attributes:
        number: its number in the showing, from 1.
        path: its file.
        problem: what may be wrong with it, in English to be translated; empty: nothing.
    """

    number: int
    path: Path
    problem: str


class Showing:
    """What is shown under one label. Looks may be kept by several threads: a script and a button may take one at once.

    Args:
        label: the label.

    Attributes:
        looks: what was taken so far.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self.looks: list[TakenLook] = []
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="sorter-teach-")

    def keep(self, look: TrayPicture) -> TakenLook:
        """Keep a look until the end of the showing. Waits for the disk.

        Raises:
            PageError: nothing can be learnt from it.
        """
        item = look.header.get("item")
        if item is None or "mask" not in look.header:
            raise PageError(mark("Nothing lies still on the tray."))
        if item["things"] > 1:
            raise PageError(mark("Several things lie there: one at a time."))
        left, top, right, bottom = look.header["region"]
        x0, y0, x1, y1 = item["box"]
        is_cut_off = x0 <= left or y0 <= top or x1 >= right or y1 >= bottom
        with self._lock:
            number = len(self.looks) + 1
            if number > MOST_LOOKS:
                raise PageError(mark("These are enough: keep them, then go on."))
            path = Path(self._folder.name) / f"look-{number}"
            path.write_bytes(look.content)
            self.looks.append(TakenLook(number, path, mark("cut off at the edge") if is_cut_off else ""))
            return self.looks[-1]

    def picture(self, number: int) -> bytes | None:
        """The JPEG of a look, counted from 1; None: there is no such look."""
        if not 1 <= number <= len(self.looks):
            return None
        return self.looks[number - 1].path.read_bytes().partition(b"\n")[2]

    def close(self) -> None:
        """Forget the looks. May be called more than once."""
        self._folder.cleanup()
        self.looks = []
