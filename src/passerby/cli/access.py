"""Commands for who may open a site's page: access list, add, password, remove, token."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from passerby.cli.shared import access_app, app, warn

if TYPE_CHECKING:
    from passerby.records.access.changes import Changes

Config = Annotated[Path, typer.Argument(help="The site's configuration.")]
Name = Annotated[str, typer.Argument(help="Of the account or token; capitals make no difference.")]
RoleOption = Annotated[
    Literal["viewer", "operator", "admin"],
    typer.Option("--role", help="viewer: reads; operator: corrects and counts too; admin: may do all."),
]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, and do not ask for it.")
]


@access_app.command("list")
def list_all(config: Config) -> None:
    """Lists accounts and tokens; neither passwords nor tokens can be shown."""
    from passerby.site.config import load
    from passerby.site.opening import access_file

    book = access_file(load(config)).read()
    table = Table("name", "kind", "role", "until")
    for person in book.accounts:
        table.add_row(person.name, "account", person.role, "")
    for token in book.tokens:
        until = datetime.fromtimestamp(token.expires_unix_s).astimezone() if token.expires_unix_s else None
        table.add_row(token.name, "token", token.role, f"{until:%Y-%m-%d %H:%M}" if until else "removed")
    Console().print(table)


@access_app.command()
def add(config: Config, name: Name, role: RoleOption = "viewer", password_stdin: FromStdin = False) -> None:
    """Adds an account. It may sign in at once, also where the site runs already."""
    _warn(_changes(config).add(name, role, read_password(from_stdin=password_stdin)))
    print(f"{name}: may sign in as {role}. From now on everybody must sign in, on this machine too.")


@access_app.command()
def password(config: Config, name: Name, password_stdin: FromStdin = False) -> None:
    """Gives an account another password, and ends its sessions."""
    _warn(_changes(config).set_password(name, read_password(from_stdin=password_stdin)))
    print(f"{name}: has another password. Its sessions have ended.")


@access_app.command()
def remove(config: Config, name: Name) -> None:
    """Removes an account or a token, and ends its sessions."""
    changes = _changes(config)
    _warn(changes.remove(name))
    print(f"{name}: removed.")
    if changes.file.read().is_empty:
        warn("Nobody is left: the page is open to this machine, and a site that others can reach does not start.")


@access_app.command()
def token(
    config: Config,
    name: Name,
    role: RoleOption = "viewer",
    days: Annotated[int | None, typer.Option(help="How long it is taken; until it is removed, if absent.")] = None,
) -> None:
    """Makes a token for a program, and prints it, alone, on standard output. It is shown this once."""
    secret, problem = _changes(config).add_token(name, role, days)
    _warn(problem)
    print(secret)
    warn(f"{name}: send it as the header  Authorization: Bearer TOKEN  and keep it as a password.")


def _changes(path: Path) -> "Changes":
    from passerby.records.access.changes import Changes
    from passerby.records.system import system_account
    from passerby.site.config import load
    from passerby.site.journal import Journal
    from passerby.site.opening import access_file

    config = load(path)
    journal = Journal(config.store_file) if config.store_file.is_file() else None
    return Changes(access_file(config), journal, system_account())


def read_password(*, from_stdin: bool) -> str:
    """The password: asked for twice on the terminal, or the first line of standard input."""
    from passerby.errors import ConfigError
    from passerby.records.access.hashing import MAX_PASSWORD

    if from_stdin:
        return sys.stdin.readline(MAX_PASSWORD + 2).removesuffix("\n").removesuffix("\r")
    if not sys.stdin.isatty():
        raise ConfigError(["no terminal to ask for the password on; give it on standard input, with --password-stdin"])
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True))


def _warn(problem: str | None) -> None:
    if problem:
        warn(f"The change is made, but it does not stand in the site's log: {problem}")


app.add_typer(access_app, name="access")
