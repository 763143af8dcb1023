"""A hub with a few scripted venues over five weeks, in real stores, whose figures can be reckoned by hand.

Each venue that sends has two doors and, by its script, masks at the first of them. In the hour from `hour` on, so many
came in at the first door as `came` says, half of them at the second.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from passerby.core.tallies import Measure
from passerby.hub.board import HubBoard, Sources
from passerby.hub.contract import Contact, Delivered, Known, Venue, VenueState
from passerby.hub.fleet import Fleet
from passerby.hub.register import Database, Register
from passerby.hub.series import SqliteSeries
from passerby.records.wire.batches import (
    Batch,
    CameraStanding,
    Layout,
    OutboxStanding,
    PlaceName,
    PlaceStanding,
    Row,
    ShelfStanding,
    Standing,
)
from passerby.records.wire.checking import digest_of

NOW = 1_760_012_000
"""Thursday 9 October 2025, 14:13:20 in Paris."""
UNTIL = 1_760_011_200
"""Where the newest window ends: 14:00 in Paris."""
HOUR_S, DAY_S = 3600, 86_400
DAYS = 36
OPEN, CLOSED = 8, 20
WEEKS = (1.0, 1.1, 0.9, 1.0)
"""How busy the weekday was one, two, three and four weeks ago: the median is 1."""
_CAMERAS = ("entrance", "side", "hall", "shop")
_PLACES = (
    PlaceName("entrance", "Main door", "line"),
    PlaceName("side", "Side door", "line"),
    PlaceName("", "Mall", "place"),
    PlaceName("shop", "Cereals", "shelf"),
    PlaceName("hall", "Hall", "zone"),
)


@dataclass(frozen=True, slots=True)
class Script:
    """A venue and what is told of it.

    Attributes:
        today: how busy it is today, by what is usual.
        base: people at the first door in an open hour of a usual day.
        masked: of ten judged in an hour; None: nothing there asks for masks.
        judged: in an open hour.
        inside: people; None: it does not send.
        statuses: of its cameras.
        conforming: of its cameras.
        empty: of forty facings; None: no shelves.
        silent_s: for so long nothing was heard of it.
    """

    venue: Venue
    base: int = 100
    today: float = 1.0
    masked: int | None = None
    judged: int = 20
    inside: float | None = 200.0
    statuses: tuple[int, ...] = (1, 1, 1, 1)
    conforming: tuple[int, ...] = (1, 1, 1, 1)
    empty: int | None = None
    silent_s: float = 20.0

    @property
    def joined(self) -> bool:
        """Whether it ever sent."""
        return self.inside is not None


def _venue(slug: str, name: str, district: str, at: tuple[float, float], **other: object) -> Venue:
    return replace(
        Venue(
            number=0,
            slug=slug,
            name=name,
            organisation="Tide Malls",
            district=district,
            brand="Tide",
            latitude=at[0],
            longitude=at[1],
            zone="Europe/Paris",
            hours=((OPEN * 60, CLOSED * 60),) * 6 + (None,),
            contact=Contact("Centre manager", "+33 1 23 45 67 89", f"manager@{slug}.example"),
            expected_cameras=4,
            expected_lines=2,
            capacity=1000,
            deadline=date(2025, 12, 1),
        ),
        **other,  # type: ignore[arg-type]
    )


SCRIPTS = (
    Script(_venue("harbour", "Harbour Mall", "North", (50.95, 1.86), tags=("flagship",)), 400, 1.2, 8, inside=812.0),
    Script(_venue("lighthouse", "Lighthouse Centre", "North", (50.72, 1.6)), 250, 1.0, 5, empty=2),
    Script(_venue("canal", "Canal Arcade", "North", (50.63, 3.06)), 180, 0.8, 9, 1, statuses=(1, 2, 1, 1)),
    Script(_venue("station", "Station Shops", "North", (50.28, 2.78)), 300, 1.02, inside=1043.0),
    Script(_venue("garden", "Garden Mall", "South", (43.3, 5.37), brand="Green"), 220, 0.9, 7),
    Script(_venue("quay", "Quay Mall", "South", (43.7, 7.26), brand="Green"), 320, 1.1, 6, empty=12),
    Script(_venue("hill", "Hill Mall", "South", (43.6, 3.88)), 150, conforming=(1, 0, 0, 1)),
    Script(_venue("valley", "Valley Mall", "South", (43.6, 1.44)), 130, silent_s=3 * HOUR_S),
    Script(_venue("ward", "Ward Clinic", "West", (47.2, -1.55), organisation="Tide Clinics"), 60, 1.0, 9),
    Script(_venue("bridge", "Bridge Mall", "West", (44.84, -0.58), expected_cameras=6), 210, 1.3),
    Script(_venue("late", "Late Mall", "West", (48.1, -1.68), deadline=date(2025, 10, 1)), inside=None),
    Script(_venue("coming", "Coming Mall", "West", (48.39, -4.48)), inside=None),
)  # fmt: skip


@dataclass(slots=True)
class FilledHub:
    """Stores with all that the scripts tell, and a board that reads them."""

    series: SqliteSeries
    register: Register
    fleet: Fleet
    board: HubBoard
    now: float = NOW

    def number(self, slug: str) -> int:
        """Of a venue."""
        return self.register.known(slug).number

    def tell(self, script: Script, number: int) -> None:
        """Lets a venue say how it is, as of now."""
        heard = self.now - script.silent_s
        self.fleet.hear(number, lambda _before: Known(heard, layout(script), standing(script, int(heard))))


def layout(script: Script) -> Layout:
    """The names of a venue's places."""
    return Layout(_CAMERAS, _PLACES, script.venue.zone, HOUR_S, "internal")


