"""Fonts for labels in other scripts than matplotlib's own font has."""

import logging
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

log = logging.getLogger("train")

# Labels and file names are no formulas: "$" stands for itself.
mpl.rcParams["text.parse_math"] = False

DEFAULT = "DejaVu Sans"
"""matplotlib's own font: Latin, Greek, Cyrillic, Arabic, Hebrew and more, but neither Chinese nor Devanagari."""

_NO_LETTERS = ("DejaVu", "Last Resort")
"""Beginnings of the names of fonts that are not searched: the default one, and one that has a box for every letter."""


@contextmanager
def fonts_for(texts: Iterable[str]) -> Iterator[None]:
    """Draw figures with fonts in which ``texts`` can be read, as far as this machine has them."""
    families, _ = _families(_missing(texts))
    with without_glyph_warnings(), mpl.rc_context({"font.family": [DEFAULT, *families]}):
        yield


def drawable(texts: Sequence[str], where: str) -> list[str]:
    """``texts``, those that no font of this machine shows replaced by their number, with a warning.

    Args:
        texts: such as the labels of a plot.
        where: name of the plot, for the warning.
    """
    _, without = _families(_missing(texts))
    shown = [f"#{number}" if set(text) & without else text for number, text in enumerate(texts, 1)]
    for before, after in zip(texts, shown, strict=True):
        if before != after:
            log.warning("%s: no font of this machine shows %s, %s stands in its place", where, before, after)
    return shown


@contextmanager
def without_glyph_warnings() -> Iterator[None]:
    """No warning about missing letters, where the browser draws the texts or it was given already."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _missing(texts: Iterable[str]) -> frozenset[str]:
    """Letters that the default font lacks."""
    has = _letters(font_manager.findfont(DEFAULT))
    return frozenset(letter for text in texts for letter in text if ord(letter) not in has)


@cache
def _families(missing: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Names of fonts that have the missing letters, as few as possible, and the letters that none has."""
    families: list[str] = []
    left = set(missing)
    for font in font_manager.fontManager.ttflist:
        if not left:
            break
        if font.name.startswith(_NO_LETTERS) or font.name in families:
            continue
        found = {letter for letter in left if ord(letter) in _letters(font.fname)}
        if found:
            families.append(font.name)
            left -= found
    return tuple(families), frozenset(left)


@cache
def _letters(file: str) -> frozenset[int]:
    try:
        return frozenset(FT2Font(file).get_charmap())
    except (OSError, RuntimeError):  # a font file that is damaged or gone
        return frozenset()
