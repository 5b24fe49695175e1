"""What may be wrong with a taught picture."""

DARK = 40.0
"""Mean grey level (0..255) of a view below which it is dark: a fifth of a well-lit one."""

CUT_OFF, TOO_DARK = "cut off at the picture's edge", "dark"


def picture_faults(is_cut_off: bool, brightness: float | None) -> list[str]:
    """The faults of a picture.

    Args:
        is_cut_off: whether the item runs out of the picture.
        brightness: mean grey level of its first view, 0..255; None: not known.
    """
    return [*([CUT_OFF] if is_cut_off else []), *([TOO_DARK] if brightness is not None and brightness < DARK else [])]
