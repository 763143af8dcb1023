"""The command that proves counts."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from passerby.cli.shared import app
from passerby.errors import ConfigError


@app.command()
def prove(
    config: Annotated[Path, typer.Argument(help="The site's configuration.")],
    line: Annotated[str | None, typer.Option(help="Where it was counted by hand: CAMERA/LINE.")] = None,
    counts: Annotated[
        Path | None, typer.Option(help="Counts by hand: CSV with start,in,out and a row for each window.")
    ] = None,
    end: Annotated[str | None, typer.Option(help="CAMERA or CAMERA/LINE whose proof ends, as it was moved.")] = None,
    note: Annotated[str, typer.Option(help="Why it ends; stands in the site's log.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tells how far the counts are from counts by hand, and takes such counts; the site may go on running.

    Counting on a phone at the door is on the page: /prove.
    """
    from passerby.site.proof import command
    from passerby.site.run import prover

    if (line is None) is not (counts is None):
        raise ConfigError(["--line and --counts belong together: where it was counted, and the file with the counts"])
    site = prover(config)
    if line and counts:
        print(f"{line}: {site.take(line, counts)} windows counted by hand are kept.")
    if end:
        print(f"{end}: what {site.end(end, note)} windows proved holds no more.")
    told = site.told()
    if as_json:
        print(json.dumps({"proofs": [one.as_dict() for one in told]}, ensure_ascii=False))
    else:
        Console().print(command.table(told, site.config.site.zone))
