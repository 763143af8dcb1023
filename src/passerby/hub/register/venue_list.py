"""The list of venues as CSV: read with every mistake at once, each with its line, and written so that it reads back."""

import csv
import difflib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from passerby.errors import ConfigError
from passerby.hub.contract import Contact, Venue
from passerby.hub.register.hours import parse_hours, write_hours
from passerby.hub.register.venue_checks import problems_of
from passerby.records.tables import as_csv

COLUMNS = (
    *("slug", "name", "organisation", "district", "brand", "tags", "latitude", "longitude", "zone", "hours"),
    *("contact_role", "contact_phone", "contact_mail", "cameras", "lines", "capacity", "deadline"),
)
MOST_BYTES = 16 * 1024 * 1024
MOST_LINES = 50_000
_MOST_PROBLEMS = 200
_HARMLESS = re.compile(r"^'(?=[=+\-@\t\r])")
"""An apostrophe that keeps a spreadsheet from taking a text for a formula; `as_csv` writes it."""
Cells = dict[str, str]
Problem = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list.

    Attributes:
        line: of the file, from 1.
        cells: what it says, by column; columns that the file does not have are not there.
    """

    line: int
    cells: Cells


def read_list(path: Path) -> list[Listed]:
    """Reads a list.

    Raises:
        ConfigError: it cannot be read, or has no head that is understood.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror})"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: it is not UTF-8; save it as CSV UTF-8"]) from None
    if len(raw) > MOST_BYTES:
        raise ConfigError([f"{path}: larger than {MOST_BYTES >> 20} MiB; is it a list of venues?"])
    return _listed(path, text)


def _listed(path: Path, text: str) -> list[Listed]:
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    found: list[Listed] = []
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        problems = list(_head_problems(columns))
        if problems:
            raise ConfigError([f"{path}, line 1: {words}" for words in problems])
        line = reader.line_num + 1
        for row in reader:
            if any(cell.strip() for cell in row):
                if len(row) > len(columns):
                    problems.append(
                        f"{path}, line {line}: {len(row)} cells, and the head has {len(columns)} columns; "
                        "a cell with the separator in it, such as opening hours, stands in quotation marks"
                    )
                cells = (_HARMLESS.sub("", cell).strip() for cell in row)
                found.append(Listed(line, dict(zip(columns, cells, strict=False))))
            line = reader.line_num + 1
            if line > MOST_LINES:
                raise ConfigError([f"{path}: more than {MOST_LINES} lines; is it a list of venues?"])
    except csv.Error as error:
        raise ConfigError([f"{path}, line {reader.line_num}: {error}"]) from None
    if problems:
        raise ConfigError(problems[:_MOST_PROBLEMS])
    return found


def _head_problems(columns: list[str]) -> Iterator[str]:
    if len(columns) > 2 * len(COLUMNS):
        yield f"{len(columns)} columns; is it a list of venues? Its columns are: {', '.join(COLUMNS)}"
        return
    if "slug" not in columns:
        yield f"the head names no column slug; the columns are: {', '.join(COLUMNS)}"
        return
    for name in columns:
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, n=1)
            printable = re.sub(r"[^\w .-]", "?", name)[:40]
            yield f"no column {printable}; " + (f"did you mean {near[0]}?" if near else f"known: {', '.join(COLUMNS)}")
        elif columns.count(name) > 1:
            yield f"the column {name} is there twice"


def venues_of(path: Path, listed: Iterable[Listed], known: dict[str, Venue]) -> list[Venue]:
    """Venues as a list says; of those that are known, what it says nothing of stays.

    Args:
        path: of the list, for messages.
        listed: its lines.
        known: venues by short name.

    Raises:
        ConfigError: with every mistake of the list, each with its line.
    """
    problems: list[Problem] = []
    first: dict[str, int] = {}
    venues: list[Venue] = []
    for one in listed:
        slug = one.cells.get("slug", "")
        venue = known.get(slug, Venue(0, slug, ""))
        found, mistakes = _with(venue, one.cells)
        problems += ((one.line, f"{column}: {words}") for column, words in mistakes)
        if slug in first:
            problems.append((one.line, f"slug: {slug} stands in line {first[slug]} already"))
        first.setdefault(slug, one.line)
        venues.append(found)
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        told = [f"{path}, line {line}, {words}" for line, words in problems[:_MOST_PROBLEMS]]
        raise ConfigError([*told, *([f"and {more} more"] if more > 0 else [])])
    return venues


def _with(venue: Venue, cells: Cells) -> tuple[Venue, list[tuple[str, str]]]:
    """A venue with what a line says of it, and what is wrong there."""
    mistakes: list[tuple[str, str]] = []
    values: dict[str, Any] = {}
    for column, cell in cells.items():
        name, read = _READ[column]
        try:
            values[name] = read(cell)
        except ValueError as error:
            mistakes.append((column, str(error)))
    contact = {name: values.pop(name) for name in ("role", "phone", "mail") if name in values}
    found = replace(venue, **values, contact=replace(venue.contact, **contact))
    wrong = {column for column, _ in mistakes}
    return found, mistakes + [problem for problem in problems_of(found) if problem[0] not in wrong]


def write_list(venues: Iterable[Venue]) -> str:
    """The list of venues, which `read_list` reads back."""
    return as_csv((_row(venue) for venue in venues), COLUMNS)


def _row(venue: Venue) -> dict[str, Any]:
    contact: Contact = venue.contact
    row: dict[str, Any] = {name: getattr(venue, name) for name in COLUMNS if hasattr(venue, name)}
    return row | {
        "tags": ";".join(venue.tags),
        "hours": write_hours(venue.hours),
        "contact_role": contact.role,
        "contact_phone": contact.phone,
        "contact_mail": contact.mail,
        "cameras": venue.expected_cameras,
        "lines": venue.expected_lines,
        "deadline": venue.deadline.isoformat() if venue.deadline else "",
    }


def _tags(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (tag.strip() for tag in cell.split(";")))))


def _degrees(cell: str) -> float | None:
    if not cell:
        return None
    if not re.fullmatch(r"-?\d{1,3}(\.\d{1,15})?", cell):
        raise ValueError("write degrees with a point, such as 52.5163 or -33.8568")
    return float(cell)


def _whole(cell: str) -> int:
    if not cell:
        return 0
    if not re.fullmatch(r"\d{1,9}", cell):
        raise ValueError("write a whole number")
    return int(cell)


def _day(cell: str) -> date | None:
    if not cell:
        return None
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError("write a day as 2027-03-31") from None


def _zone(cell: str) -> str:
    return cell or "UTC"


_READ: dict[str, tuple[str, Callable[[str], Any]]] = {
    **{name: (name, str) for name in ("slug", "name", "organisation", "district", "brand")},
    **{f"contact_{name}": (name, str) for name in ("role", "phone", "mail")},
    "tags": ("tags", _tags),
    "latitude": ("latitude", _degrees),
    "longitude": ("longitude", _degrees),
    "zone": ("zone", _zone),
    "hours": ("hours", parse_hours),
    "cameras": ("expected_cameras", _whole),
    "lines": ("expected_lines", _whole),
    "capacity": ("capacity", lambda cell: _whole(cell) if cell else None),
    "deadline": ("deadline", _day),
}
