"""The command line: each command calls one function and prints what comes back."""

import sys
from typing import Annotated

import typer

from passerby import __version__
from passerby.cli import (
    access,
    alerts,
    check,
    counting,
    devices,
    hub,
    hub_access,
    hub_alerts,
    hub_release,
    joining,
    models,
    paper,
    prove,
    shelves,
    simulate,
    site,
    venues,
)
from passerby.cli.shared import app, err
from passerby.errors import PasserbyError

__all__ = [
    "access",
    "alerts",
    "app",
    "check",
    "counting",
    "devices",
    "hub",
    "hub_access",
    "hub_alerts",
    "hub_release",
    "joining",
    "main",
    "models",
    "paper",
    "prove",
    "shelves",
    "simulate",
    "site",
    "venues",
]


def _say_version(asked: bool) -> None:
    if asked:
        print(f"passerby {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Anonymous camera analytics: numbers about places, never about people."""


def main() -> None:
    """Runs a command. Errors meant for people are printed plainly, with the exit status that they carry."""
    try:
        app()
    except PasserbyError as error:
        err.print("[bold red]passerby:[/] ", end="", highlight=False)
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
