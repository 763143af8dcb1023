"""Commands for who may open a hub's pages, and of which venues: hub access list, add, password, remove, token."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from passerby.cli.access import FromStdin, Name, RoleOption, ask_password, table_of, warn_of
from passerby.cli.shared import hub_app, warn

if TYPE_CHECKING:
    from passerby.hub.register import Register
    from passerby.records.access.changes import Changes

hub_access_app = typer.Typer(
    help="Who may open a hub's pages and use its API, and of which venues.", no_args_is_help=True
)
Place = Annotated[Path, typer.Argument(help="The hub's folder, or its configuration.")]
Organisations = Annotated[
    list[str] | None, typer.Option("--organisation", help="Only the venues of this one. May be given again.")
]
Districts = Annotated[
    list[str] | None, typer.Option("--district", help="Only the venues of this one. May be given again.")
]
Venues = Annotated[list[str] | None, typer.Option("--venue", help="Only this venue. May be given again.")]


@hub_access_app.command("list")
def list_all(place: Place) -> None:
    """Lists accounts and tokens; neither passwords nor tokens can be shown."""
    with _changes(place) as (changes, _):
        Console().print(table_of(changes.file.read()))


@hub_access_app.command()
def add(
    place: Place,
    name: Name,
    role: RoleOption = "viewer",
    organisation: Organisations = None,
    district: Districts = None,
    venue: Venues = None,
    password_stdin: FromStdin = False,
) -> None:
    """Adds an account, for all venues or for some. It may sign in at once, also where the hub runs already."""
    with _changes(place) as (changes, register):
        reach = _reach(register, organisation, district, venue)
        warn_of(changes.add(name, role, ask_password(from_stdin=password_stdin), reach))
    print(f"{name}: may sign in as {role}. From now on everybody must sign in, on this machine too.")


@hub_access_app.command()
def password(place: Place, name: Name, password_stdin: FromStdin = False) -> None:
    """Gives an account another password, and ends its sessions."""
    with _changes(place) as (changes, _):
        warn_of(changes.set_password(name, ask_password(from_stdin=password_stdin)))
    print(f"{name}: has another password. Its sessions have ended.")


@hub_access_app.command()
def remove(place: Place, name: Name) -> None:
    """Removes an account or a token, and ends its sessions."""
    with _changes(place) as (changes, _):
        warn_of(changes.remove(name))
        is_empty = changes.file.read().is_empty
    print(f"{name}: removed.")
    if is_empty:
        warn("Nobody is left: the pages are open to this machine, and a hub that others can reach does not start.")


@hub_access_app.command()
def token(
    place: Place,
    name: Name,
    role: RoleOption = "viewer",
    organisation: Organisations = None,
    district: Districts = None,
    venue: Venues = None,
    days: Annotated[int | None, typer.Option(help="How long it is taken; until it is removed, if absent.")] = None,
) -> None:
    """Makes a token for a program, and prints it, alone, on standard output. It is shown this once."""
    with _changes(place) as (changes, register):
        secret, problem = changes.add_token(name, role, days, _reach(register, organisation, district, venue))
    warn_of(problem)
    print(secret)
    warn(f"{name}: send it as the header  Authorization: Bearer TOKEN  and keep it as a password.")


def _reach(
    register: "Register", organisations: list[str] | None, districts: list[str] | None, venues: list[str] | None
) -> tuple[str, ...] | None:
    from passerby.hub.access.scope import reach

    return reach(organisations or (), districts or (), [register.known(slug).number for slug in venues or ()])


@contextmanager
def _changes(place: Path) -> "Iterator[tuple[Changes, Register]]":
    from passerby.hub.config import load
    from passerby.hub.opening import accounts, open_register
    from passerby.records.access.changes import Changes
    from passerby.records.system import system_account

    with open_register(load(place)) as register:
        yield Changes(accounts(register), register.log, system_account()), register


hub_app.add_typer(hub_access_app, name="access")
