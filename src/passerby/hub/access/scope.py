"""Which venues an account may see. Every page, every answer of the API and every alert is filtered by it."""

from collections.abc import Iterable
from dataclasses import dataclass

from passerby.hub.contract import Venue
from passerby.records.access import Account, Role

ORGANISATION, DISTRICT, VENUE = "organisation", "district", "venue"


@dataclass(frozen=True, slots=True)
class Scope:
    """The venues of an account: those that any of its parts names.

    Attributes:
        whole: it is all of the hub, and venues that are registered later.
        organisations, districts: all venues of these; capitals make no difference.
        venues: numbers of single venues.
    """

    whole: bool = False
    organisations: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    venues: frozenset[int] = frozenset()

    def may_see(self, venue: Venue) -> bool:
        """Whether a venue belongs to it."""
        return (
            self.whole
            or venue.number in self.venues
            or (venue.organisation.casefold() in self.organisations and venue.organisation != "")
            or (venue.district.casefold() in self.districts and venue.district != "")
        )

    def of(self, venues: Iterable[Venue]) -> list[Venue]:
        """Those venues that belong to it, in the order that they came in."""
        return [venue for venue in venues if self.may_see(venue)]


WHOLE = Scope(whole=True)
NOTHING = Scope()


def scope(account: Account | None) -> Scope:
    """Which venues an account may see. A stranger sees none; a word that is not understood opens nothing."""
    if account is None:
        return NOTHING
    if account.reach is None:
        return WHOLE
    found: dict[str, set[str]] = {ORGANISATION: set(), DISTRICT: set(), VENUE: set()}
    for word in account.reach:
        kind, _, value = word.partition(":")
        found.get(kind, set()).add(value.casefold())
    return Scope(
        organisations=frozenset(found[ORGANISATION]),
        districts=frozenset(found[DISTRICT]),
        venues=frozenset(int(one) for one in found[VENUE] if one.isdecimal()),
    )


def reach(organisations: Iterable[str], districts: Iterable[str], venues: Iterable[int]) -> tuple[str, ...] | None:
    """A scope as an account holds it; None, which is the whole hub, where nothing is named."""
    words = [
        *(f"{ORGANISATION}:{one}" for one in organisations),
        *(f"{DISTRICT}:{one}" for one in districts),
        *(f"{VENUE}:{one}" for one in venues),
    ]
    return tuple(words) or None


def may_run_hub(account: Account | None) -> bool:
    """Whether an account may change what is not one venue's: who is let in, the list of venues, the log."""
    return account is not None and account.role >= Role.ADMIN and scope(account).whole
