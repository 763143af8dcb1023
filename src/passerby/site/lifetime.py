"""Sums of all that is stored, for counters that go on across restarts."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from passerby.core.shares import MaskCounts
from passerby.core.tallies import MASK_MEASURES, SHELF_MEASURES, Measure, Tally, window_start
from passerby.site.figures import Settings
from passerby.site.reports import WHOLE_SITE
from passerby.site.reports.asked import Where
from passerby.site.store import HOUR_S, Filter, PlaceSum, Store

_SETTLED_S = 6 * HOUR_S
"""What is older counts as complete and is not read again; what comes later still, as from a full disk, is missed."""

_HOUR_LATE_S = 60
"""An hour counts as complete so long after its end."""

_LEFT_OUT = (Measure.PEAK, Measure.HEAT, Measure.MASKED, Measure.WORN_WRONGLY, *SHELF_MEASURES)

Key = tuple[Measure, str, str]
"""A measure, a camera, and a line or zone."""


@dataclass(frozen=True, slots=True)
class Sum:
    """All of one measure at one place.

    Attributes:
        totals: of each part of the measure.
        exposure: seconds seen or people asked, for measures of one part.
    """

    totals: tuple[float, ...]
    exposure: float

    def plus(self, part: int, total: float, exposure: float) -> "Sum":
        """With one part risen."""
        totals = (*self.totals[:part], self.totals[part] + total, *self.totals[part + 1 :])
        return Sum(totals, self.exposure + exposure)


Sums = dict[Key, Sum]


@dataclass(frozen=True, slots=True)
class Judgements:
    """What was told of masks at one place: every person asked is one of these.

    Attributes:
        masked, unmasked, worn_wrongly, cannot_tell: people.
    """

    masked: int = 0
    unmasked: int = 0
    worn_wrongly: int = 0
    cannot_tell: int = 0

    def plus(self, counts: MaskCounts) -> "Judgements":
        """With those of an hour."""
        return Judgements(
            self.masked + counts.masked,
            self.unmasked + counts.judged - counts.masked - counts.worn_wrongly,
            self.worn_wrongly + counts.worn_wrongly,
            self.cannot_tell + counts.cannot_tell,
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """All that was counted.

    Attributes:
        sums: by measure, camera and place, without what no counter can be made of.
        judgements: by camera and place; see `Lifetime`.
    """

    sums: Sums
    judgements: dict[Where, Judgements]


class Lifetime:
    """Sums that only rise while the program runs.

    What is settled is read once: it can be a million rows. Judgements of masks are summed by the hour, and only of
    hours in which as many people were judged as a share needs; no step of theirs tells of fewer. Hours, since old
    windows are kept as hours: so the sums are the same after a restart.

    Args:
        store: where tallies are.
        settings: the clock, and how many people a share needs.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._lock = threading.Lock()
        self._settled: Sums = {}
        self._settled_to: int | None = None
        self._judgements = dict.fromkeys(self._mask_places(), Judgements())
        self._masks_to: int | None = None
        self._read: tuple[tuple[int, int], Counted] = ((-1, -1), Counted({}, {}))

    def read(self) -> Counted:
        """The sums as they are now. Safe from any thread.

        Raises:
            StoreError: the store cannot be read.
        """
        with self._lock:
            hour = window_start(self._settings.clock() - _HOUR_LATE_S, HOUR_S)
            now = (self._store.revision, hour)
            if now != self._read[0]:
                self._settle(hour - _SETTLED_S)
                self._add_masks(hour)
                recent = _added(self._settled, self._store.sums(Filter(since_unix_s=self._settled_to)))
                self._read = (now, Counted(recent, dict(self._judgements)))
            return self._read[1]

    def _settle(self, until_unix_s: int) -> None:
        if self._settled_to is None or until_unix_s > self._settled_to:
            more = self._store.sums(Filter(since_unix_s=self._settled_to, until_unix_s=until_unix_s))
            self._settled, self._settled_to = _added(self._settled, more), until_unix_s

    def _add_masks(self, until_unix_s: int) -> None:
        """Adds the hours that are complete by now. Place by place, so that a year need not fit into memory."""
        if self._masks_to is not None and until_unix_s <= self._masks_to:
            return
        judgements = dict(self._judgements)
        for where in self._judgements:
            for hour in self._hours(where, until_unix_s):
                if hour.judged >= max(1, self._settings.minimum_judged):
                    judgements[where] = judgements[where].plus(hour)
        self._judgements, self._masks_to = judgements, until_unix_s

    def _hours(self, where: Where, until_unix_s: int) -> Iterable[MaskCounts]:
        hours: dict[int, list[Tally]] = {}
        for measure in MASK_MEASURES:
            which = Filter(where[0], measure, where[1], self._masks_to, until_unix_s, HOUR_S)
            for hour in self._store.query(which):
                hours.setdefault(hour.start_unix_s, []).append(hour)
        return map(MaskCounts.of, hours.values())

    def _mask_places(self) -> list[Where]:
        if self._settings.site_only:
            return [WHOLE_SITE]
        plans = self._settings.plans
        return [(one.name, place.name) for one in plans for place in one.places if Measure.MASKED in place.measures]


def _added(sums: Sums, more: Iterable[PlaceSum]) -> Sums:
    result = dict(sums)
    for one in more:
        if one.measure not in _LEFT_OUT:
            key = (one.measure, one.camera, one.subject)
            result[key] = result.get(key, nothing(one.measure)).plus(one.part, one.total, one.exposure)
    return result


def nothing(measure: Measure) -> Sum:
    """The sum of no tallies."""
    return Sum((0.0,) * measure.parts, 0.0)
