"""What a public release tells and what it does not, in plain words and with its own numbers."""

from collections.abc import Iterator
from datetime import UTC, datetime

from passerby.core.noise import better_guess
from passerby.hub.release.sheet import ErrorOf, Sheet

_SEVERAL_DAYS = (2, 5, 20)


def explained(sheet: Sheet) -> str:
    """The text that goes out beside the figures, and that `passerby hub release --explain` prints.

    Args:
        sheet: of a release, or of one that is only planned.
    """
    return "\n\n".join(_paragraphs(sheet)) + "\n"


def _paragraphs(sheet: Sheet) -> Iterator[str]:
    yield "\n".join(_what(sheet))
    yield "\n".join(("WHAT A READER CAN LEARN", *_learnt(sheet)))
    yield "\n".join(("WHAT A READER CANNOT LEARN", *_protected(sheet)))
    yield "\n".join(("WHAT IS ASSUMED", f"- {sheet.assumed} {_more_often(sheet)}"))
    yield "\n".join(("WHAT IS NOT PROTECTED", *_not_protected(sheet)))
    yield "\n".join(("WHAT WAS DONE TO THE FIGURES", *_done(sheet)))
    yield "\n".join(("WHAT IS LEFT TO SPEND", *_budget(sheet)))


def _what(sheet: Sheet) -> Iterator[str]:
    span = sheet.first if sheet.first == sheet.last else f"{sheet.first} to {sheet.last}"
    what = "by day and hour" if sheet.hourly else "by day"
    yield f"Visitors {what}, {span}, {_some(len(sheet.venues), 'venue')}, {_some(sheet.venue_days, 'venue-day')}."
    if sheet.release:
        made = datetime.fromtimestamp(sheet.made_unix_s, UTC)
        yield f"Release {sheet.release}, made on {made:%Y-%m-%d} by passerby {sheet.passerby}, profile public."
    else:
        yield "This is a plan: nothing has been spent, drawn or written."
    yield "A visitor is a crossing into a venue. Whoever comes in twice counts twice."


def _learnt(sheet: Sheet) -> Iterator[str]:
    for one in sheet.errors:
        yield (
            f"- The count of {_of(one)}, within {one.within} people of `measured` in 95 of 100 cases "
            f"(standard deviation {one.deviation:g})."
        )
    yield "- That is of what the cameras counted. How right the cameras are is another question (passerby prove)."
    yield "- Sums and means of many figures, better than single ones: add `measured`, since its errors cancel."


def _of(one: ErrorOf) -> str:
    span = "one day" if one.what == "day" else "one hour"
    if one.level == "venue":
        return f"one venue and {span}"
    return f"{'a district' if one.level == 'district' else 'all'} of {_some(one.venues, 'venue')} and {span}"


def _protected(sheet: Sheet) -> Iterator[str]:
    odds, guess = _odds(sheet.epsilon), better_guess(sheet.epsilon)
    yield (
        "- Whether a certain person was in a venue on a day. Suppose that somebody knows all others who were there, "
        "and would bet one to one that this person was too. After reading all of this, the odds are at most "
        f"{odds} to 1: right {_percent(guess)} of the time instead of 50 %, at best. Epsilon is "
        f"{sheet.epsilon:g} for each venue-day."
    )
    if sheet.budget.spent_most > sheet.epsilon:
        yield (
            f"- With all that was released of the same days before, epsilon is {sheet.budget.spent_most:g} at most: "
            f"right {_percent(better_guess(sheet.budget.spent_most))} of the time."
        )
    yield (
        "- This holds whatever else is known or will be found out, and however often is asked: what was measured once "
        "is told again as it was, so that noise cannot be averaged away."
    )
    yield f"- The unit that is protected is {sheet.unit}."


def _more_often(sheet: Sheet) -> str:
    twice = 2 * sheet.crossings
    return f"For who does so {twice} times, such as staff, that is {_right(2 * sheet.epsilon)}."


def _not_protected(sheet: Sheet) -> Iterator[str]:
    days = ", ".join(f"{n} days {_right(n * sheet.epsilon)}" for n in _SEVERAL_DAYS)
    yield (
        "- Habits. Epsilons of several days, and of several venues on one day, add up for somebody who is known to "
        f"have come to all of them or to none: {days}. In the end a regular can be told from a stranger."
    )
    yield f"- Groups. That {_some(10, 'person')} came together can be told {_right(10 * sheet.epsilon)}."
    yield "- Places. That a venue was full, empty or closed is what these figures are for."
    yield "- When cameras saw and when not: coverage has no noise, and steps of five per cent. It tells of cameras."
    yield (
        "- Anything against the operator, whose own tallies have no noise, or against what is told elsewhere: the "
        "internal and strict profiles, pages and signs that show counts."
    )


def _done(sheet: Sheet) -> Iterator[str]:
    noise = ", ".join(
        f"{one.kind.value}: scale {one.scale:g}, epsilon {one.epsilon:g} with k = {one.crossings}"
        for one in {(one.kind, one.scale, one.epsilon, one.crossings): one for one in sheet.drawn}.values()
    )
    yield f"- Noise: {sheet.mechanism}, drawn by {sheet.library}; {noise}; delta is 0."
    if sheet.release:
        yield f"- Withheld: {_some(sheet.withheld, 'figure')}, under {sheet.minimum} as measured or beside such a one."
    yield from (f"- {one}" for one in sheet.post)
    yield f"- Not seen completely: {_some(sheet.partly_seen, 'venue-day')}. Counts are not scaled up."
    if sheet.doubtful:
        yield f"- By a clock that was off: {_some(sheet.doubtful, 'venue-day')}, marked `doubtful`."
    if sheet.left_out:
        first = sheet.left_out[0]
        yield (
            f"- Left out: {_some(len(sheet.left_out), 'venue-day')}; {first.venue} on {first.day} {first.why}"
            f"{', and so on' if len(sheet.left_out) > 1 else ''}."
        )


def _budget(sheet: Sheet) -> Iterator[str]:
    left = sheet.budget
    yield (
        f"- Of one venue-day at most {left.per_venue_day:g} is ever spent, and it is never renewed; where the most is "
        f"spent, {left.left_least:g} is left."
    )
    yield (
        f"- Of one venue and calendar year at most {left.per_year:g} is spent; where the most is spent, "
        f"{left.left_of_year_least:g} is left."
    )
    if sheet.files:
        files = ", ".join(f"{name} has SHA-256 {digest}" for name, digest in sheet.files.items())
        yield f"- Entry {sheet.ledger.entries[-1]} of the ledger tells of this release; {files}."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _right(epsilon: float) -> str:
    guess = better_guess(epsilon)
    return f"up to {_percent(guess)} of the time" if guess < 0.995 else "nearly for sure"


def _odds(epsilon: float) -> str:
    odds = 1 / (1 - better_guess(epsilon)) - 1 if epsilon < 30 else float("inf")
    return f"{odds:.3g}" if odds < 1e6 else "more than a million"


def _some(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {'people' if what == 'person' else what + 's'}"
