"""The topics of a bin at the broker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topics:
    """Where what stands.

    Attributes:
        prefix: what every topic begins with.
        name: of the bin.
    """

    prefix: str
    name: str

    @property
    def availability(self) -> str:
        """``online``, or ``offline`` by the link's last will; retained."""
        return self._topic("availability")

    @property
    def state(self) -> str:
        """How the bin is; retained."""
        return self._topic("state")

    @property
    def trouble(self) -> str:
        """What is wrong; retained."""
        return self._topic("trouble")

    @property
    def level(self) -> str:
        """How full the bins are; retained."""
        return self._topic("level")

    @property
    def containers(self) -> str:
        """The bins as a city's platform knows them; retained."""
        return self._topic("containers")

    @property
    def figures(self) -> str:
        """What was sorted today, and how warm the board is; retained."""
        return self._topic("figures")

    @property
    def event(self) -> str:
        """An item each."""
        return self._topic("event")

    @property
    def picture(self) -> str:
        """The newest item's picture; retained."""
        return self._topic("picture")

    @property
    def command(self) -> str:
        """What is asked of the bin."""
        return self._topic("command")

    @property
    def answer(self) -> str:
        """What became of it."""
        return self._topic("answer")

    def _topic(self, last: str) -> str:
        return f"{self.prefix}/{self.name}/{last}"
