"""Opening hours as people write them: `Mon-Fri 09:00-21:00; Sat 10:00-20:00; Sun closed`."""

import re
from functools import lru_cache

Hours = tuple[tuple[int, int] | None, ...]
"""By weekday, Monday first, as minutes after midnight (from, to); None: closed. Past midnight, `to` is over 1440."""
ALWAYS: Hours = ((0, 1440),) * 7
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(r"(?P<days>[a-z, -]+?)\s+(?:(?P<closed>closed)|(?P<from>\d\d?:\d\d)\s*-\s*(?P<to>\d\d?:\d\d))")
_DAY = 1440
_EXAMPLE = "write such as: Mon-Fri 09:00-21:00; Sat 10:00-20:00; Sun closed"


@lru_cache(maxsize=4096)
def parse_hours(text: str) -> Hours:
    """Opening hours from text; empty or `always`: around the clock.

    Raises:
        ValueError: it cannot be understood, or a day is named twice or not at all.
    """
    if text.strip().lower() in ("", "always"):
        return ALWAYS
    found: dict[int, tuple[int, int] | None] = {}
    for part in filter(None, (one.strip() for one in text.lower().split(";"))):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{_printable(part)} is not understood; {_EXAMPLE}")
        span = None if match["closed"] else _span(match["from"], match["to"])
        for day in _days(match["days"]):
            if day in found:
                raise ValueError(f"{_DAYS[day].title()} is named twice")
            found[day] = span
    missing = [name.title() for day, name in enumerate(_DAYS) if day not in found]
    if missing:
        raise ValueError(f"{', '.join(missing)} is not named; {_EXAMPLE}")
    return tuple(found[day] for day in range(7))


def write_hours(hours: Hours) -> str:
    """Text that `parse_hours` reads as these hours."""
    if hours == ALWAYS:
        return "always"
    parts, first = [], 0
    for day in range(1, 8):
        if day == 7 or hours[day] != hours[first]:
            names = _DAYS[first].title() + (f"-{_DAYS[day - 1].title()}" if day - 1 > first else "")
            parts.append(f"{names} {_written(hours[first])}")
            first = day
    return "; ".join(parts)


def _days(text: str) -> list[int]:
    days: list[int] = []
    for one in text.split(","):
        ends = [end.strip() for end in one.split("-")]
        if len(ends) > 2 or any(end not in _DAYS for end in ends):
            raise ValueError(f"{_printable(one.strip())} is no day; the days are Mon, Tue, Wed, Thu, Fri, Sat and Sun")
        first, last = _DAYS.index(ends[0]), _DAYS.index(ends[-1])
        days += [day % 7 for day in range(first, last + 1 + (7 if last < first else 0))]
    return days


def _span(start: str, end: str) -> tuple[int, int]:
    since, until = _minutes(start), _minutes(end)
    if since >= _DAY:
        raise ValueError(f"{start} is no time to open at; write 00:00")
    return since, until if until > since else until + _DAY


def _minutes(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    if minute > 59 or hour * 60 + minute > _DAY:
        raise ValueError(f"{text} is no time of a day")
    return hour * 60 + minute


def _written(span: tuple[int, int] | None) -> str:
    if span is None:
        return "closed"
    since, until = span
    until = until if until <= _DAY else until - _DAY
    return f"{since // 60:02}:{since % 60:02}-{until // 60:02}:{until % 60:02}"


def _printable(text: str) -> str:
    return re.sub(r"[^\w ,:-]", "?", text)[:40]
