"""Commands of detectors: models list, models get."""

from typing import Annotated

import typer
from rich.console import Console

from passerby.cli.shared import app, models_app

app.add_typer(models_app, name="models")


@models_app.command("list")
def models_list() -> None:
    """Lists the detectors: name, licence, source, and whether they are on this machine."""
    from passerby.site import models

    Console().print(models.list_table())


@models_app.command("get")
def models_get(name: Annotated[str, typer.Argument(help="A name of `passerby models list`.")]) -> None:
    """Fetches a detector, checks its SHA-256 and prepares it; after that, no network is needed."""
    from passerby.site import models

    found = models.get(name)
    print(f"{found.name}: ready at {found.plan.file} ({found.licence}, SHA-256 {found.sha256}).")
