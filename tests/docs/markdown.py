"""What the tests of the docs read in a Markdown page: its links, and the anchors of its headings."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1`*[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_HTML = re.compile(r"""\b(?:src|href)="([^"]+)\"""")
_DIRECTIVE = re.compile(r"^\s*`{3,}\{(?:image|include)\}\s+(\S+)", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:|^//")


def relative_links(text: str) -> Iterator[str]:
    """Targets of links and pictures that lead into the repository, with their anchors; code is left out."""
    directives = _DIRECTIVE.findall(text)
    prose = _CODE.sub("", _FENCE.sub("", text))
    for target in (*_LINK.findall(prose), *_HTML.findall(prose), *directives):
        if not _ELSEWHERE.match(target):
            yield target


def anchors(text: str) -> set[str]:
    """What a link to a heading may end with, as forges and MyST make it."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def broken_links(page: Path) -> Iterator[str]:
    """Links of a page that lead nowhere, each with the reason."""
    text = page.read_text(encoding="utf-8")
    for target in relative_links(text):
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists():
            yield f"{target}: no such file"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text(encoding="utf-8")):
            yield f"{target}: no such heading"
