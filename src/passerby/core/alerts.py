"""When an alert begins and ends: a limit, a band in which nothing changes, and so many windows in a row.

Alerts are about numbers of places in windows, never about one person.
"""

from dataclasses import dataclass, replace

MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Rule:
    """When an alert is on.

    Attributes:
        limit: what is beyond it raises the alert.
        clear_at: what is there, or further away from the limit, ends it.
        above: whether more than the limit is beyond it, or less.
        for_windows: so many windows in a row have to be beyond it, 1 or more.

    Raises:
        ValueError: `clear_at` lies on the wrong side, or `for_windows` is too small.
    """

    limit: float
    clear_at: float
    above: bool = True
    for_windows: int = 1

    def __post_init__(self) -> None:
        if self.for_windows < 1:
            raise ValueError(f"for_windows is {self.for_windows}; it must be 1 or more")
        if (self.clear_at > self.limit) if self.above else (self.clear_at < self.limit):
            side = "at or below" if self.above else "at or above"
            raise ValueError(f"clear_at is {self.clear_at:g}; it must be {side} the limit, {self.limit:g}")

    def is_beyond(self, value: float) -> bool:
        """Whether a value counts towards the alert."""
        return value > self.limit if self.above else value < self.limit

    def clears(self, value: float) -> bool:
        """Whether a value ends the alert."""
        return value <= self.clear_at if self.above else value >= self.clear_at


@dataclass(frozen=True, slots=True)
class Course:
    """Where an alert stands.

    Attributes:
        on: whether it is on.
        run: windows in a row beyond the limit, while it is off.
        heard_unix_s: end of the window that was heard last, or None.
        since_unix_s: when it began, or ended last: the end of the window that told; None before either.
        value: of the last window that was seen, or None.
    """

    on: bool = False
    run: int = 0
    heard_unix_s: float | None = None
    since_unix_s: float | None = None
    value: float | None = None


def after(course: Course, rule: Rule, value: float | None, end_unix_s: float) -> Course:
    """Where an alert stands after a window.

    Args:
        course: where it stood.
        rule: when it is on.
        value: of the window; None where it was not seen, or is not told, which neither raises nor ends anything.
        end_unix_s: end of the window. The window that was heard last is not heard again.
    """
    if end_unix_s == course.heard_unix_s:
        return course
    heard = replace(course, heard_unix_s=end_unix_s)
    if value is None:
        return heard
    heard = replace(heard, value=value)
    if course.on:
        return replace(heard, on=False, run=0, since_unix_s=end_unix_s) if rule.clears(value) else heard
    run = course.run + 1 if rule.is_beyond(value) else 0
    if run >= rule.for_windows:
        return replace(heard, on=True, run=0, since_unix_s=end_unix_s)
    return replace(heard, run=run)


def to_tell(on: bool, told: bool, quiet: bool) -> bool:
    """Whether somebody is to be told that an alert began or ended.

    In quiet hours nobody is. At their end is told what is still true, and nothing of what has come and gone.

    Args:
        on: whether the alert is on.
        told: whether the last message said that it is on.
        quiet: whether these are quiet hours.
    """
    return on != told and not quiet


def is_quiet(minute: int, begin: int, end: int) -> bool:
    """Whether a minute of the day lies in quiet hours, which may go over midnight.

    Args:
        minute: of the day as the clock on the wall shows it, 0..1439.
        begin: first quiet minute.
        end: first minute that is not quiet any more.
    """
    return (minute - begin) % MINUTES_PER_DAY < (end - begin) % MINUTES_PER_DAY
