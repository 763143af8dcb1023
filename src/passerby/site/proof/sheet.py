"""Counts by hand that somebody wrote down: a CSV file with a row for each window."""

import csv
from datetime import datetime, tzinfo
from pathlib import Path

from passerby.core.tallies import window_start
from passerby.errors import ConfigError
from passerby.site.proof.hand import HandWindow
from passerby.site.proof.lines import ProvableLine

COLUMNS = ("start", "in", "out")
MAX_PEOPLE = 100_000


def read_sheet(file: Path, line: ProvableLine, account: str, window: tuple[int, tzinfo | None]) -> list[HandWindow]:
    """Reads `start,in,out`: where a window begins, and how many people crossed in it each way.

    Args:
        file: CSV with a head.
        line: where it was counted.
        account: who counted.
        window: width of the site's windows in seconds, and the zone of times that name none.

    Raises:
        ConfigError: with every mistake of the file.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError([f"{file} cannot be read as CSV ({error}); it needs a head: {','.join(COLUMNS)}"]) from None
    problems: list[str] = []
    found = [_window(row, f"{file}, line {number}", problems, window) for number, row in enumerate(rows, start=2)]
    if not rows:
        problems.append(f"{file} has no rows; write a head {','.join(COLUMNS)} and a row for each window")
    if problems:
        raise ConfigError(problems)
    return [HandWindow(line, start, window[0], account, came, went) for start, came, went in found]


def _window(
    row: dict[str, str | None], where: str, problems: list[str], window: tuple[int, tzinfo | None]
) -> tuple[int, int, int]:
    width_s, zone = window
    numbers = []
    for name in COLUMNS[1:]:
        text = (row.get(name) or "").strip()
        if not text.isdecimal() or int(text) > MAX_PEOPLE:
            problems.append(f"{where}, {name}: {text!r} is not a number of people; write a whole number")
        numbers.append(int(text) if text.isdecimal() else 0)
    start = (row.get("start") or "").strip()
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        problems.append(f"{where}, start: {start!r} is not a time; write one such as 2026-03-03 10:15")
        return (0, *numbers)  # type: ignore[return-value]  # two names, two numbers
    begin_s = moment.replace(tzinfo=zone).timestamp() if moment.tzinfo is None else moment.timestamp()
    if window_start(begin_s, width_s) != begin_s:
        problems.append(f"{where}, start: {start} is not where a window begins; windows here are {width_s} s wide")
    return (int(begin_s), *numbers)  # type: ignore[return-value]  # see above
