"""The sentences of one venue's page."""

from html import escape

from passerby.gate.audit_contract import CHECK_GROUPS, Group
from passerby.hub.contract import Known, Venue
from passerby.hub.pages.now_words import plural
from passerby.records.page.words import DASH, Sentence, Tone, duration, number
from passerby.records.wire.batches import CameraStanding

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_STATUS = {
    0: ("Connecting", Tone.CALM),
    1: ("Live", Tone.GOOD),
    2: ("No pictures arriving", Tone.WARN),
    3: ("Not counting", Tone.BAD),
    4: ("Recording counted to its end", Tone.CALM),
}


def camera(one: CameraStanding) -> Sentence:
    """How a camera is."""
    return Sentence(*_STATUS[one.status])


def findings(one: CameraStanding, *, security: bool) -> str:
    """What checks found, in short; who may not know what is open at a camera is told that of it alone.

    Args:
        one: camera.
        security: whether findings of security may be named.
    """
    if one.conforming < 0:
        return "not looked at as a device yet"
    named = [check for check in one.findings if security or CHECK_GROUPS.get(check) is not Group.SECURITY]
    said = [check.replace("-", " ") for check in named]
    if len(named) < len(one.findings):
        said.append("something that operators are told")
    return ", ".join(said) or ("conforms" if one.conforming else "a check found something")


def outbox(known: Known, now_unix_s: float) -> Sentence:
    """What waits at the site."""
    standing = known.standing
    if standing is None:
        return Sentence("", Tone.CALM)
    of = standing.outbox
    said = (
        "Nothing waits at the site"
        if not of.waiting
        else f"{plural(of.waiting, 'batch waits', 'batches wait')} at the site"
    )
    tone = Tone.GOOD
    if of.waiting and of.oldest_unix_s and now_unix_s - of.oldest_unix_s > 900:
        said += f", the oldest for {duration(now_unix_s - of.oldest_unix_s)}"
        tone = Tone.WARN
    if of.shed:
        said += f"; {plural(of.shed, 'batch was', 'batches were')} given up, since its disk was full"
        tone = Tone.BAD
    return Sentence(said, tone)


def hours(venue: Venue) -> str:
    """Opening hours, days of the same hours together, as HTML."""
    groups: list[tuple[int, int, tuple[int, int] | None]] = []
    for day, of_day in enumerate(venue.hours):
        if groups and groups[-1][2] == of_day:
            groups[-1] = (groups[-1][0], day, of_day)
        else:
            groups.append((day, day, of_day))
    return "<br>".join(f"{_named(first, last)}: {_of_day(of_day)}" for first, last, of_day in groups)


def _named(first: int, last: int) -> str:
    return _WEEKDAYS[first] if first == last else f"{_WEEKDAYS[first]} to {_WEEKDAYS[last]}"


def _of_day(of_day: tuple[int, int] | None) -> str:
    if of_day is None:
        return "closed"
    since, until = of_day
    if (since, until) == (0, 1440):
        return "all day"
    return f"{since // 60:02}:{since % 60:02}{DASH}{until % 1440 // 60:02}:{until % 60:02}"


def facts(venue: Venue) -> dict[str, str]:
    """What is registered, without who is responsible."""
    told = {
        "Organisation": venue.organisation,
        "District": venue.district,
        "Brand": venue.brand,
        "Tags": ", ".join(venue.tags),
        "Expected": f"{plural(venue.expected_cameras, 'camera')}, {plural(venue.expected_lines, 'line')}",
        "Capacity": number(venue.capacity) if venue.capacity else "",
        "Deadline": f"{venue.deadline.day} {venue.deadline:%B %Y}" if venue.deadline else "",
        "Time zone": venue.zone,
    }
    return {name: value for name, value in told.items() if value}


def rows(cells: list[list[str]], heads: list[str], caption: str) -> str:
    """A table whose cells are HTML already; on a narrow screen each cell has its head beside it."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f'<td data-head="{escape(name)}">{html}</td>' for name, html in zip(heads[1:], row[1:], strict=True))
        + "</tr>"
        for row in cells
    )
    return (
        f'<table class="pb-venues pb-wordy"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
