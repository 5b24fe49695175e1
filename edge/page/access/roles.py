"""What an account may do on the page."""

from enum import StrEnum


class Role(StrEnum):
    """A role; each may do what the ones before it may."""

    LOOK = "look"
    """See the bin, its items and its figures."""
    TEACH = "teach"
    """Correct decisions and teach; pause the bin."""
    SET_UP = "set up"
    """Change the configuration and the accounts."""

    def includes(self, other: "Role") -> bool:
        """Whether who has this role may do what ``other`` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)
