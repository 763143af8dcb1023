"""Releases of a hub: what the commands call."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select

from passerby.core.noise import MICRO
from passerby.errors import ConfigError
from passerby.hub.config import HubConfig
from passerby.hub.contract import Venue
from passerby.hub.opening import open_register, open_series
from passerby.hub.register import Register
from passerby.hub.register.tables import VENUES
from passerby.hub.release import internal, strict
from passerby.hub.release.counter import Counter, Mark
from passerby.hub.release.explain import explained
from passerby.hub.release.ledger import Ledger
from passerby.hub.release.noise import Noise, OpenDP
from passerby.hub.release.public import Asked, PublicReleases, Terms
from passerby.hub.release.reconcile import Settled, before, read_sheet, reconcile
from passerby.hub.release.rows import CSV, PARQUET, SHEET, WORDS
from passerby.hub.release.settings import ProfileName
from passerby.hub.release.tallied import Questions, Reader, Waiting
from passerby.hub.release.writing import files_of, write
from passerby.hub.series.asking import Asking
from passerby.hub.series.readers import Readers
from passerby.records.tables import Row, as_csv
from passerby.records.tables_parquet import NoParquetError, as_parquet

RELEASED = "statistics released"
RECONCILED = "ledger of releases settled"
_PUBLIC = "public-"


@dataclass(frozen=True, slots=True)
class Sources:
    """What a release is made of.

    Attributes:
        clock: Unix seconds.
    """

    config: HubConfig
    register: Register
    series: Questions
    clock: Callable[[], float] = time.time


@contextmanager
def open_releases(config: HubConfig) -> Iterator["Releases"]:
    """The releases of a hub, as long as they are open; a running hub goes on beside it, and writes its series.

    Raises:
        StoreError: a store cannot be used.
    """
    with open_register(config) as register, _questions(config) as series:
        yield Releases(Sources(config, register, series))


@contextmanager
def _questions(config: HubConfig) -> Iterator[Questions]:
    if isinstance(config.store.series, str):
        with closing(Readers(config.series_file)) as readers:  # a running hub is the one that writes
            yield Asking(readers)
    else:
        with open_series(config) as series:
            yield series


class Releases:
    """Makes releases, and writes them.

    Args:
        sources: of which.
        noise: draws it; None: OpenDP, once it is needed.
    """

    def __init__(self, sources: Sources, noise: Noise | None = None) -> None:
        self._sources, self._noise = sources, noise
        config, settings = sources.config, sources.config.release
        counter = Counter(config.folder / settings.counter)
        self._folder = config.folder / settings.folder
        self.ledger = Ledger(sources.register.database, counter, self._newest, sources.clock)

    def venues(self, slugs: Sequence[str], districts: Sequence[str]) -> list[Venue]:
        """The venues that are named, and those of the districts that are; all, where none is named.

        Raises:
            ConfigError: one is not known.
            StoreError: they cannot be read.
        """
        register = self._sources.register
        every = register.venues()
        known = {venue.district for venue in every if venue.district}
        unknown = [f"there is no district {name}" for name in districts if name not in known]
        if unknown:
            raise ConfigError(unknown)
        if not slugs and not districts:
            return every
        named = {register.known(slug).number for slug in slugs}
        return [venue for venue in every if venue.number in named or (venue.district in districts)]

    def explain(self, profile: ProfileName, asked: Waiting) -> str:
        """What a release would tell and what it would not; nothing is spent, drawn or written.

        Raises:
            ReleaseError: it could not be made.
            StoreError: a store cannot be read.
        """
        if profile == "public":
            return explained(self._public().plan(Asked(asked)))
        minimum_judged = self._sources.config.release.minimum_judged
        return strict.words(asked, minimum_judged) if profile == "strict" else internal.words(asked)

    def make(self, profile: ProfileName, asked: Asked, by: str, out: Path | None = None) -> Path:
        """Makes a release and writes it.

        Args:
            profile: by which rules.
            asked: for what.
            by: account that asks, for the log.
            out: folder for it; None: one of its own in the hub's folder of releases.

        Returns:
            Its folder.

        Raises:
            ReleaseError: it cannot be made; nothing was handed out.
            StoreError: a store cannot be used, or a file cannot be written.
        """
        name, files = self._files(profile, asked)
        folder = self._folder / name
        write(files, folder, anew=profile != "public")
        if out is not None:
            write({name: (folder / name).read_bytes() for name in files}, out, anew=True)
        span = f"{asked.what.first} to {asked.what.last}"
        self._sources.register.log.add(by, RELEASED, f"{name}: {profile}, {span}, {len(asked.what.venues)} venues")
        return out or folder

    def budget(self, venues: Sequence[Venue], year: int) -> list[Row]:
        """What was spent on each venue in a calendar year, and what is left of it.

        Raises:
            LedgerError: the ledger is not what it was.
            StoreError: it cannot be read.
        """
        accounts, budget = self.ledger.read(), self._terms().budget
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        rows: list[Row] = []
        for venue in venues:
            days = {
                day
                for part in budget.parts.get(venue.number, (venue.number,))
                for day in accounts.draws.get(part, {})
                if first <= day <= last
            }
            most = max((budget.spent(accounts, venue.number, [day]) for day in days), default=0)
            left = budget.left_of_year(accounts, venue.number, first)
            rows.append(
                {
                    "venue": venue.slug,
                    "days": len(days),
                    "spent_most_of_a_day": most / MICRO,
                    "spent_of_the_year": (budget.year_micro - left) / MICRO,
                    "left_of_the_year": left / MICRO,
                }
            )
        return rows

    def reconcile(self, sheets: Sequence[Path], by: str) -> Settled:
        """Settles a ledger that was put back from a copy.

        Args:
            sheets: data sheets of releases that were made since the copy; those in the hub's folder of releases are
                read too.
            by: account, for the log.

        Raises:
            ReleaseError: a sheet cannot be read, or there is nothing to settle.
            StoreError: it cannot be read or written.
        """
        own = self._folder.glob(f"{_PUBLIC}*/{SHEET}")
        today = datetime.fromtimestamp(self._sources.clock(), UTC).date()
        settled = reconcile(self.ledger, [read_sheet(file) for file in {*sheets, *own}], today)
        until = f"; days until {settled.closed_until} count as spent" if settled.closed_until else ""
        self._sources.register.log.add(by, RECONCILED, f"{settled.told} of {settled.missing} entries told{until}")
        return settled

    def _files(self, profile: ProfileName, asked: Asked) -> tuple[str, dict[str, bytes]]:
        """Name of the release, and its files."""
        sources, what = self._sources, asked.what
        if profile == "public":
            sheet, rows = self._public().make(asked, int(sources.clock()))
            number = sheet.ledger.entries[-1]
            return f"{_PUBLIC}{number:06}-{sheet.first}-{sheet.last}-{sheet.release}", files_of(sheet, rows)
        settings = sources.config.release
        columns: Sequence[str] = internal.COLUMNS
        if profile == "strict":
            now, minimum = (sources.clock(), settings.wait_days), settings.minimum_judged
            table = list(strict.strict_rows(sources.series, what, now, minimum))
            columns, words = strict.COLUMNS, strict.words(what, minimum)
        else:
            table, words = list(internal.internal_rows(sources.series, what)), internal.words(what)
        files = {CSV: as_csv(table, columns).encode(), WORDS: words.encode()}
        with suppress(NoParquetError):  # CSV has the same rows
            files[PARQUET] = as_parquet(table, columns)
        return f"{profile}-{what.first}-{what.last}", files

    def _newest(self) -> Mark | None:
        """What the newest data sheet in the folder of releases knows of the ledger."""
        folders = sorted(self._folder.glob(f"{_PUBLIC}*/{SHEET}"), key=lambda file: file.parent.name)
        return before(read_sheet(folders[-1])) if folders else None

    def _public(self) -> PublicReleases:
        self._noise = self._noise or OpenDP()
        settings = self._sources.config.release
        reader = Reader(self._sources.series, self._sources.clock(), settings.wait_days)
        return PublicReleases(reader, self.ledger, self._noise, self._terms())

    def _terms(self) -> Terms:
        with self._sources.register.database.reading() as connection:
            asked = select(VENUES.c.number, VENUES.c.merged_into)
            merged = {row.number: row.merged_into for row in connection.execute(asked)}
        parts: dict[int, list[int]] = {}
        for number in merged:
            last = number
            while (into := merged[last]) is not None:
                last = into
            parts.setdefault(last, []).append(number)
        return Terms(self._sources.config.release, {venue: tuple(held) for venue, held in parts.items()})
