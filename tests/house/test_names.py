"""Names, docstrings, file lengths and type annotations follow the rules of the house."""

import ast
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT

PACKAGES = ("edge", "hardware", "train", "convert")

MAX_LINES = 300
"""Longest module of a package, in lines: what can be read in one sitting."""

MAX_ROOT_FILES = 12
"""Most Python files at the root of a package that is sorted into folders."""

MAX_ANY = 30
"""Most uses of ``Any`` in the two packages that run in the bin."""

REASON = "# Any:"
"""Beginning of the comment that gives the reason for an ``Any``, on its line or on the lines right above its statement."""


def modules(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert found, f"{folders}: no modules; the test looks in the wrong place"
    return found


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def public_classes(body: list[ast.stmt]) -> Iterator[ast.ClassDef]:
    """Public classes at the top of a module or within a class; not those within a function."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            if not node.name.startswith("_"):
                yield node
            yield from public_classes(node.body)
        elif isinstance(node, ast.If):
            yield from public_classes([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            handlers = [statement for handler in node.handlers for statement in handler.body]
            yield from public_classes([*node.body, *handlers, *node.orelse, *node.finalbody])


def docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Strings that document something: a module, class, function, or the constant or attribute above."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def statements(path: Path) -> Iterator[tuple[list[tokenize.TokenInfo], str]]:
    """Tokens of each statement, and its comments with those on the lines right above."""
    comments: list[tokenize.TokenInfo] = []
    code: list[tokenize.TokenInfo] = []
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                comments.append(token)
            elif token.type == tokenize.NEWLINE:
                yield code, "\n".join(comment.string for comment in comments)
                comments, code = [], []
            elif token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING):
                code.append(token)
            elif token.type == tokenize.NL and not token.line.strip():
                comments = comments if code else []


def uses_of_any(path: Path) -> Iterator[tuple[int, bool]]:
    """Line of each ``Any`` outside imports, and whether its statement has a reason."""
    for code, comment in statements(path):
        if code and code[0].string not in ("import", "from"):
            for token in code:
                if token.type == tokenize.NAME and token.string == "Any":
                    yield token.start[0], REASON in comment


def test_no_public_class_name_occurs_twice() -> None:
    places = defaultdict(list)
    for path in modules(*PACKAGES, "docs", "tests"):
        for node in public_classes(ast.parse(path.read_text(encoding="utf-8")).body):
            places[node.name].append(place(path, node.lineno))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_docstring_opens_with_so() -> None:
    found = [
        f"{place(path, docstring.lineno)}: {str(docstring.value)[:60]}"
        for path in modules(*PACKAGES)
        # What says it nowhere need not be parsed.
        if "So " in (text := path.read_text(encoding="utf-8"))
        for docstring in docstrings(ast.parse(text))
        if str(docstring.value).startswith("So ")
    ]
    assert found == []


def test_no_module_is_too_long() -> None:
    lengths = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in modules(*PACKAGES)}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


@pytest.mark.parametrize("package", ["edge", "train"])
def test_few_modules_lie_at_the_root_of_a_package(package: str) -> None:
    files = sorted(path.name for path in (ROOT / package).glob("*.py"))
    assert 0 < len(files) <= MAX_ROOT_FILES, files


def test_any_is_rare_and_has_a_reason() -> None:
    uses = [
        (place(path, line), has_reason)
        for path in modules("edge", "hardware")
        if "Any" in path.read_text(encoding="utf-8")
        for line, has_reason in uses_of_any(path)
    ]
    assert [found for found, has_reason in uses if not has_reason] == []
    assert len(uses) <= MAX_ANY


def test_reasons_for_any_are_found_on_the_line_and_above(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "from typing import Any\n"
        "a: Any  # Any: on the line\n"
        "# Any: on the lines above,\n"
        "# of which there are two\n"
        "def f(\n"
        "    b: Any,\n"
        ") -> Any: ...\n"
        "# Any: above an empty line, of something else\n"
        "\n"
        "c: Any\n"
    )
    assert list(uses_of_any(module)) == [(2, True), (6, True), (7, True), (10, False)]
