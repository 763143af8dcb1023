"""Every text that is printed, in five languages, and numbers and dates as each writes them."""

import re
from datetime import date, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import get_args

import yaml

from passerby.site.paper.shapes import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
_FILE = Path(__file__).with_name("texts.yaml")
_MINUS = "\u2212"
_THIN = "\u202f"
_FIXED = "\u00a0"


@cache
def all_texts() -> dict[str, dict[str, str]]:
    """Texts by key and language, as the file has them."""
    found: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return found


class Texts:
    """The texts of one language.

    Args:
        language: which.
    """

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, key: str, /, **values: object) -> str:
        """A text, with what its braces stand for."""
        return all_texts()[key][self.language].format(**values)

    def number(self, value: float, digits: int = 0) -> str:
        """A number in groups of three, with so many decimals; nothing has no sign."""
        shown = f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", _MINUS)
        return shown.replace(",", _THIN).replace(".", self("decimal"))

    def percent(self, share: float | None) -> str:
        """A share of 0..1; little is not nothing, and nearly all is not all."""
        if share is None:
            return self("not_seen")
        whole = round(100 * share)
        bound = "<" if share > 0 and whole == 0 else ">" if share < 1 and whole == 100 else ""
        value = {"<": 1, ">": 99}.get(bound, whole)
        return f"{bound}{_THIN}" * bool(bound) + self("percent", value=self.number(value))

    def duration(self, seconds: float) -> str:
        """A length of time, to two units: 45 s, 3 min 20 s, 1 h 5 min."""
        step_s = 1 if seconds < 59.5 else 10 if seconds < 595 else 60
        whole = round(seconds / step_s) * step_s
        named = ((whole // 3600, "hours"), (whole % 3600 // 60, "minutes"), (whole % 60, "seconds"))
        said = " ".join(self(unit, value=value) for value, unit in named if value) or self("seconds", value=0)
        return said.replace(" ", _FIXED)

    def date(self, day: date) -> str:
        """A day with its weekday."""
        weekday, month = self(f"day_{day.isoweekday()}"), self(f"month_{day.month}")
        first = self.language == "fr" and day.day == 1
        return self("date", weekday=weekday, day="1er" if first else day.day, month=month, year=day.year)

    def clock(self, moment_unix_s: float, zone: tzinfo | None) -> str:
        """Hours and minutes in a zone."""
        return f"{datetime.fromtimestamp(moment_unix_s, zone):%H:%M}"


def preferred(accept_language: str) -> Language:
    """The language that a reader likes best of those that there are (RFC 9110, Accept-Language); English otherwise."""
    wanted = re.findall(r"([a-zA-Z]{1,8}|\*)[\w-]*\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?", accept_language)
    by_quality = sorted(wanted, key=lambda one: -float(one[1] or 1))
    known = (name.lower() for name, quality in by_quality if float(quality or 1) > 0)
    return next((language for name in known for language in LANGUAGES if name == language), "en")
