"""Which venues of an overview somebody looks at, and in which order: what stands in the address of a page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from urllib.parse import urlencode

from passerby.hub.contract import Venue
from passerby.hub.overview import Health, VenueNow, Worry

_WORST = {health: place for place, health in enumerate((Health.SILENT, Health.ATTENTION, Health.OVERDUE))}
_WORRIES = {worry: place for place, worry in enumerate(Worry)}
_LAST = float("inf")


class Order(StrEnum):
    """What the first venues of a list have most of."""

    ATTENTION = "attention"
    NAME = "name"
    INSIDE = "inside"
    FULLEST = "fullest"
    VISITORS = "visitors"
    MORE = "more"
    FEWER = "fewer"
    MASKS = "masks"
    SHELVES = "shelves"
    CAMERAS = "cameras"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Choosing:
    """What was chosen; an empty text chooses all.

    Attributes:
        organisation, district, brand, tag: venues that have just this.
        health: a word of `Health`.
        text: is somewhere in the name, the short name, the district, the brand or a tag.
        sort: order.
    """

    organisation: str = ""
    district: str = ""
    brand: str = ""
    tag: str = ""
    health: str = ""
    text: str = ""
    sort: Order = Order.ATTENTION

    @staticmethod
    def of(parameters: Mapping[str, str]) -> "Choosing":
        """What an address asks for; what it does not say right chooses all."""
        said = {one.name: parameters[one.name][:128] for one in fields(Choosing) if one.name in parameters}
        sort = said.pop("sort", "")
        chosen = Choosing(**said, sort=Order(sort) if sort in set(Order) else Order.ATTENTION)
        return chosen if chosen.health in {"", *Health} else replace(chosen, health="")

    def address(self, path: str, **other: str) -> str:
        """The address that asks for this, with something else instead."""
        said = self._said() | other
        said = {name: value for name, value in said.items() if value and (name, value) != ("sort", Order.ATTENTION)}
        return f"{path}?{urlencode(said)}" if said else path

    def but(self, **other: str) -> "Choosing":
        """The same, with something else instead."""
        return Choosing.of(self._said() | other)

    def _said(self) -> dict[str, str]:
        return {one.name: str(getattr(self, one.name)) for one in fields(self)}

    @property
    def narrows(self) -> bool:
        """Whether it leaves any venue out."""
        return self != Choosing(sort=self.sort)

    def chosen(self, venues: Iterable[VenueNow]) -> list[VenueNow]:
        """The venues, in their order; within it by name."""
        found = [one for one in venues if self._takes(one)]
        return sorted(found, key=_KEYS[self.sort])

    def _takes(self, now: VenueNow) -> bool:
        venue = now.venue
        return (
            (not self.organisation or venue.organisation == self.organisation)
            and (not self.district or venue.district == self.district)
            and (not self.brand or venue.brand == self.brand)
            and (not self.tag or self.tag in venue.tags)
            and (not self.health or now.health == self.health)
            and (not self.text or self.text.strip().casefold() in _texts(venue))
        )


def offered(venues: Iterable[VenueNow]) -> dict[str, list[str]]:
    """What can be chosen among venues, by the name of the choice; each in the order of the alphabet."""
    found: dict[str, set[str]] = {"organisation": set(), "district": set(), "brand": set(), "tag": set()}
    for one in venues:
        venue = one.venue
        for name, value in (("organisation", venue.organisation), ("district", venue.district), ("brand", venue.brand)):
            if value:
                found[name].add(value)
        found["tag"].update(venue.tags)
    return {name: sorted(values, key=str.casefold) for name, values in found.items()}


def _texts(venue: Venue) -> str:
    return "\n".join((venue.name, venue.slug, venue.district, venue.brand, *venue.tags)).casefold()


def _attention(now: VenueNow) -> float:
    """The worst first; then those without trouble, and those that are not awaited yet at the end."""
    base = {Health.GOOD: 100.0, Health.ABSENT: 200.0}.get(now.health)
    if base is not None:
        return base
    worst = min((_WORRIES[worry] for worry in now.worries), default=len(_WORRIES))
    return worst + 0.1 * _WORST[now.health]


def _most(value: float | None) -> float:
    """Sorts most first, and what is not known last."""
    return _LAST if value is None else -value


def _share(now: VenueNow) -> float | None:
    inside = now.inside
    return inside.people / inside.limit if inside and inside.limit else None


def _masked(now: VenueNow) -> float:
    share = now.mask_share
    return _LAST if share is None or share.share is None else share.share


def _shelves(now: VenueNow) -> float | None:
    return now.shelves.empty / now.shelves.facings if now.shelves and now.shelves.facings else None


def _silent(now: VenueNow) -> float:
    return _LAST if now.heard_unix_s is None else now.heard_unix_s


_FIRST: dict[Order, Callable[[VenueNow], float]] = {
    Order.ATTENTION: _attention,
    Order.NAME: lambda _now: 0.0,
    Order.INSIDE: lambda now: _most(now.inside.people if now.inside else None),
    Order.FULLEST: lambda now: _most(_share(now)),
    Order.VISITORS: lambda now: _most(now.visitors.came.total if now.visitors.came else None),
    Order.MORE: lambda now: _most(now.visitors.change),
    Order.FEWER: lambda now: _LAST if now.visitors.change is None else now.visitors.change,
    Order.MASKS: _masked,
    Order.SHELVES: lambda now: _most(_shelves(now)),
    Order.CAMERAS: lambda now: -(now.cameras.down + 0.001 * now.cameras.failing),
    Order.SILENT: _silent,
}


def _key(first: Callable[[VenueNow], float]) -> Callable[[VenueNow], tuple[float, str, int]]:
    return lambda now: (first(now), now.venue.name.casefold(), now.venue.number)


_KEYS = {order: _key(first) for order, first in _FIRST.items()}
