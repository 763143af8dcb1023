"""The answers of a hub's API, for its description in OpenAPI."""

from pydantic import Field

from passerby.records.answers import Answer


class InsideNow(Answer):
    """People inside, as of the last closed window."""

    people: float
    limit: int | None
    until_unix_s: int


class VisitorsToday(Answer):
    """Visitors of today, by the venue's calendar."""

    today: float
    until_unix_s: int
    coverage: float | None = Field(description="Share of the day's time so far that its lines were seen, 0..1.")
    usual: float | None = Field(description="Median of the same weekday of four weeks before, up to the same time.")


class MasksToday(Answer):
    """Masks today; withheld where too few were judged."""

    asked: int
    judged: int
    withheld: bool
    masked: int | None
    share: float | None
    low: float | None
    high: float | None
    cannot_tell_share: float | None


class Shelves(Answer):
    """Facings of all shelves."""

    facings: int
    empty: int
    low: int
    unseen: int


class Cameras(Answer):
    """Cameras: expected by the register, known at the site, and how they are."""

    expected: int
    known: int
    live: int
    down: int
    failing: int
    conforming: int


class VenueAnswer(Answer):
    """A venue now."""

    venue: str = Field(description="Its short name, as addresses have it.")
    name: str
    organisation: str
    district: str
    brand: str
    tags: list[str]
    latitude: float | None
    longitude: float | None
    time_zone: str
    state: str
    health: str
    worries: list[str]
    heard_unix_s: float | None
    inside: InsideNow | None
    visitors: VisitorsToday | None
    masks: MasksToday | None
    shelves: Shelves | None
    cameras: Cameras
    batches_waiting: int
    problems: int
    clock_off_s: float


class TotalsAnswer(Answer):
    """All venues of the answer together."""

    venues: int
    connected: int
    conforming: int
    silent: int
    overdue: int
    people_inside: float
    venues_telling: int
    visitors_today: float
    venues_counting: int
    masks: MasksToday | None


class VenuesAnswer(Answer):
    """Venues now."""

    as_of_unix_s: float
    problem: str | None = Field(description="Why something could not be read; what was known before is told.")
    totals: TotalsAnswer
    venues: list[VenueAnswer]


class ContactAnswer(Answer):
    """Who is responsible: a role."""

    role: str
    phone: str
    mail: str


class PlaceAnswer(Answer):
    """Something that is tallied at."""

    camera: str
    name: str
    kind: str


class VenueDetailAnswer(VenueAnswer):
    """A venue now, with all that is registered."""

    contact: ContactAnswer
    hours: str
    capacity: int | None
    expected_lines: int
    deadline: str | None
    lacks: list[str] = Field(description="What it lacks until it conforms, in words.")
    places: list[PlaceAnswer]
    window_s: int | None


class HubTally(Answer):
    """One step of a place."""

    camera: str
    name: str = Field(description="Of the line, zone, shelf or place; empty for the whole site.")
    measure: str
    part: int
    start_unix_s: int
    start: str
    width_s: int
    total: float | None
    exposure: float
    value: float | None
    withheld: bool = Field(description="Of too few people judged no share is told.")
    doubtful: bool = Field(description="Part of it comes from a clock that was off, or from before the lock-down.")


class HubTalliesAnswer(Answer):
    """Tallies of a venue."""

    venue: str
    tallies: list[HubTally]
    truncated: bool


class DayAnswer(Answer):
    """A day of a group of venues."""

    group: str
    day: str
    measure: str
    part: int
    venues: int = Field(description="How many of them were seen on that day.")
    total: float | None
    exposure: float
    withheld: bool
    doubtful: bool


class DaysAnswer(Answer):
    """Days."""

    first: str
    last: str
    days: list[DayAnswer]


class RankAnswer(Answer):
    """A venue's place. Where what two venues lie between overlaps, neither is surely ahead of the other."""

    rank: int | None = Field(description="Null where there is too little to say.")
    venue: str
    name: str
    district: str
    value: float | None = Field(
        description="Visitors a day, visitors per opening hour, the masked share 0..1, or seconds of a stay."
    )
    low: float | None = Field(
        description="Least of the days for visitors, interval of 95 % for shares, quartile for stays."
    )
    high: float | None
    of: int | None = Field(description="What it rests on: days, people judged, or stays.")
    why_not: str | None = Field(description="Why it is not ranked.")


class RankingAnswer(Answer):
    """Venues, the most first."""

    first: str
    last: str
    by: str
    venues: list[RankAnswer]


class RolloutRow(Answer):
    """How far the venues of a district are."""

    district: str
    venues: int
    connected: int
    conforming: int
    silent: int
    overdue: int
    cameras_expected: int
    cameras_known: int
    cameras_conforming: int


class MissingRow(Answer):
    """What a venue lacks."""

    venue: str
    district: str
    state: str
    deadline: str | None
    lacks: list[str]


class RolloutAnswer(Answer):
    """How far the roll-out is."""

    districts: list[RolloutRow]
    missing: list[MissingRow]


class HubAlertAnswer(Answer):
    """An alert of a venue."""

    number: int
    rule: str
    when: str
    venue: str
    text: str
    value: float | None
    limit: float | None
    began_unix_s: float
    ended_unix_s: float | None
    told: list[str]
    acknowledged_by: str
    acknowledged_unix_s: float | None
    note: str
    escalated: int


class ReceiverAnswer(Answer):
    """Who is told."""

    name: str
    problem: str | None
    waiting: int
    sent: int
    lost: int


class HubAlertsAnswer(Answer):
    """Alerts, the newest first."""

    alerts: list[HubAlertAnswer]
    receivers: list[ReceiverAnswer] = Field(description="For accounts of the whole hub; empty for others.")
    problems: list[str] = Field(description="What keeps alerts from working; for accounts of the whole hub.")


class LogRow(Answer):
    """An entry of the log."""

    number: int
    moment_unix_s: int
    account: str
    action: str
    detail: str
    venue: str | None = Field(description="Short name of the venue; its number where it is there no more.")


class LogAnswer(Answer):
    """Entries, the newest first."""

    entries: list[LogRow]
