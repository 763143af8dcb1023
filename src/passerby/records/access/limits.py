"""Slows guessing down: after a few wrong passwords each further try has to wait, and longer each time."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """How many wrong tries are free, and how long the wait becomes.

    Attributes:
        free: tries without a wait.
        most_s: the longest wait; the wait doubles from 1 s up to it.
        forget_s: tries are forgotten so long after the last one.
    """

    free: int
    most_s: float
    forget_s: float

    def wait_s(self, tries: int) -> float:
        """How long to wait after so many wrong tries."""
        return 0.0 if tries < self.free else min(self.most_s, 2.0 ** min(tries - self.free, 30))


ACCOUNT = Limit(free=5, most_s=60.0, forget_s=3600.0)
"""Of one name. The wait stays short, since a stranger can make it too, and must not lock the owner out."""
ADDRESS = Limit(free=15, most_s=600.0, forget_s=3600.0)
"""Of one address, which several people may share."""


class Tries:
    """Wrong tries by key.

    Args:
        limit: how many, how long.
        clock: seconds, which only go on.
    """

    def __init__(self, limit: Limit, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._clock = clock
        self._known: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """How long this key has to wait from now."""
        tries, last_s = self._known.get(key, (0, 0.0))
        passed_s = self._clock() - last_s
        if passed_s >= self._limit.forget_s:
            self._known.pop(key, None)
            return 0.0
        return max(0.0, self._limit.wait_s(tries) - passed_s)

    def add(self, key: str) -> int:
        """Counts a try before it is known to be wrong, so that many at once are no way around; gives the number."""
        tries = self._known.get(key, (0, 0.0))[0] + 1
        self._known[key] = (tries, self._clock())
        self._known.move_to_end(key)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return tries

    def forgive(self, key: str) -> None:
        """The last try was right: the earlier ones are forgotten."""
        self._known.pop(key, None)

    def take_back(self, key: str) -> None:
        """The last try was right: that one is not counted, and the earlier ones are."""
        tries, last_s = self._known.get(key, (0, 0.0))
        if tries > 1:
            self._known[key] = (tries - 1, last_s)
        else:
            self._known.pop(key, None)


def address_key(host: str) -> str:
    """One key for all addresses that one household or machine is given: of IPv6 the first 64 bits."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return str(address)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
