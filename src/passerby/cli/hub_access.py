"""Commands for who may open a hub: hub access list, add, password, remove, token."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from passerby.cli.access import FromStdin, read_password
from passerby.cli.shared import hub_app, warn

if TYPE_CHECKING:
    from passerby.hub.register import Register
    from passerby.records.access.changes import Changes

hub_access_app = typer.Typer(help="Who may open a hub's pages and use its API.", no_args_is_help=True)
Place = Annotated[Path, typer.Argument(help="The hub's folder, or its configuration.")]
Name = Annotated[str, typer.Argument(help="Of the account or token; capitals make no difference.")]
RoleOption = Annotated[
    Literal["viewer", "operator", "admin"],
    typer.Option("--role", help="viewer: reads; operator: acknowledges alerts too; admin: may do all."),
]
Organisations = Annotated[
    list[str] | None, typer.Option("--organisation", help="All venues of it. May be given again.")
]
Districts = Annotated[list[str] | None, typer.Option("--district", help="All venues of it. May be given again.")]
Venues = Annotated[list[str] | None, typer.Option("--venue", help="One venue, by its short name. May be given again.")]


@hub_access_app.command("list")
def list_all(place: Place) -> None:
    """Lists accounts, tokens and who logged in by a provider, each with its role and its venues."""
    from passerby.hub.opening import accounts

    table = Table("name", "kind", "role", "venues", "until")
    with _register(place) as register:
        book = accounts(register).read()
        for person in book.accounts:
            table.add_row(person.name, "account", person.role, _words(person.reach, register), "")
        for token in book.tokens:
            until = f"{_moment(token.expires_unix_s)}" if token.expires_unix_s else "removed"
            table.add_row(token.name, "token", token.role, _words(token.reach, register), until)
        for guest in book.guests:
            seen = f"log-in of {_moment(guest.seen_unix_s)}"
            table.add_row(guest.name, "log-in", guest.role, _words(guest.reach, register), seen)
    Console().print(table)


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
    """Adds an account: of all venues, or of those that are named. It may sign in at once, also where the hub runs."""
    with _changes(place) as (changes, register):
        reach = _reach(register, organisation, district, venue)
        _warn(changes.add(name, role, read_password(from_stdin=password_stdin), reach))
        print(f"{name}: may sign in as {role} of {_words(reach, register)}.")


@hub_access_app.command()
def password(place: Place, name: Name, password_stdin: FromStdin = False) -> None:
    """Gives an account another password, and ends its sessions."""
    with _changes(place) as (changes, _):
        _warn(changes.set_password(name, read_password(from_stdin=password_stdin)))
    print(f"{name}: has another password. Its sessions have ended.")


@hub_access_app.command()
def remove(place: Place, name: Name) -> None:
    """Removes an account, a token or a log-in, and ends its sessions. Who logs in by a provider may come again."""
    with _changes(place) as (changes, _):
        _warn(changes.remove(name))
    print(f"{name}: removed.")


@hub_access_app.command()
def token(
    place: Place,
    name: Name,
    role: RoleOption = "viewer",
    days: Annotated[int | None, typer.Option(help="How long it is taken; until it is removed, if absent.")] = None,
    organisation: Organisations = None,
    district: Districts = None,
    venue: Venues = None,
) -> None:
    """Makes a token for a program, and prints it, alone, on standard output. It is shown this once."""
    with _changes(place) as (changes, register):
        reach = _reach(register, organisation, district, venue)
        secret, problem = changes.add_token(name, role, days, reach)
        _warn(problem)
        print(secret)
        words = "send it as the header  Authorization: Bearer TOKEN  and keep it as a password"
        warn(f"{name}: {role} of {_words(reach, register)}; {words}.")


@contextmanager
def _register(place: Path) -> "Iterator[Register]":
    from passerby.hub.config import load
    from passerby.hub.opening import open_register

    with open_register(load(place)) as register:
        yield register


@contextmanager
def _changes(place: Path) -> "Iterator[tuple[Changes, Register]]":
    from passerby.hub.opening import accounts
    from passerby.records.access.changes import Changes
    from passerby.records.system import system_account

    with _register(place) as register:
        yield Changes(accounts(register), register.log, system_account()), register


def _reach(
    register: "Register", organisations: list[str] | None, districts: list[str] | None, venues: list[str] | None
) -> tuple[str, ...] | None:
    """A scope as it is kept; a venue that is not there is a mistake, a district without venues perhaps."""
    from passerby.hub.access.scope import reach

    known = register.venues()
    for kind, named, there in (
        ("organisation", organisations, {one.organisation.casefold() for one in known}),
        ("district", districts, {one.district.casefold() for one in known}),
    ):
        for one in named or ():
            if one.casefold() not in there:
                warn(f"No venue has the {kind} {one} yet.")
    return reach(organisations or (), districts or (), [register.known(slug).number for slug in venues or ()])


def _words(reach: tuple[str, ...] | None, register: "Register") -> str:
    """A scope in words: venues by their short names."""
    from passerby.hub.access.scope import VENUE

    if reach is None:
        return "all venues"
    words = []
    for one in reach:
        kind, _, value = one.partition(":")
        found = register.by_number(int(value)) if kind == VENUE else None
        words.append(f"{kind} {found.slug if found else value}")
    return ", ".join(words) or "no venue"


def _moment(unix_s: float) -> str:
    return f"{datetime.fromtimestamp(unix_s).astimezone():%Y-%m-%d %H:%M}"


def _warn(problem: str | None) -> None:
    if problem:
        warn(f"The change is made, but it does not stand in the hub's log: {problem}")


hub_app.add_typer(hub_access_app, name="access")
