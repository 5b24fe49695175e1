"""What may be a label."""

import pytest

from edge.errors import LabelError
from edge.teaching.pictures.label_name import check_label, known_label


@pytest.mark.parametrize(
    "text", ["glass", "paper cup", "PET-1", "5", "Dose", "émballage", "紙", "a" * 64, "tested twice"]
)
def test_words_are_labels(text: str) -> None:
    assert check_label(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "_",
        " glass",
        "glass ",
        "a/b",
        "a\\b",
        "c:d",
        ".",
        "..",
        ".git",
        "a\nb",
        "a\x1b[1m",
        "a\0b",
        "a" * 65,
        "test",
        "Training",
        "val",
        "test_set",
        "\udcff",
        "gl\u202ess",
        "👍" * 64,
    ],
)
def test_what_can_name_no_folder_or_is_read_otherwise_in_training_is_no_label(text: str) -> None:
    with pytest.raises(LabelError) as caught:
        check_label(text)
    assert str(caught.value).isprintable()


def test_one_label_does_not_become_two_by_its_spelling() -> None:
    taught, configured, model = ("Émballage", "glass"), ("Glass", "PAPER"), ("glass", "paper")
    typed = ("e\u0301mballage", "GLASS", "Glass", "Paper", "paper", "cup")
    assert [known_label(text, taught, configured, model) for text in typed] == [
        "Émballage",
        "glass",
        "glass",
        "PAPER",
        "PAPER",
        "cup",
    ]


def test_of_two_spellings_that_were_taught_the_one_that_is_typed_is_meant() -> None:
    assert known_label("glass", ("Glass", "glass")) == "glass"
    assert known_label("GLASS", ("Glass", "glass")) == "Glass"


def test_a_label_that_is_known_keeps_its_spelling() -> None:
    known = ("Glass", "paper cup", "metal")
    assert [known_label(text, known) for text in ("glass", "Paper-Cup", "METAL", "battery")] == [
        "Glass",
        "paper cup",
        "metal",
        "battery",
    ]
