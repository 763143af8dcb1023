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


PAIR = Limit(free=5, most_s=60.0, forget_s=3600.0)
"""Of one name at one address."""
ADDRESS = Limit(free=15, most_s=600.0, forget_s=3600.0)
"""Of one address, which several people may share."""
ACCOUNT = Limit(free=50, most_s=60.0, forget_s=3600.0)
"""Of one name, wherever it is tried. A stranger can make the wait too, so it begins late, stays short, and holds up
nobody at an address from which they signed in before."""
_MOST_HOMES = 1000


class Limits:
    """Wrong tries to sign in, and who has to wait for them.

    Args:
        clock: seconds, which only go on.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._pairs, self._addresses, self._accounts = Tries(PAIR, clock), Tries(ADDRESS, clock), Tries(ACCOUNT, clock)
        self._homes: OrderedDict[str, None] = OrderedDict()

    def wait_s(self, account: str, address: str) -> float:
        """How long a name has to wait at an address."""
        pair = _pair(account, address)
        anywhere_s = 0.0 if pair in self._homes else self._accounts.wait_s(account)
        return max(self._pairs.wait_s(pair), self._addresses.wait_s(address), anywhere_s)

    def add(self, account: str, address: str) -> int:
        """Counts a try before it is known to be wrong; gives how many there were of that name in a row."""
        self._pairs.add(_pair(account, address))
        self._addresses.add(address)
        return self._accounts.add(account)

    def right(self, account: str, address: str) -> None:
        """The last try was right."""
        pair = _pair(account, address)
        self._pairs.forgive(pair)
        self._addresses.take_back(address)
        self._accounts.forgive(account)
        self._homes[pair] = None
        self._homes.move_to_end(pair)
        while len(self._homes) > _MOST_HOMES:
            self._homes.popitem(last=False)


def _pair(account: str, address: str) -> str:
    return f"{address} {account}"


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
