"""What is wrong with an event log that cannot be used as it is."""

KINDS = ("damaged", "foreign", "newer")
"""Why a log is set aside; part of its new name. They differ in what the operator can do."""


class LogDamageError(Exception):
    """The log cannot be used as it is.

    Attributes:
        kind: one of ``KINDS``.
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
