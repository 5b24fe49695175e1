"""How full the bins below the simulated flaps are."""

from collections.abc import Iterable

ITEM_SHARE = 0.02
"""Share of a bin that an item fills: about fifty items fill one."""

EMPTIED_AFTER_S = 120.0
"""Time after which a full bin is emptied, in seconds: long enough for the sorter to notice that it is full."""


class SimFillLevels:
    """What has fallen into the bins.

    Args:
        bins: their names.
    """

    def __init__(self, bins: Iterable[str]) -> None:
        self._shares = dict.fromkeys(bins, 0.0)
        self._full_s: dict[str, float] = {}

    def add(self, bin: str, time_s: float, share: float = ITEM_SHARE) -> None:
        """Change a bin's level by a share of what it can hold (-1..1); time in seconds of the world's clock."""
        self._shares[bin] = min(max(self._shares[bin] + share, 0.0), 1.0)
        if self._shares[bin] < 1.0:
            self._full_s.pop(bin, None)
        else:
            self._full_s.setdefault(bin, time_s)

    def level(self, bin: str, time_s: float) -> float:
        """How full a bin is, 0..1."""
        if time_s - self._full_s.get(bin, time_s) >= EMPTIED_AFTER_S:
            self.add(bin, time_s, -1.0)
        return self._shares[bin]
