"""Commands for a hub's alerts: hub alerts test."""

from pathlib import Path
from typing import Annotated

import typer

from passerby.cli.shared import hub_app

hub_alerts_app = typer.Typer(help="Alerts of a hub.", no_args_is_help=True)


@hub_alerts_app.command("test")
def try_alert(
    place: Annotated[Path, typer.Argument(help="The hub's folder, or its configuration.")],
    name: Annotated[str, typer.Argument(help="Of an alert, whose receivers are all tried, or of one receiver.")],
    contact: Annotated[
        str | None, typer.Option(help="Short name of a venue: its responsible contact gets the test too.")
    ] = None,
) -> None:
    """Sends a test message, once, to all who are told of an alert, or to one receiver."""
    from passerby.hub.alerts.opening import send_test
    from passerby.hub.config import load
    from passerby.hub.opening import open_register

    config = load(place)
    with open_register(config) as register:
        venue = register.known(contact) if contact else None
    results = send_test(config, name, venue)
    for receiver, problem in results.items():
        print(f"{receiver}: {problem or 'sent'}")
    if any(results.values()):
        raise typer.Exit(1)


hub_app.add_typer(hub_alerts_app, name="alerts")
