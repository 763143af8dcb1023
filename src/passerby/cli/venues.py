"""Commands for the list of venues: list, import, export, add, rename, merge, remove."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from passerby.cli.hub import Place, Slug
from passerby.cli.shared import hub_app

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from passerby.hub.register import Register

venues_app = typer.Typer(help="The venues of a hub.", no_args_is_help=True)


@venues_app.command("list")
def list_all(place: Place = Path()) -> None:
    """Lists all venues."""
    table = Table("venue", "name", "organisation", "district", "cameras", "lines", "deadline")
    with _register(place) as register:
        for one in register.venues():
            expected = (str(one.expected_cameras or ""), str(one.expected_lines or ""))
            deadline = one.deadline.isoformat() if one.deadline else ""
            table.add_row(one.slug, one.name, one.organisation, one.district, *expected, deadline)
    Console().print(table)


@venues_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A list in CSV; docs/hub.md names its columns.")],
    place: Place = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would change.")] = False,
) -> None:
    """Adds the venues of a list, and changes those that are there; all of it, or nothing where it has a mistake."""
    from passerby.hub.register.importing import import_list
    from passerby.records.system import system_account

    with _register(place) as register:
        done = import_list(register, file, system_account(), dry_run=dry_run)
    for venue in (*done.added, *done.changed) if dry_run else ():
        print(f"{'new' if venue.number == 0 else 'changed'}: {venue.slug}")
    would = "would be " if dry_run else ""
    print(f"{len(done.added)} venues {would}added, {len(done.changed)} {would}changed, {done.same} as they were.")


@venues_app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; standard output if absent.")] = None,
    place: Place = Path(),
) -> None:
    """Writes the list of venues in CSV, as `import` reads it."""
    from passerby.errors import ConfigError
    from passerby.hub.register.venue_list import write_list

    with _register(place) as register:
        text = write_list(register.venues())
    if file is None:
        sys.stdout.write(text)
        return
    try:
        with file.open("x", encoding="utf-8", newline="") as handle:
            handle.write(text)
    except OSError as error:
        raise ConfigError([f"{file}: cannot be written ({error.strerror})"]) from None


@venues_app.command()
def add(
    slug: Slug,
    name: Annotated[str, typer.Argument(help="As people call it.")],
    place: Place = Path(),
    zone: Annotated[str, typer.Option(help="Its time zone, such as Europe/Paris.")] = "UTC",
    cameras: Annotated[int, typer.Option(help="Cameras that it shall have.")] = 0,
    lines: Annotated[int, typer.Option(help="Lines that it shall have.")] = 0,
) -> None:
    """Adds one venue; a list in CSV can say more of it."""
    from passerby.hub.contract import Venue
    from passerby.records.system import system_account

    venue = Venue(0, slug, name, zone=zone, expected_cameras=cameras, expected_lines=lines)
    with _register(place) as register:
        register.add(venue, system_account())
    print(f"{slug}: added. Invite its site with `passerby hub invite {slug}`.")


@venues_app.command()
def rename(
    slug: Slug,
    name: Annotated[str | None, typer.Option(help="As people call it from now on.")] = None,
    new_slug: Annotated[str | None, typer.Option("--slug", help="Its short name from now on.")] = None,
    place: Place = Path(),
) -> None:
    """Gives a venue another name. Its figures, its site and its entries in the log stay its own."""
    from dataclasses import replace

    from passerby.errors import ConfigError
    from passerby.records.system import system_account

    if name is None and new_slug is None:
        raise ConfigError(["give --name, --slug or both"])
    with _register(place) as register:
        before = register.known(slug)
        after = replace(before, name=name or before.name, slug=new_slug or before.slug)
        register.change(after, system_account())
    print(f"{before.slug}: {before.name} is now {after.slug}: {after.name}.")


@venues_app.command()
def merge(
    slug: Slug, into: Annotated[str, typer.Argument(help="The venue that stays.")], place: Place = Path()
) -> None:
    """Makes a venue a part of another, with all that was gathered; this cannot be undone."""
    from passerby.records.system import system_account

    with _register(place) as register:
        whole = register.merge(slug, into, system_account())
    print(f"{slug} is a part of {whole.slug} from now on. The running hub moves what was gathered, within minutes.")


@venues_app.command()
def remove(slug: Slug, place: Place = Path()) -> None:
    """Removes a venue for which no site ever joined."""
    from passerby.records.system import system_account

    with _register(place) as register:
        register.remove(slug, system_account())
    print(f"{slug}: removed.")


def _register(place: Path) -> "AbstractContextManager[Register]":
    from passerby.hub.config import load
    from passerby.hub.opening import open_register

    return open_register(load(place))


hub_app.add_typer(venues_app, name="venues")
