"""Which promises to visitors a running site keeps, and which it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from passerby.site.paper.facts import Facts
from passerby.site.state import SiteState


class Kept(StrEnum):
    """Whether a promise is kept."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """The rooms have not started yet."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise.

    Attributes:
        text: key of its sentence, which may name `window` and `bytes`.
        kept: whether it is kept.
    """

    text: str
    kept: Kept


def promises(facts: Facts, state: SiteState) -> tuple[Promise, ...]:
    """All of them, the most important first."""
    return tuple(_promises(facts, state))


def _promises(facts: Facts, state: SiteState) -> Iterator[Promise]:
    locked = _locked(state)
    yield Promise("promise_shut_in", locked)
    yield Promise("promise_fails_closed", Kept.NO if state.unsafe else Kept.YES)
    # A room without its lock has other ways out than its door.
    yield Promise("promise_door", locked)
    yield Promise("promise_windows", locked)
    yield Promise("promise_recognition", Kept.YES)
    yield Promise("promise_page", Kept.YES if facts.private_page else Kept.NO)
    yield Promise("promise_streams", Kept.NO if facts.open_streams else Kept.YES)


def _locked(state: SiteState) -> Kept:
    if state.unsafe:
        return Kept.NO
    complete = bool(state.lockdown) and all(one.complete for one in state.lockdown)
    return Kept.YES if complete else Kept.UNKNOWN
