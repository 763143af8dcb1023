"""The sentences of the page of privacy: what leaves, what is kept, and where each promise is explained."""

from datetime import tzinfo

from passerby.gate.contract import free_bits_per_minute
from passerby.records.access import Account, Role
from passerby.records.page.words import day_and_clock, number, size, width
from passerby.site.figures import Settings
from passerby.site.journal import Action, Entry
from passerby.site.sent import Sent
from passerby.site.state import LockdownState

_CLAIMS = "https://github.com/passerby/passerby/blob/main/docs/claims"
CLAIMS = {
    "pixel-room": "Pictures never leave the process that counts.",
    "fails-closed": "Without a complete lock, no video is read.",
    "door": "What leaves is a tally of a window.",
    "set-up-mode": "In set-up mode one still is shown, in which nobody is.",
    "feed": "The process that talks to a camera reaches only that camera's port.",
    "audit": "What asks cameras as devices contacts only the configured cameras.",
    "no-recognition": "Nobody is recognised.",
    "masks": "Of a face only one thing is asked, and the answer goes into a count.",
    "no-following": "Nobody is followed.",
    "no-calls-home": "Nothing is reported to anyone.",
    "access": "Strangers learn nothing of the venue.",
    "credentials": "Passwords of cameras are not shown.",
    "hub": "What goes to a hub is tallies of windows, and how cameras are.",
    "enrolment": "A hub takes a venue's tallies from its own site only, and receipts are the hub's.",
    "release": "What a hub publishes tells hardly anything of one visitor, within a stated budget.",
}
"""Pages of docs/claims, each with its sentence."""

KEPT = {
    "Tallies, as recorded": "35 days",
    "Tallies, added up by the hour": "13 months",
    "Corrections and counts by hand, and the log": "13 months",
    "State of cameras and workers": "until the next start",
    "A damaged store that was set aside": "until you delete it",
    "Pictures, faces, tracks": "never kept",
}
_OF_ADMINS = frozenset((Action.SIGNED_IN.value, Action.SIGN_IN_REFUSED.value, Action.ACCESS_CHANGED.value))


def claim_link(name: str) -> str:
    """Where a claim is explained."""
    return f"{_CLAIMS}/{name}.md"


def nothing_by_itself(settings: Settings) -> str:
    """What leaves where nothing is configured to tell others."""
    return f"Nothing by itself. {who_asks(settings)}"


def who_asks(settings: Settings) -> str:
    """What they get who ask."""
    what = "the whole site" if settings.site_only else "places"
    return (
        f"Who can open this page sees numbers about {what}, each over {width(settings.window_s)} or more: no pictures, "
        "no single visits, nothing about one person."
    )


def sent(told: Sent, zone: tzinfo | None) -> str:
    """How much went to those who asked."""
    if told.last_unix_s is None:
        return "nothing so far"
    answers = "1 answer" if told.answers == 1 else f"{number(told.answers)} answers"
    return f"{size(told.count)} in {answers}, last {day_and_clock(told.last_unix_s, zone)}"


def setup_bytes(count: int) -> str:
    """What came out of the rooms of set-up mode: stills without people, and totals of rehearsals."""
    return f"Set-up mode: {size(count)} came out of its rooms since the start." if count else ""


def bytes_out(lock: LockdownState, seconds: float) -> str:
    """How much came out of a worker's room."""
    rate = f", {size(round(60 * lock.bytes_out / seconds))} a minute" if seconds >= 60 else ""
    return f"{size(lock.bytes_out)} of numbers came out since the start{rate}"


def bound(settings: Settings) -> str:
    """How much could be hidden in it, were a worker taken over; empty where that cannot be told from here."""
    live = [plan for plan in settings.plans if plan.live]
    if settings.site_only or not live:
        return ""
    most = round(sum(free_bits_per_minute(plan) for plan in live) / 8)
    return (
        f"Were the programs in these rooms taken over, at most {size(most)} a minute could be hidden in the numbers of "
        f"{'this camera' if len(live) == 1 else f'these {len(live)} cameras'}: each record is checked and metered."
    )


def is_for(entry: Entry, account: Account | None) -> bool:
    """Whether a reader may see an entry: who signed in is for those alone who decide about that."""
    return entry.action not in _OF_ADMINS or is_admin(account)


def is_admin(account: Account | None) -> bool:
    """Whether a reader may see who did what."""
    return account is not None and account.role >= Role.ADMIN


def row(entry: Entry, account: Account | None, zone: tzinfo | None) -> list[str]:
    """An entry of the log as a row; who it was is for those alone who decide about access."""
    what = f"{entry.action[:1].upper()}{entry.action[1:]}"
    who = [entry.account] if is_admin(account) else []
    return [day_and_clock(entry.moment_unix_s, zone), what, entry.detail or "\u2013", *who]
