"""What may be said of a venue, and every mistake in words."""

import math
import re
from collections.abc import Callable, Iterator

from passerby.hub.contract import Venue
from passerby.records import checks

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{2,30}")
_MAIL = re.compile(r"[^\s@<>,;:\"]{1,64}@[a-z0-9.-]{1,189}", re.IGNORECASE)
MOST_CAMERAS = 256
MOST_LINES = MOST_CAMERAS * 64
_MOST_PEOPLE = 1_000_000
Mistake = tuple[str, str]
"""A column of the list of venues, and what is wrong there."""


def problems_of(venue: Venue) -> list[Mistake]:
    """Every mistake, in the order of the columns."""
    return list(_problems(venue))


def _problems(venue: Venue) -> Iterator[Mistake]:
    if not _SLUG.fullmatch(venue.slug):
        yield "slug", "write lower case letters, digits and dashes, at most 64, such as north-mall"
    if not venue.name:
        yield "name", "must not be empty"
    for column, text, most in _texts(venue):
        yield from _text(column, text, most)
    yield from _place(venue)
    yield from _checked("zone", checks.time_zone, venue.zone)
    if venue.contact.phone and not _PHONE.fullmatch(venue.contact.phone):
        yield "contact_phone", "write a number such as +49 30 123456"
    if venue.contact.mail and not _MAIL.fullmatch(venue.contact.mail):
        yield "contact_mail", "write one address such as duty@mall.example"
    yield from _numbers(venue)


def _texts(venue: Venue) -> Iterator[tuple[str, str, int]]:
    yield "name", venue.name, 128
    for column in ("organisation", "district", "brand"):
        yield column, getattr(venue, column), 128
    yield "contact_role", venue.contact.role, 128
    yield from (("tags", tag, 64) for tag in venue.tags)


def _text(column: str, text: str, most: int) -> Iterator[Mistake]:
    yield from _checked(column, checks.plain_text, text)
    if len(text) > most:
        yield column, f"at most {most} characters"
    if text[:1] in tuple("=+-@") or ";" in text or (column == "tags" and not text):
        yield column, "begin with a letter or digit, and leave semicolons out"


def _place(venue: Venue) -> Iterator[Mistake]:
    if (venue.latitude is None) != (venue.longitude is None):
        yield "longitude" if venue.longitude is None else "latitude", "give both latitude and longitude, or neither"
    for column, value, most in (("latitude", venue.latitude, 90), ("longitude", venue.longitude, 180)):
        if value is not None and not (math.isfinite(value) and abs(value) <= most):
            yield column, f"write degrees from -{most} to {most}"


def _numbers(venue: Venue) -> Iterator[Mistake]:
    for column, value, most in (
        ("cameras", venue.expected_cameras, MOST_CAMERAS),
        ("lines", venue.expected_lines, MOST_LINES),
        ("capacity", venue.capacity or 0, _MOST_PEOPLE),
    ):
        if not 0 <= value <= most:
            yield column, f"write a whole number from 0 to {most}"


def _checked(column: str, check: Callable[[str], object], text: str) -> Iterator[Mistake]:
    try:
        check(text)
    except ValueError as error:
        yield column, str(error)
