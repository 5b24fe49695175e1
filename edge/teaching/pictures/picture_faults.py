"""What may be wrong with a taught picture."""

DARK = 40.0
"""Mean grey level (0..255) of a view below which it is dark: a fifth of a well-lit one."""

CUT_OFF, TOO_DARK, WHOLE = "cut off at the picture's edge", "dark", "taken whole: no thing was found"


def picture_faults(is_cut_off: bool, brightness: float | None, *, is_whole: bool = False) -> list[str]:
    """The faults of a picture.

    Args:
        is_cut_off: whether the item runs out of the picture.
        brightness: mean grey level of its first view, 0..255; None: not known.
        is_whole: whether no thing was found on it, so that the whole picture counts.
    """
    found = {CUT_OFF: is_cut_off, TOO_DARK: brightness is not None and brightness < DARK, WHOLE: is_whole}
    return [fault for fault, is_there in found.items() if is_there]
