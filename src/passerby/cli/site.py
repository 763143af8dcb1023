"""Commands of a site: run, correct, init, schema, doctor."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from passerby.cli.shared import Unsafe, app


@app.command()
def run(
    config: Annotated[Path, typer.Argument(help="The site's configuration; `passerby init` writes one.")],
    unsafe_no_lockdown: Unsafe = False,
    ray: Annotated[
        str | None,
        typer.Option(help="Spread the workers over the boxes of a Ray cluster: its address, or auto on a box of it."),
    ] = None,
) -> None:
    """Counts a site's cameras live, keeps the windows, and serves the page, the API and the metrics.

    SIGHUP makes it read the configuration again; mistakes are logged, and the site goes on as it is.
    """
    from passerby.site import run as site

    if site.run(config, unsafe=unsafe_no_lockdown, ray=ray):
        # All that was read, loaded and served belongs to the configuration as it was: only a fresh start changes all.
        # -P: no module is taken from the working folder, which others may be able to write.
        os.execv(sys.executable, [sys.executable, "-P", "-m", "passerby.cli", *sys.argv[1:]])  # noqa: S606 - itself again


@app.command()
def correct(
    config: Annotated[Path, typer.Argument(help="The site's configuration.")],
    place: Annotated[str, typer.Argument(help="A place of the configuration.")],
    people: Annotated[int, typer.Argument(help="How many people are in it now.")],
    note: Annotated[str | None, typer.Option(help="Why; stands in the log and on the page.")] = None,
) -> None:
    """Sets how many people are in a place, and enters that in the site's log; the site may go on running."""
    from passerby.site.config import load
    from passerby.site.corrections import correct as write

    written = write(load(config), place, people, note)
    print(f"{written.place}: {written.people} people from now on. The correction is in the site's log.")


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="Where to write the example.")] = Path("site.yaml"),
    source: Annotated[
        str | None, typer.Option(help="A camera to begin with: its rtsp:// address without credentials.")
    ] = None,
    camera: Annotated[str, typer.Option(help="What that camera is called.")] = "entrance",
    username: Annotated[
        str | None, typer.Option(help="User name at the camera; its password is asked for, or read from a pipe.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Write over a file that exists.")] = False,
) -> None:
    """Writes a commented configuration to begin with, with a camera if you name its address, and its JSON Schema."""
    from passerby.errors import ConfigError
    from passerby.site import example

    if source is None and username is not None:
        raise ConfigError(["--username: name the camera's address with --source beside it"])
    if source is None:
        example.write(file, force=force)
        print(f"{file}: written. Set the camera's address and lines, and start it with `passerby run {file}`.")
        return
    password = _password(username) if username else None
    example.write(file, example.FirstCamera(camera, source, username, password), force=force)
    print(f"{file}: written. Start it with `passerby run {file}`, and draw a line at {camera} with Set-up on the page.")


def _password(username: str) -> str:
    """The camera's password: asked for on a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(f"Password of {username} at the camera", hide_input=True))
    return sys.stdin.readline().rstrip("\r\n")


@app.command()
def schema() -> None:
    """Prints the JSON Schema of the configuration, for editors."""
    from passerby.site import config

    print(json.dumps(config.json_schema(), indent=2))


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Says what this machine can do, what it cannot, and how to mend it; exit 1 if anything is missing."""
    from passerby.site import doctor as examination

    findings = examination.examine()
    if as_json:
        print(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False))
    else:
        Console().print(examination.table(findings))
    if any(finding.level == "missing" for finding in findings):
        raise typer.Exit(1)
