"""Labels under another spelling."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """Labels beside those that are known.

    Attributes:
        names: label -> the known label that it stands for.
        unknown: labels that stand for none, or for several, sorted.
    """

    names: dict[str, str]
    unknown: tuple[str, ...]


def spelling_key(label: str) -> str:
    """The same for labels that differ in case, in blanks, hyphens and underscores, or in how an accent is stored."""
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", label).casefold()).strip()


def match_labels(labels: Iterable[str], known: Iterable[str]) -> LabelMatch:
    """Match labels with known ones: the same one, else the only one in another spelling.

    Args:
        labels: to be matched.
        known: labels as they should be.
    """
    exact = set(known)
    spellings: dict[str, list[str]] = {}
    for label in sorted(exact):
        spellings.setdefault(spelling_key(label), []).append(label)
    names: dict[str, str] = {}
    unknown: list[str] = []
    for label in sorted(set(labels)):
        candidates = [label] if label in exact else spellings.get(spelling_key(label), [])
        if len(candidates) == 1:
            names[label] = candidates[0]
        else:
            unknown.append(label)
    return LabelMatch(names, tuple(unknown))


def one_spelling(labels: Iterable[str], known: Iterable[str] = ()) -> dict[str, str]:
    """Label -> the label that it stands for: the known one, see ``match_labels``, else the first of those in other spellings.

    Args:
        labels: labels, in any spelling.
        known: labels as they should be.
    """
    match = match_labels(labels, known)
    first: dict[str, str] = {}
    return match.names | {label: first.setdefault(spelling_key(label), label) for label in match.unknown}


def same_in_other_spelling(labels: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of labels that differ in spelling alone, each sorted."""
    groups: dict[str, list[str]] = {}
    for label in sorted(set(labels)):
        groups.setdefault(spelling_key(label), []).append(label)
    return [tuple(group) for group in groups.values() if len(group) > 1]
