"""The name that was probably meant by one that is not there."""

from collections.abc import Iterable

ALIKE = 0.6
"""Least likeness of two names, 0..1, from which on one is taken for the other misspelt."""


def closest(given: str, names: Iterable[str]) -> str | None:
    """The most similar of the names, whatever the case of their letters; None: none is similar."""
    from difflib import get_close_matches  # only for what is misspelt

    # People write a label as a sign says it: Glass.
    folded = {name.casefold(): name for name in names}
    found = get_close_matches(given.casefold(), folded, n=1, cutoff=ALIKE)
    return folded[found[0]] if found else None


def did_you_mean(given: object, names: Iterable[str]) -> str:
    """``; did you mean NAME?`` with the most similar of the names, or nothing if none is similar.

    Args:
        given: what was written; anything but text is like no name.
        names: what could have been meant.
    """
    found = closest(given, names) if isinstance(given, str) else None
    return "" if found is None else f"; did you mean {found}?"