def standing(script: Script, clock_unix_s: int) -> Standing:
    """How a venue is."""
    names = ("clock-drift", "default-password")
    cameras = tuple(
        CameraStanding(index, status, conforms, names if conforms == 0 else ())
        for index, (status, conforms) in enumerate(zip(script.statuses, script.conforming, strict=True))
    )
    shelves = (ShelfStanding(3, 40, script.empty, 3, 1),) if script.empty is not None else ()
    return Standing(
        clock_unix_s=clock_unix_s,
        layout=digest_of(layout(script)),
        locked=True,
        problems=sum(status != 1 for status in script.statuses),
        outbox=OutboxStanding(2, clock_unix_s - 60, 0),
        cameras=cameras,
        places=(PlaceStanding(2, round(10 * (script.inside or 0)), 0, UNTIL),),
        shelves=shelves,
    )


def came(script: Script, day: date, hour: int) -> int:
    """People at the first door in an hour of a day."""
    today = datetime.fromtimestamp(NOW, ZoneInfo(script.venue.zone)).date()
    weeks, rest = divmod((today - day).days, 7)
    busy = script.today if day == today else WEEKS[weeks - 1] if rest == 0 and 1 <= weeks <= len(WEEKS) else 0.7
    return round(script.base * busy) if OPEN <= hour < CLOSED else 0


def _rows(script: Script, start: int, moment: datetime) -> Iterator[Row]:
    first = came(script, moment.date(), moment.hour)
    seen = 1000 * HOUR_S

    def row(place: int, measure: Measure, total: int, exposure: int, part: int = 0) -> Row:
        return Row(place, measure, part, start, HOUR_S, NOW - 50 * DAY_S, 0, total, exposure)

    for place, people in ((0, first), (1, first // 2)):
        for measure in (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT):
            yield row(place, measure, 1000 * people, seen)
    if script.masked is not None and first:
        masked = script.judged * script.masked // 10
        yield row(0, Measure.MASKED, 1000 * masked, 1000 * script.judged)
        yield row(0, Measure.WORN_WRONGLY, 0, 1000 * script.judged)
        yield row(0, Measure.CANNOT_TELL, 2000, 1000 * (script.judged + 2))
    if script.empty is not None:
        yield row(3, Measure.SHELF_SEEN, 40 * seen, 40 * seen)
        yield row(3, Measure.SHELF_EMPTY, script.empty * seen, 40 * seen)
    yield row(4, Measure.PEOPLE, 12 * seen, seen)
    yield row(4, Measure.PEAK, 20_000, seen)
    for part in (5, 6):
        yield row(4, Measure.DWELL, 10_000, seen, part)


def deliver(series: SqliteSeries, number: int, script: Script) -> None:
    """Stores all tallies of a venue: a batch for each day."""
    zone, names = ZoneInfo(script.venue.zone), layout(script)
    until = UNTIL if script.silent_s < HOUR_S else UNTIL - 3 * HOUR_S
    batches: list[Batch] = []
    for days in range(DAYS, -1, -1):
        day = datetime.fromtimestamp(NOW, zone).date() - timedelta(days=days)
        since = int(datetime.combine(day, time(), zone).timestamp())
        end = int(datetime.combine(day + timedelta(days=1), time(), zone).timestamp())
        rows = tuple(
            row
            for start in range(since, min(end, until), HOUR_S)
            for row in _rows(script, start, datetime.fromtimestamp(start, zone))
        )
        batches.append(Batch(f"{number:032x}", len(batches) + 1, digest_of(names), min(end, until), rows))
    taken = series.take(Delivered(number, script.venue.zone, tuple(batches), {digest_of(names): names}, NOW))
    assert taken.mark == len(batches), taken


@contextmanager
def filled_hub(folder: Path, scripts: tuple[Script, ...] = SCRIPTS) -> Iterator[FilledHub]:
    """Stores in a folder, filled."""
    register = Register(Database(folder / "register.sqlite"), lambda: NOW)
    series, fleet = SqliteSeries(folder / "series.sqlite"), Fleet(folder / "fleet.sqlite")

    def states() -> dict[int, VenueState]:
        invited = {one.number for one in register.venues() if one.slug == "coming"}
        return {one.number: fleet.state_of(one, hub.now, invited=one.number in invited) for one in register.venues()}

    board = HubBoard(Sources(series, register.venues, states, fleet.all, lambda: hub.now), every_s=0.5)
    hub = FilledHub(series, register, fleet, board)
    try:
        for script in scripts:
            venue = register.add(script.venue, "test")
            if script.joined:
                deliver(series, venue.number, script)
                hub.tell(script, venue.number)
        yield hub
    finally:
        fleet.close()
        series.close()
