"""Command of a site that joins a hub: join."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from passerby.cli.shared import app, warn


@app.command()
def join(
    url: Annotated[str, typer.Argument(help="Address of the hub, such as https://hub.example.")],
    token: Annotated[
        str | None,
        typer.Argument(
            help="Token of `passerby hub invite`. Better absent, since others on this machine can read what was typed: "
            "it is asked for, or read from standard input.",
        ),
    ] = None,
    config: Annotated[Path, typer.Option(help="The site's configuration.")] = Path("site.yaml"),
    authority: Annotated[
        Path | None, typer.Option(help="PEM file of who signed the hub's certificate, such as a self-signed one.")
    ] = None,
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Take an http:// address, in a network of your own alone.")
    ] = False,
) -> None:
    """Joins a hub by an invitation, with a key that is made here and never leaves this machine."""
    from passerby.site.join import Asked, check_address
    from passerby.site.join import join as join_hub

    asked = Asked(url, config, authority, unencrypted)
    check_address(asked)  # before somebody types a token in vain
    joined = join_hub(asked, token if token is not None else _token())
    print(f"Joined as {joined.said.name} ({joined.said.venue}).")
    if joined.written:
        print(f"{config} names the hub; start the site anew, or send it SIGHUP, and it sends its tallies.")
        return
    warn(f"{config} names another hub. To send to this one, replace its hub: section by:")
    print(joined.section, end="")


def _token() -> str:
    """The token: asked for on a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt("Token", hide_input=True, err=True))
    return sys.stdin.readline(1024).strip()
