"""Commands of alerts."""

from pathlib import Path
from typing import Annotated

import typer

from passerby.cli.shared import app

alerts_app = typer.Typer(help="Alerts: trying whether they arrive.", no_args_is_help=True)
app.add_typer(alerts_app, name="alerts")


@alerts_app.command("test")
def test(
    config: Annotated[Path, typer.Argument(help="The site's configuration.")],
    name: Annotated[str, typer.Argument(help="An alert, whose receivers are all told, or one receiver of `notify`.")],
) -> None:
    """Sends a test message, and says whom it reached; exit 1 if it did not reach all."""
    from passerby.site.config import load
    from passerby.site.outputs.alerts import send_test

    problems = send_test(load(config), name)
    for receiver, problem in problems.items():
        print(f"{receiver}: {problem or 'told'}")
    if any(problems.values()):
        raise typer.Exit(1)
