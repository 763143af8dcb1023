"""What pages and API know of alerts: a list, and a way to acknowledge one."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from passerby.records.receivers import ReceiverState


@dataclass(frozen=True, slots=True)
class AlertNow:
    """An alert of one venue, open or past.

    Attributes:
        number: of this alert; never given to another.
        rule: its name in `hub.yaml`.
        when: kind of the rule, such as `venue_silent`.
        venue: number.
        text: what it says, in one sentence.
        value: the number that it is about; None where it is about none.
        limit: what the number is beyond.
        began_unix_s: when.
        ended_unix_s: when; None while it is open.
        told: names of the receivers that were told that it began; `venue contact` stands for the venue's own.
        told_unix_s: when the first of them were; None while nobody is, as in quiet hours.
        acknowledged_by: account; empty where nobody has acknowledged it.
        acknowledged_unix_s: when; None where nobody has.
        note: of who acknowledged it.
        escalated: how many steps of receivers were told beyond the first.
    """

    number: int
    rule: str
    when: str
    venue: int
    text: str
    value: float | None
    limit: float | None
    began_unix_s: float
    ended_unix_s: float | None = None
    told: tuple[str, ...] = ()
    told_unix_s: float | None = None
    acknowledged_by: str = ""
    acknowledged_unix_s: float | None = None
    note: str = ""
    escalated: int = 0


class AlertBoard(Protocol):
    """Alerts as pages and API see them. All may be called from any thread."""

    def open(self, venues: Collection[int] | None = None) -> list[AlertNow]:
        """Open alerts, the newest first; None: of all venues.

        Raises:
            StoreError: the register cannot be read.
        """

    def past(self, venues: Collection[int] | None = None, limit: int = 100) -> list[AlertNow]:
        """Alerts that have ended, the newest first.

        Raises:
            StoreError: the register cannot be read.
        """

    def by_number(self, number: int) -> AlertNow | None:
        """The alert of a number, open or past.

        Raises:
            StoreError: the register cannot be read.
        """

    def acknowledge(self, number: int, account: str, note: str = "") -> AlertNow | None:
        """Somebody says that they see to it: it escalates no further. Entered in the log.

        Gives the alert, or None where there is no open one of that number. The first who acknowledges it stays.
        Whether the account may see the venue is asked before.

        Raises:
            StoreError: nothing was written.
        """

    def receivers(self) -> tuple[ReceiverState, ...]:
        """Who is told, and whether messages arrive."""

    def problems(self) -> tuple[str, ...]:
        """What keeps alerts from working as configured, such as a library that is not there; in words."""
