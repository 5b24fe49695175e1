"""Failed attempts to log in, and how long the next one has to wait: twice as long after each."""

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from hardware.clock import Clock

FREE = 5
"""Number of failures before the first wait: people mistype."""

FIRST_S = 2.0
"""First wait, in seconds."""

LONGEST_S = 900.0
"""Longest wait, in seconds."""

LONGEST_OF_ACCOUNT_S = 30.0
"""Longest wait for an account, in seconds: from elsewhere its owner must still get in while somebody guesses."""

FORGET_S = 3600.0
"""Failures are forgotten after this time without another, in seconds."""

MOST = 2000
"""Number of addresses and accounts that are remembered; the one that failed longest ago is forgotten first."""


@dataclass(slots=True)
class _Failures:
    count: int
    last_s: float


class Attempts:
    """Who failed to log in, how often, and when.

    Args:
        clock: its monotonic time is used.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait_s(self, address: str, account: str) -> float:
        """How long an attempt from an address at an account has to wait, in seconds; 0: not at all."""
        return max(
            self._wait_s(f"from {network_of(address)}", LONGEST_S),
            self._wait_s(f"at {account}", LONGEST_OF_ACCOUNT_S),
        )

    def fail(self, address: str, account: str) -> None:
        """Remember a failure."""
        now_s = self._clock.now_s()
        for name in (f"from {network_of(address)}", f"at {account}"):
            found = self._failures.pop(name, None)
            is_old = found is None or now_s - found.last_s > FORGET_S
            self._failures[name] = _Failures(1 if found is None or is_old else found.count + 1, now_s)
        while len(self._failures) > MOST:
            self._failures.popitem(last=False)

    def succeed(self, address: str, account: str) -> None:
        """Forget the failures of who has logged in."""
        for name in (f"from {network_of(address)}", f"at {account}"):
            self._failures.pop(name, None)

    def _wait_s(self, name: str, longest_s: float) -> float:
        found = self._failures.get(name)
        if found is None or found.count < FREE:
            return 0.0
        # The exponent is bounded first: the count is not.
        wait_s = min(FIRST_S * 2.0 ** min(found.count - FREE, 20), longest_s)
        return max(found.last_s + wait_s - self._clock.now_s(), 0.0)


def network_of(address: str) -> str:
    """What attempts are counted by: an IPv4 address, or the network of an IPv6 address, who has 2^64 of them."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return str(found)
