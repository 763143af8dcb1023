"""Made-up venues as a register has them. Their names say that they are examples, and their telephones ring nowhere."""

from datetime import date, timedelta

from passerby.hub.contract import Contact, Venue
from passerby.hub.simulate.fleet import Fate, SimulatedVenue

ROLES = {
    "Mall": "Centre manager",
    "Market": "Store manager",
    "Station": "Station manager",
    "Hospital": "Hygiene officer",
}
MADE_UP = "made up"
"""A tag of every venue that does not exist."""
_OVERDUE_DAYS, _DUE_DAYS = 9, 21
_PHONE = "+999 000 {:04d}"  # no country has this code


def venue_of(simulated: SimulatedVenue, today: date) -> Venue:
    """What its operator would have registered.

    Args:
        simulated: the venue.
        today: its deadline lies before or after it.
    """
    due = -_OVERDUE_DAYS if simulated.fate is Fate.OVERDUE else _DUE_DAYS
    kind = simulated.kind
    return Venue(
        number=0,
        slug=simulated.slug,
        name=simulated.name,
        organisation=kind.organisation,
        district=simulated.district.name,
        brand=f"Example {kind.name}",
        tags=(*kind.tags, MADE_UP),
        latitude=simulated.latitude,
        longitude=simulated.longitude,
        zone=simulated.zone,
        hours=kind.hours,
        contact=Contact(
            role=ROLES.get(kind.name, "House manager"),
            phone=_PHONE.format(simulated.number % 10_000),
            mail=f"duty@{simulated.slug}.example",
        ),
        expected_cameras=simulated.cameras,
        expected_lines=len(simulated.doors),
        capacity=simulated.capacity,
        deadline=today + timedelta(days=due),
    )
