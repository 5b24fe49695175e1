"""The page's languages: each is one gettext file in ``web/languages``, and English is what stands in the code."""

import ast
import gettext
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).with_name("web") / "languages"

SOURCE = "en"
"""Language of the texts in code and templates."""

_LINE = re.compile(r'(?:(msgid|msgid_plural|msgstr(?:\[(\d)\])?)\s+)?(".*")')


class LanguageFileError(ValueError):
    """A language file cannot be read; its text names the file, the line, and what was expected there."""


@dataclass(frozen=True, slots=True)
class Language:
    """The texts of one language.

    Attributes:
        code: as in HTML's ``lang``, e.g. ``de``.
        name: what its speakers call it.
        decimal_point: what stands before the decimals of a number.
        date_format: a day, as of ``strftime``.
        texts: English -> its forms: one, or one for each of the language's plurals.
        plural_form: number -> index of its form.
    """

    code: str
    name: str
    decimal_point: str = "."
    date_format: str = "%Y-%m-%d"
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plural_form: Callable[[int], int] = lambda number: int(number != 1)

    def text(self, english: str) -> str:
        """A text in this language; English where it has none."""
        found = self.texts.get(english)
        return found[0] if found else english

    def plural(self, one: str, many: str, number: int) -> str:
        """The form of a text that goes with a number.

        Args:
            one, many: the text in English, for one and for any other number.
            number: the number.
        """
        forms = self.texts.get(one, (one, many))
        return forms[min(self.plural_form(number), len(forms) - 1)]


class Languages:
    """All languages of the page.

    Args:
        folder: where their files are.

    Raises:
        LanguageFileError: one cannot be read.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        others = [read_language(path) for path in sorted(folder.glob("*.po"))]
        self.by_code = {one.code: one for one in (Language(SOURCE, "English"), *others)}

    def chosen(self, wished: str | None, accepted: str) -> Language:
        """The language to answer in.

        Args:
            wished: code that the visitor chose on the page; None: none.
            accepted: ``Accept-Language`` of the request; empty: none.
        """
        for code in (wished or "", *_by_quality(accepted)):
            # A region (de-AT) is served by its language.
            if (found := self.by_code.get(code.lower().split("-")[0])) is not None:
                return found
        return self.by_code[SOURCE]


def read_language(path: Path) -> Language:
    """Read a language file in the format of gettext (.po), named after its code.

    Its header names the language (``Language-Name``), its plurals (``Plural-Forms``), and how it writes numbers and days
    (``X-Decimal-Point``, ``X-Date-Format``).

    Raises:
        LanguageFileError: it is none.
    """
    texts = {message["msgid"]: forms for message in _messages(path) if all(forms := _forms(message))}
    header = dict(
        line.split(": ", 1) for line in texts.pop("", ("",))[0].splitlines() if ": " in line
    )  # ``Name: value`` lines
    missing = {"Language-Name", "Plural-Forms", "X-Decimal-Point", "X-Date-Format"} - set(header)
    if missing:
        raise LanguageFileError(f"{path}: the header has no {min(missing)}")
    rule = header["Plural-Forms"].partition("plural=")[2].rstrip(";")
    try:
        # As gettext reads it: without calling anything but the operators of C.
        plural_form: Callable[[int], int] = gettext.c2py(rule)
    except ValueError as error:
        raise LanguageFileError(f"{path}: Plural-Forms: {error}") from error
    return Language(
        code=path.stem,
        name=header["Language-Name"],
        decimal_point=header["X-Decimal-Point"],
        date_format=header["X-Date-Format"],
        texts=texts,
        plural_form=plural_form,
    )


def _messages(path: Path) -> Iterator[dict[str, str]]:
    """Keyword -> string of each message in a file; messages end with an empty line."""
    message: dict[str, str] = {}
    keyword = ""
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], start=1):
        stripped = line.strip()
        if stripped.startswith("#"):
            continue
        if not stripped:
            if message:
                yield message
            message, keyword = {}, ""
            continue
        match = _LINE.fullmatch(stripped)
        keyword = (match[1] or keyword) if match else ""
        if match is None or not keyword or (not message and keyword != "msgid"):
            raise LanguageFileError(f"{path}:{number}: expected msgid, msgid_plural or msgstr and a quoted text")
        message[keyword] = message.get(keyword, "") + ast.literal_eval(match[3])


def _forms(message: Mapping[str, str]) -> tuple[str, ...]:
    """The translations of a message; with an empty one where there is none."""
    found = tuple(text for keyword, text in sorted(message.items()) if keyword.startswith("msgstr"))
    return found or ("",)


def _by_quality(accepted: str) -> list[str]:
    """Codes in an ``Accept-Language``, the most wanted first."""
    wanted = []
    for part in accepted[:200].split(","):
        code, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), code))
        except ValueError:
            continue
    return [code for _, code in sorted(wanted, key=lambda one: one[0])]
