"""What is known of sites: whose each is, its time zone, and from when on its windows are kept. All of it in memory."""

from dataclasses import dataclass, replace

from passerby.hub.series.answers import HOUR_S
from passerby.hub.series.clickhouse.runner import Runner

_READ = "SELECT site, venue, name, zone, kept_from_unix_s FROM sites FINAL"


@dataclass(frozen=True, slots=True)
class Site:
    """A site.

    Attributes:
        number: of the venue that it was enrolled for.
        venue: whose it is now.
        name: what tells its cameras from those of the venue that it was merged into; empty where it was not.
        zone: which says where its days begin.
        kept_from_unix_s: windows that start before are forgotten.
    """

    number: int
    venue: int
    name: str = ""
    zone: str = "UTC"
    kept_from_unix_s: int = 0

    @property
    def cut_unix_s(self) -> int:
        """From when on the windows of an hour are there; the hour in which the first kept day begins stays whole."""
        return self.kept_from_unix_s // HOUR_S * HOUR_S


class Sites:
    """All sites.

    Args:
        runner: the way to ClickHouse.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._known: dict[int, Site] = {row[0]: Site(*row) for row in runner.query(_READ)}

    def __getitem__(self, number: int) -> Site:
        return self._known[number]

    def get(self, number: int) -> Site | None:
        """One of them."""
        return self._known.get(number)

    def all(self) -> list[Site]:
        """All of them."""
        return list(self._known.values())

    def of(self, venue: int) -> list[Site]:
        """Those of a venue: its own, and those that were merged into it."""
        found = [site for site in self.all() if site.venue == venue]
        return sorted(found, key=lambda site: (site.number != venue, site.number))

    def put(self, sites: list[Site], version: int) -> None:
        """Makes sites known, or known otherwise.

        Raises:
            StoreError: they are as they were.
        """
        if not sites:
            return
        self._runner.insert(
            "sites",
            {
                "site": [site.number for site in sites],
                "venue": [site.venue for site in sites],
                "name": [site.name for site in sites],
                "zone": [site.zone for site in sites],
                "kept_from_unix_s": [site.kept_from_unix_s for site in sites],
                "version": [version] * len(sites),
            },
        )
        # The whole is put in the place of the whole, so that who reads it meanwhile sees one or the other.
        self._known = {**self._known, **{site.number: site for site in sites}}

    def merge(self, venue: int, into: int, name: str, version: int) -> None:
        """Makes the sites of a venue those of another, as `contract.Series.merge`.

        Raises:
            StoreError: they are as they were.
        """
        other = self.get(into)
        whose = other.venue if other else into
        mine = self.of(venue) + ([] if self.get(venue) else [Site(venue, venue)])
        self.put([replace(site, venue=whose, name=site.name or name) for site in mine], version)
