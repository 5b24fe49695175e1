"""Every text of the page has a translation in every language, and every translation belongs to a text."""

import ast
import re
from collections.abc import Iterator

import pytest
from jinja2 import Environment

from edge.page.languages import Language, Languages
from tests.paths import ROOT

PAGE = ROOT / "edge/page"

PLACEHOLDER = re.compile(r"%\((\w+)\)s")

CALLS = {"_": 1, "mark": 1, "plural": 2}
"""Function whose first arguments are texts -> how many of them."""


def texts_of_code() -> Iterator[tuple[str, ...]]:
    for path in sorted(PAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                count = CALLS.get(name, 0)
                found = tuple(one.value for one in node.args[:count] if isinstance(one, ast.Constant))
                if count and found:
                    yield tuple(map(str, found))


def texts_of_templates() -> Iterator[tuple[str, ...]]:
    environment = Environment(extensions=["jinja2.ext.i18n"])
    for path in sorted((PAGE / "web/templates").rglob("*.html")):
        calls = environment.extract_translations(path.read_text(encoding="utf-8"), gettext_functions=("_", "plural"))
        for _, _, message in calls:
            forms = message if isinstance(message, tuple) else (message,)
            found = tuple(one for one in forms if one is not None)
            if found:
                yield found


TEXTS = {one[0]: one for one in (*texts_of_code(), *texts_of_templates())}

OTHERS = [language for code, language in Languages().by_code.items() if code != "en"]


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_the_texts_are_found() -> None:
    assert {"Log in", "Live", "The two passwords differ."} <= set(TEXTS)


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.code)
def test_every_text_is_translated_and_nothing_else(language: Language) -> None:
    assert sorted(set(TEXTS) - set(language.texts)) == []
    assert sorted(set(language.texts) - set(TEXTS)) == []


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.code)
def test_translations_have_the_same_values(language: Language) -> None:
    for text, forms in TEXTS.items():
        wanted = set().union(*map(placeholders, forms))
        for translation in language.texts[text]:
            assert placeholders(translation) <= wanted, text
        assert placeholders(language.texts[text][-1]) == wanted, text


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.code)
def test_a_text_has_as_many_forms_as_the_language_asks_for(language: Language) -> None:
    count = max(map(language.plural_form, range(200))) + 1
    for text, forms in TEXTS.items():
        assert len(language.texts[text]) == (1 if len(forms) == 1 else count), text


def test_texts_are_written_by_the_functions_that_translate() -> None:
    # A text between tags would stay English.
    tag, code = (
        re.compile(r"<(script|style|svg).*?</\1>|<[^>]*>", re.DOTALL),
        re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL),
    )
    for path in sorted((PAGE / "web/templates").rglob("*.html")):
        rest = tag.sub(" ", code.sub(" ", path.read_text(encoding="utf-8")))
        words = re.findall(r"[A-Za-z]{2,}", rest)
        assert set(words) <= {"sudo", "sorter", "page", "reset"}, f"{path.name}: {words}"
