"""Clock: whether a camera knows what time it is."""

import re
import zoneinfo
from datetime import UTC, datetime, timedelta

from passerby.audit.checks.verdict import GOOD, NOT_ASKED, UNSEEN, Bad, Checks, Seen, Verdict

DRIFT_S = 5.0
_POSIX = re.compile(r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)([+-]?\d{1,2})(?::(\d{2}))?(?::\d{2})?(?:[A-Za-z<,].*)?")
_NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)


def standard_offset(zone: str) -> timedelta | None:
    """How far a zone's standard time is ahead of UTC; None for a zone that is written in no known way.

    ONVIF writes zones as POSIX 1003.1 does, in which west is positive ("CET-1CEST"); some cameras write a name.
    """
    posix = _POSIX.fullmatch(zone)
    if posix:
        hours, minutes = int(posix[1]), int(posix[2] or 0)
        sign = -1 if posix[1].startswith("-") else 1
        return timedelta(minutes=-sign * (60 * abs(hours) + minutes))
    try:
        at = _NEW_YEAR.astimezone(zoneinfo.ZoneInfo(zone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return (at.utcoffset() or timedelta()) - (at.dst() or timedelta())


def _drift(seen: Seen) -> Verdict:
    drift_s = seen.clock.drift_s
    if drift_s is None:
        return UNSEEN
    if abs(drift_s) <= DRIFT_S:
        return GOOD
    return Bad(f"Its clock is {_span(abs(drift_s))} {'ahead of' if drift_s > 0 else 'behind'} this machine's.")


def _zone(seen: Seen) -> Verdict:
    wanted, zone = seen.camera.standard_offset_s, seen.clock.zone
    if wanted is None:
        return NOT_ASKED
    offset = standard_offset(zone) if zone else None
    if offset is None:
        return UNSEEN
    if offset.total_seconds() == wanted:
        return GOOD
    return Bad(f"Its time zone is {zone}, {_hours(offset.total_seconds() - wanted)} from the site's.")


def _ntp(seen: Seen) -> Verdict:
    if seen.clock.ntp is None:
        return UNSEEN
    return GOOD if seen.clock.ntp else Bad("Its clock is set by hand, and by no time server.")


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:+g} hours"


def _span(seconds: float) -> str:
    for unit, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"


CHECKS: Checks = {"clock-drift": _drift, "clock-zone": _zone, "clock-ntp": _ntp}
