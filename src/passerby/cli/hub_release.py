"""Commands for statistics that leave a hub: release, budget, reconcile."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from passerby.cli.shared import hub_app

Place = Annotated[Path, typer.Option("--hub", help="The hub's folder, or its configuration.")]
Venues = Annotated[list[str] | None, typer.Option("--venue", help="Short name of a venue. May be given again.")]
Districts = Annotated[list[str] | None, typer.Option("--district", help="All its venues. May be given again.")]


@hub_app.command()
def release(
    place: Place = Path(),
    profile: Annotated[
        Literal["internal", "strict", "public"] | None,
        typer.Option(help="Rules by which it is made; `release: profile:` of the configuration if absent."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="First day, as 2026-11-01; seven days before the last if absent.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day; yesterday if absent.")] = None,
    venue: Venues = None,
    district: Districts = None,
    hourly: Annotated[bool, typer.Option("--hourly", help="Hours too, in a public release. They cost more.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for it; one in the hub's folder if absent.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what a reader could and could not learn, and release nothing.")
    ] = False,
    remeasure: Annotated[
        bool, typer.Option("--remeasure", help="Draw anew and pay again, for days whose tallies came late.")
    ] = False,
) -> None:
    """Releases statistics: figures as CSV and Parquet, with a data sheet and what they mean in plain words."""
    from passerby.hub.config import load
    from passerby.hub.release.desk import open_releases
    from passerby.hub.release.public import Asked
    from passerby.hub.release.tallied import Waiting
    from passerby.records.system import system_account

    config = load(place)
    with open_releases(config) as releases:
        span = _span(first, last)
        asked = Waiting(releases.venues(venue or [], district or []), *span, hourly)
        chosen = profile or config.release.profile
        if explain:
            print(releases.explain(chosen, asked), end="")
            return
        folder = releases.make(chosen, Asked(asked, remeasure), system_account(), out)
    print((folder / "README.txt").read_text(), end="")
    print(f"\n{folder}: written.")


@hub_app.command()
def budget(
    place: Place = Path(),
    year: Annotated[int | None, typer.Option(help="Calendar year of the days; this one if absent.")] = None,
    venue: Venues = None,
    district: Districts = None,
) -> None:
    """Lists what releases have spent on the venues, and what is left."""
    from passerby.hub.config import load
    from passerby.hub.release.desk import open_releases

    config = load(place)
    chosen = year or datetime.now(UTC).year
    with open_releases(config) as releases:
        rows = releases.budget(releases.venues(venue or [], district or []), chosen)
    table = Table("venue", f"days of {chosen}", "most spent on a day", "spent of the year", "left of the year")
    for row in rows:
        table.add_row(*(str(value) if isinstance(value, str) else f"{value:g}" for value in row.values()))
    Console().print(table)
    print(f"A venue-day has {config.release.budget_day:g}, once and for ever.")


@hub_app.command()
def reconcile(
    sheets: Annotated[
        list[Path] | None,
        typer.Argument(help="Data sheets of releases since the copy; those in the hub's folder are read anyway."),
    ] = None,
    place: Place = Path(),
) -> None:
    """Settles what was spent, after the register was put back from a copy; releases are refused until then."""
    from passerby.hub.config import load
    from passerby.hub.release.desk import open_releases
    from passerby.records.system import system_account

    with open_releases(load(place)) as releases:
        settled = releases.reconcile(sheets or [], system_account())
    print(f"{settled.missing} entries were missing, and data sheets told of {settled.told} of them.")
    if settled.closed_until:
        print(f"Days until {settled.closed_until} count as spent, but for what the ledger still knows.")


def _span(first: str | None, last: str | None) -> tuple[date, date]:
    from passerby.errors import ConfigError

    try:
        to = date.fromisoformat(last) if last else datetime.now(UTC).date() - timedelta(days=1)
        since = date.fromisoformat(first) if first else to - timedelta(days=6)
    except ValueError:
        raise ConfigError(["--from and --to: write a day as 2026-11-01"]) from None
    if since > to:
        raise ConfigError([f"--from {since} is after --to {to}"])
    return since, to
