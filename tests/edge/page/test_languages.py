"""Tests of the language files."""

from pathlib import Path

import pytest

from edge.page.languages import LanguageFileError, Languages, read_language

HEADER = """msgid ""
msgstr ""
"Language-Name: Polski\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"
"X-Decimal-Point: ,\\n"
"X-Date-Format: %d.%m.%Y\\n"
"""


def polish(folder: Path, messages: str = "", header: str = HEADER) -> Path:
    path = folder / "pl.po"
    path.write_text(f"{header}\n{messages}", encoding="utf-8")
    return path


def test_a_language_is_one_file(tmp_path: Path) -> None:
    polish(tmp_path, 'msgid "Log in"\nmsgstr "Zaloguj"\n" się"\n')
    languages = Languages(tmp_path)
    assert languages.chosen("pl", "").text("Log in") == "Zaloguj się"
    assert languages.chosen("pl", "").text("unknown") == "unknown"


def test_plurals_are_those_of_the_language(tmp_path: Path) -> None:
    found = read_language(
        polish(
            tmp_path,
            'msgid "%(number)s file"\nmsgid_plural "%(number)s files"\n'
            'msgstr[0] "plik"\nmsgstr[1] "pliki"\nmsgstr[2] "plików"\n',
        )
    )
    assert [found.plural("%(number)s file", "%(number)s files", number) for number in (1, 2, 5, 22)] == [
        *("plik", "pliki", "plików", "pliki")
    ]
    assert [found.plural("one", "many", number) for number in (1, 2)] == ["one", "many"]


@pytest.mark.parametrize(
    ("wished", "accepted", "code"),
    [
        (None, "", "en"),
        (None, "pl-PL,pl;q=0.9,en;q=0.8", "pl"),
        (None, "en;q=0.5,pl;q=0.9", "pl"),
        (None, "fr,*;q=0.1", "en"),
        (None, "pl;q=high", "en"),
        ("pl", "en", "pl"),
        ("../../etc", "pl", "pl"),
    ],
)
def test_the_language_is_chosen_by_the_visitor_then_the_browser(
    tmp_path: Path, wished: str | None, accepted: str, code: str
) -> None:
    polish(tmp_path)
    assert Languages(tmp_path).chosen(wished, accepted).code == code


@pytest.mark.parametrize(
    ("header", "messages", "said"),
    [
        (HEADER.replace("X-Date-Format", "X-Date"), "", "no X-Date-Format"),
        (HEADER.replace("nplurals=3; plural=", "plural=__import__"), "", "Plural-Forms"),
        (HEADER, "msgid nonsense\n", ":8: expected msgid"),
        (HEADER, 'msgstr "nothing before"\n', ":8: expected msgid"),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, header: str, messages: str, said: str) -> None:
    with pytest.raises(LanguageFileError, match=said):
        read_language(polish(tmp_path, messages, header))
