"""The sentences of all venues: how one is in a word, what is wrong with it, what is unusual today."""

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from passerby.core.shares import MaskShare
from passerby.hub.contract import VenueState
from passerby.hub.overview import CameraCount, Health, Inside, Totals, VenueNow, Visitors, Worry
from passerby.records.page.words import DASH, THIN, Sentence, Tone, clock, day_and_clock, duration, number, percent

MARKS = {Health.GOOD: "●", Health.ATTENTION: "▲", Health.SILENT: "■", Health.OVERDUE: "◆", Health.ABSENT: "○"}
"""What says the state beside its colour, on the map and in the list."""
NAMES = {
    Health.GOOD: "Good",
    Health.ATTENTION: "Needs attention",
    Health.SILENT: "Silent",
    Health.OVERDUE: "Overdue",
    Health.ABSENT: "Not connected",
}
TONES = {
    Health.GOOD: Tone.GOOD,
    Health.ATTENTION: Tone.WARN,
    Health.SILENT: Tone.BAD,
    Health.OVERDUE: Tone.BAD,
    Health.ABSENT: Tone.CALM,
}
_STATES = {
    VenueState.LISTED: "Not invited yet",
    VenueState.INVITED: "Invited",
    VenueState.CONNECTED: "Connected",
    VenueState.CONFORMING: "Conforms",
    VenueState.SILENT: "Silent",
    VenueState.OVERDUE: "Overdue",
}
_AS_USUAL, _MINUS = 0.03, "\u2212"
_HOUR_S, _DAY_S = 3600, 86_400
_SEEN_WELL = 0.9


def health(now: VenueNow) -> Sentence:
    """How a venue is, with its mark."""
    return Sentence(f"{MARKS[now.health]} {NAMES[now.health]}", TONES[now.health])


def state(now: VenueNow) -> Sentence:
    """How far a venue is in the roll-out."""
    mark = MARKS[now.health] if now.state is not VenueState.CONFORMING else "\u2713"
    return Sentence(f"{mark} {_STATES[now.state]}", TONES[now.health])


