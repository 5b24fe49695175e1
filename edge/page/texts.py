"""Texts that are written in one place and translated in another."""

from edge.errors import SorterError


def mark(text: str) -> str:
    """The text itself. By this name a test finds what has to be translated."""
    return text


class PageError(SorterError, ValueError):
    """Something cannot be done, for a reason that whoever asked for it can do something about.

    Args:
        text: the reason in English, marked for translation, with ``%(name)s`` where values belong.
        values: the values.
    """

    exit_code = 65

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text % values if values else text)
        self.text = text
        self.values = values
