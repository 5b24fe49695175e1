"""Masks passwords in text: in addresses, in their paths and queries, and after names such as ``password=``."""

import re

MASK = "***"

WHOLE = 2000
"""Characters of a value in which a password is looked for before it is shown in a message; what comes later is not shown."""

_WORD = re.compile(r'(?:\\.|[^\s"\\])+')
# A path leaves one slash of an address's two.
_SCHEME = re.compile(r"://|(?<=\w\w):/")
# user:password@host, the scheme forgotten, or cut off by whoever quotes.
_WITHOUT_SCHEME = re.compile(r'(?<![\w/@.:-])[^\s:/@"\'=,(]{1,64}:(?!//)(?:\\.|[^\s:@"\\]){1,200}@(?=[\w\[])')
# user:password@host after a scheme, with spaces in the password.
_SPACED = re.compile(r'(?:(?<=://)|(?<=\w\w:/)(?!/))[^\s:/@"\'?#]{1,64}:(?:\\.|[^\n/@"\\]){1,200}@(?=[\w\[])')
_NAMES = (
    r"(?:\w*?(?:passw(?:or)?[dt]|passphrase|kennwort|pwd|psw|pass|pas)|(?:\w*_)?pw|\w*secret|\w*token|(?:\w*_)?api[_-]?key"
    r"|\w*access[_-]?key|(?:\w*_)?auth|(?:\w*_)?sig(?:nature)?|\w*credentials?|(?<=[?&])key)"
)
_ASSIGNED = re.compile(
    rf'(?<![\w])(?P<name>{_NAMES})(?P<is>\s*(?:=|%3D)\s*|(?P<quote>["\'])\s*[:=]\s*(?=["\']))'
    r'(?P<value>"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|\'?(?:\\.|[^\s&"\'\\])+)',
    re.IGNORECASE,
)
# As YAML writes it inside a value. At the beginning of a line it may be a message about a key of this name.
_YAML = re.compile(
    rf'(?P<name>[{{\[,"\']\s{{0,80}}{_NAMES})(?P<is>:\s+)'
    r'(?P<value>"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|(?:\\.|[^\s,}\]"\'\\])(?:\\.|[^,}\]"\'\\\n])*)',
    re.IGNORECASE,
)
# As HTTP writes it (RFC 9110, section 11.4).
_HEADER = re.compile(r"(?P<scheme>\b(?:Basic|Bearer|Digest)\s+)[A-Za-z0-9+/=._~-]{6,}")
_NAME = re.compile(_NAMES, re.IGNORECASE)


def mask_passwords(text: str) -> str:
    """The text with ``***`` in place of every password that can be told as one.

    Masked are: what stands before the host in an address (``rtsp://user:password@camera``, the scheme may be missing), and
    the value after a name such as ``password=``, ``pwd=`` or ``token=``, wherever it stands: query, path, list, plain text; also
    as ``{password: value}``; and what follows ``Authorization: Basic``.
    A password that is a bare part of a path (``/live/admin/secret``) cannot be told from a folder.
    """
    if "@" in text:
        text = _WORD.sub(_without_user_part, text)
        text = _SPACED.sub(f"{MASK}@", text)
        text = _WITHOUT_SCHEME.sub(f"{MASK}@", text)
    if "uthorization" in text:
        text = _HEADER.sub(rf"\g<scheme>{MASK}", text)
    if "=" in text or ":" in text or "%3" in text:
        text = _ASSIGNED.sub(_masked_value, text)
        text = _YAML.sub(_masked_value, text)
    return text


def _without_user_part(word: re.Match[str]) -> str:
    start = _SCHEME.search(word[0])
    # Up to the last @: people type passwords with / and @ into addresses as they are.
    if start is None or (end := word[0].rfind("@")) < start.end():
        return word[0]
    return f"{word[0][: start.end()]}{MASK}{word[0][end:]}"


def _masked_value(found: re.Match[str]) -> str:
    quote = found["value"][0] if found["value"][0] in "\"'" else ""
    return f"{found['name']}{found['is']}{quote}{MASK}{quote}"


def shown(value: object, most: int, *, key: str = "") -> str:
    """A wrong value for an error message: as Python writes it, masked before it is cut to ``most`` characters.

    A password in an address is told by what follows it, so that it has to be looked for in the whole. Where the last part of
    the value's key (``a.b.password``) is the name of a password, all of the value is masked.
    """
    if _NAME.fullmatch(key.rpartition(".")[2]):
        return MASK
    if isinstance(value, str | bytes):
        value = value[:WHOLE]
    try:
        text = repr(value)
    except RecursionError:
        return f"a {type(value).__name__} nested too deeply to be shown"
    return mask_passwords(text[: 2 * WHOLE])[:most]