def plural(count: int, one: str, many: str = "") -> str:
    """So many of something: 1 camera, 2 cameras."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def why(now: VenueNow, clock_unix_s: float) -> str:
    """What is wrong at a venue, the worst first, in one sentence; empty where nothing is."""
    said = [text for worry in now.worries if (text := _worry(worry, now, clock_unix_s))]
    return "; ".join(said)


def _worry(worry: Worry, now: VenueNow, clock_unix_s: float) -> str:
    if worry in (Worry.DOWN, Worry.FAILING, Worry.MISSING):
        return _worry_of_cameras(worry, now.cameras)
    if worry is Worry.OVER and now.inside and now.inside.limit is not None:
        return f"{number(now.inside.people)} inside, {number(now.inside.limit)} allowed"
    if worry is Worry.SILENT:
        return silent_since(now, clock_unix_s)
    if worry is Worry.OVERDUE and now.venue.deadline:
        return f"was to be connected by {now.venue.deadline.day} {now.venue.deadline:%B %Y}"
    if worry is Worry.CLOCK:
        return f"its clock is {roughly(abs(now.clock_off_s))} {'ahead' if now.clock_off_s > 0 else 'behind'}"
    if worry is Worry.EMPTY and now.shelves:
        return f"{number(now.shelves.empty)} of {plural(now.shelves.facings, 'facing')} empty"
    return _SIMPLE.get(worry, "")


def _worry_of_cameras(worry: Worry, cameras: CameraCount) -> str:
    if worry is Worry.DOWN:
        return f"{number(cameras.down)} of {plural(cameras.known, 'camera')} down"
    if worry is Worry.FAILING:
        return f"{plural(cameras.failing, 'camera')} {'fails' if cameras.failing == 1 else 'fail'} a check"
    return f"{number(cameras.missing)} of {plural(cameras.expected, 'camera')} not set up yet"


_SIMPLE = {
    Worry.UNLOCKED: "a program there is not shut in by the kernel",
    Worry.SHED: "its disk was full, and figures were given up",
    Worry.PROBLEMS: "its own page tells of trouble",
}


def silent_since(now: VenueNow, clock_unix_s: float) -> str:
    """Since when nothing came."""
    if now.heard_unix_s is None:
        return "never heard"
    return f"silent for {roughly(clock_unix_s - now.heard_unix_s)}"


def roughly(seconds: float) -> str:
    """A length of time as one says it from afar: 25 min, 17 h, 3 days."""
    if seconds < _HOUR_S:
        return duration(seconds)
    if seconds < 2 * _DAY_S:
        return f"{round(seconds / _HOUR_S)}{THIN}h"
    return plural(round(seconds / _DAY_S), "day")


def heard(now: VenueNow, clock_unix_s: float) -> str:
    """When a venue sent last, short."""
    if now.heard_unix_s is None:
        return DASH
    since_s = clock_unix_s - now.heard_unix_s
    if since_s < 120:
        return "just now"
    zone = ZoneInfo(now.venue.zone)
    return clock(now.heard_unix_s, zone) if since_s < _DAY_S / 2 else day_and_clock(now.heard_unix_s, zone)


def inside(told: Inside | None) -> str:
    """How many are inside, and how many may be."""
    if told is None:
        return DASH
    return f"{number(told.people)} of {number(told.limit)}" if told.limit else number(told.people)


def came(told: Visitors) -> str:
    """Visitors today."""
    return number(told.came.total) if told.came else DASH


def change(share: float | None) -> str:
    """Against what is usual, short; empty where it is not known."""
    if share is None:
        return ""
    if abs(share) < _AS_USUAL:
        return "as usual"
    return f"{'+' if share > 0 else _MINUS}{_percents(share)}"


def compared(share: float | None, weekday: str) -> str:
    """Against what is usual, in words."""
    if share is None:
        return ""
    if abs(share) < _AS_USUAL:
        return f"as usual on a {weekday}"
    return f"{_percents(share)} {'more' if share > 0 else 'fewer'} than usual on a {weekday}"


def _percents(share: float) -> str:
    return f"{round(abs(share) * 100)}{THIN}%"


def seen(told: Visitors) -> str:
    """That not all of the day was seen; empty where it was."""
    if told.coverage is None or told.coverage >= _SEEN_WELL:
        return ""
    return f"seen {max(1, math.floor(told.coverage * 100))}{THIN}% of the day"


def masks(told: MaskShare | None) -> str:
    """The masked share, or that it is withheld."""
    if told is None:
        return DASH
    return "too few to say" if told.share is None else percent(told.share)


def interval(low: float, high: float) -> str:
    """Where a share lies, rounded outwards: 80 to 88 %."""
    return f"{math.floor(low * 100 + 1e-9)} to {math.ceil(high * 100 - 1e-9)}{THIN}%"


def shelves(now: VenueNow) -> str:
    """Empty facings of all."""
    return f"{number(now.shelves.empty)} of {number(now.shelves.facings)}" if now.shelves else DASH


def cameras(told: CameraCount) -> Sentence:
    """How the cameras of a venue are, short."""
    if told.down:
        return Sentence(f"{number(told.down)} of {number(told.known)} down", Tone.BAD)
    if told.failing:
        return Sentence(f"{number(told.failing)} of {number(told.known)} fail a check", Tone.WARN)
    if told.live and told.missing:
        return Sentence(f"{number(told.known)} of {number(told.expected)} there", Tone.WARN)
    if told.live:
        return Sentence(f"all {number(told.live)} count" if told.live > 1 else "counts", Tone.CALM)
    return Sentence(DASH, Tone.CALM)


def weekday(clock_unix_s: float, zone: str) -> str:
    """The present day of the week in a zone."""
    return f"{datetime.fromtimestamp(clock_unix_s, ZoneInfo(zone)):%A}"


def told_by(totals: Totals) -> str:
    """Of how many venues the people inside are known."""
    if totals.telling == totals.venues:
        return f"in {plural(totals.venues, 'venue')}"
    if not totals.telling:
        return "no venue tells a number now"
    return f"in {number(totals.telling)} of {plural(totals.venues, 'venue')}; the others tell no number now"


def total_change(totals: Totals, day: str) -> str:
    """All visitors against what is usual, and of how many venues that is known."""
    if totals.change is None:
        return "what is usual is not known yet" if totals.counting else "nothing counted today yet"
    said = compared(totals.change, day)
    if totals.comparable == totals.counting:
        return said
    return f"{said}, over {number(totals.comparable)} of {number(totals.counting)} venues that counted"


def dot(now: VenueNow, clock_unix_s: float) -> str:
    """What the map says of a venue under the pointer, or to who goes over it by keyboard."""
    said = [f"{now.venue.name}: {NAMES[now.health].lower()}"]
    reason = why(now, clock_unix_s)
    if reason:
        said.append(reason)
    if now.inside:
        said.append(f"{inside(now.inside)} inside")
    if now.visitors.came:
        against = change(now.visitors.change)
        said.append(f"{came(now.visitors)} visitors today" + (f" ({against})" if against else ""))
    return "; ".join(said)
