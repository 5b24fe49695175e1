"""What is said of a text that is no YAML: the line to look at, what was expected, and nothing of what stands there."""

import pytest

from edge.calibrate.yaml_edit import rewritten
from edge.config.yaml_file import YamlError, parse_yaml_document
from edge.errors import ConfigError

MISTAKES = {
    "deeper than a value above": (
        "a:\n  b: 1\n   c: 2\n",
        3,
        "indented by 3 spaces, below line 2, which has a value already; expected 2 spaces, as there",
    ),
    "section not indented": ("a:\nb: 1\n  c: 2\n", 3, "indented by 2 spaces, below line 2, .*; expected no space"),
    "between two depths": (
        "a:\n  b: 1\n c: 2\n",
        3,
        "indented by 1 space, which fits no line above; expected 2 spaces, as in line 2, or no space, as in line 1",
    ),
    "deeper below a comment": (
        "a:\n  b: 1\n    # x\n    c: 2\n",
        4,
        "by 4 spaces, .*; expected 2 spaces, as in line 2",
    ),
    "first line indented": (
        "  a: 1\nb: 2\n",
        2,
        "first key is indented by more than this one; expected all in the first",
    ),
    "tab": ("a:\n\tb: 1\n", 2, "indented with a tab, .*; expected spaces"),
    "no colon, with keys below": ("a:\n  b 1\n  c: 2\n", 2, "a key without a colon; expected 'key: value'"),
    "no colon at the end of a section": ("a:\n  b: 1\n  c\nd: 2\n", 3, "a key without a colon; expected 'key: value'"),
    "two colons": ("a: b: c\n", 1, "two colons with a space after them; expected one key on a line, or quotes"),
    "open bracket": ("a: {b: 1\nc: 2\n", 2, "a bracket is not closed, .*; expected } or a comma; .* opens in line 1"),
    "no comma": ("a: {b: 1 c: 2}\n", 1, "a comma is missing; expected } or a comma$"),
    "open list": ("a: [1, 2\n", 2, "expected ] or a comma; the bracket opens in line 1"),
    "bracket too many": ("a: {b: 1}}\n", 1, "a closing bracket } too many; expected one for each that opens"),
    "open quote": ('a: 1\nb: "x\nc: 2\n', 2, "a quote that opens here is not closed; expected another one"),
    "backslash": ('a: "C:\\q"\n', 1, "a backslash in double quotes; expected single quotes"),
    "behind a quote": ('a:\n  b: "x" y\n', 2, "something stands behind a value; expected one value"),
    "sign": ("a: @x\n", 1, "a value begins with @; expected quotes"),
    "star": ("a: *x\n", 1, "a value begins with \\* or &, .*; expected quotes"),
    "exclamation mark": ("a: !x\n", 1, "a value begins with !; expected quotes"),
    "key in a list": ("a:\n  - b\n  c: 1\n", 3, "a key in the list that begins in line 2; expected an element"),
    "element among keys": (
        "a:\n  b: 1\n  - c\n",
        3,
        "an element .* among the keys that begin in line 2; expected a key",
    ),
    "list beside its key": ("a: - b\n", 1, "a list begins beside its key; expected it on the next line"),
    "key twice": ("a: 1\na: 2\n", 2, "duplicate key 'a'; expected it once: remove one of the two"),
    "control character": ("a: 1\nb: \x01\n", 2, "a control character .*; expected none"),
    "what nobody foresaw": ("a: |x\n  y\n", 1, "; look at the indentation, colons, brackets and quotes of this line"),
    "no date": ("a: 2026-13-45\n", None, "; expected quotes around what only looks like a date"),
}


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_by_its_line_with_what_was_expected(text: str, line: int | None, words: str) -> None:
    with pytest.raises(YamlError, match=f"^not valid YAML: .*{words}") as caught:
        parse_yaml_document(text)
    assert caught.value.line == line


@pytest.mark.parametrize("text", [text.replace("1", "swordfish") for text, *_ in MISTAKES.values()])
def test_no_value_is_repeated_which_may_be_a_password(text: str) -> None:
    said = ""
    try:
        parse_yaml_document(text)
    except YamlError as error:
        said = str(error)
    assert "swordfish" not in said


def test_what_calibrate_cannot_edit_is_told_in_the_same_words() -> None:
    with pytest.raises(
        ConfigError, match=r"cannot be edited in line 3: indented by 1 space, .*expected 2 spaces, as in line 2"
    ):
        rewritten("a:\n  b: 1\n c: 2\n", {("a", "b"): 2})
