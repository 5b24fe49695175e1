"""Labels are the same in another case, unless that could mean two."""

import pytest

from hardware.pictures.labels import match_labels, one_spelling, same_in_other_spelling


@pytest.mark.parametrize("label", ["Glass", "GLASS", "glass", " glass", "ｇｌａｓｓ"])
def test_another_case_or_width_is_the_same_label(label: str) -> None:
    assert match_labels([label], ["glass", "metal"]).names == {label: "glass"}


def test_an_accent_is_the_same_however_it_is_stored() -> None:
    assert match_labels(["pa\u0302te"], ["p\u00e2te"]).names == {"pa\u0302te": "p\u00e2te"}


def test_hyphens_and_underscores_are_the_same_as_blanks() -> None:
    assert match_labels(["E-Waste"], ["e_waste"]).names == {"E-Waste": "e_waste"}


def test_what_is_ambiguous_or_unknown_is_not_matched() -> None:
    match = match_labels(["GLASS", "Papier", "glass"], ["glass", "Glass"])
    assert match.names == {"glass": "glass"}
    assert match.unknown == ("GLASS", "Papier")


def test_labels_that_differ_in_spelling_alone_become_one() -> None:
    labels = ["glass", "Papier", "papier", "PAPIER", "cup"]
    assert one_spelling(labels, ["Glass"]) == {
        "glass": "Glass",
        "PAPIER": "PAPIER",
        "Papier": "PAPIER",
        "papier": "PAPIER",
        "cup": "cup",
    }
    assert one_spelling([]) == {}


def test_labels_in_two_spellings_are_found() -> None:
    assert same_in_other_spelling(["glass", "Glass", "metal", "e-waste", "E Waste"]) == [
        ("E Waste", "e-waste"),
        ("Glass", "glass"),
    ]
