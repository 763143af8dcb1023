"""Commands that show made-up venues: hub demo, simulate."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from passerby.cli.shared import bar, err, hub_app, warn

Venues = Annotated[int, typer.Option(min=1, max=5000, help="How many venues.")]
Cameras = Annotated[int, typer.Option(min=1, max=60, help="Cameras of each venue.")]
Seed = Annotated[int, typer.Option(min=0, help="Another seed makes other venues and numbers; the same, the same.")]


@hub_app.command()
def demo(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Where to keep it, to be shown again; absent: nowhere."),
    ] = None,
    venues: Venues = 60,
    cameras: Cameras = 6,
    days: Annotated[int, typer.Option(min=1, max=396, help="Days of history.")] = 35,
    port: Annotated[int, typer.Option(help="Port of the page on 127.0.0.1.")] = 8780,
    seed: Seed = 1,
    once: Annotated[bool, typer.Option("--once", help="Fill it, look whether it answers, and end.")] = False,
) -> None:
    """Shows a control room that is filled with made-up venues, and goes on with simulated sites until Ctrl-C."""
    from passerby.hub.simulate import demo as demonstration
    from passerby.hub.simulate.fleet import Order
    from passerby.records.interrupts import interruptible

    with ExitStack() as open_now:
        place = folder or Path(open_now.enter_context(tempfile.TemporaryDirectory(prefix="passerby-hub-demo-")))
        asked = demonstration.Demo(place, Order(venues, cameras, seed), days, port)
        rows, began_s = 0, time.monotonic()
        with bar("{task.completed:.0f} of {task.total:.0f} venues") as progress:
            task = progress.add_task("making up a history", total=venues)

            def told(done: int, stored: int) -> None:
                nonlocal rows
                rows += stored
                progress.update(task, completed=done)

            shown = demonstration.prepare(asked, told)
        if rows:
            err.print(f"{rows:,} tallies of {len(shown.fleet)} venues in {time.monotonic() - began_s:.0f} s")
        interrupted = open_now.enter_context(interruptible())
        url, crew = open_now.enter_context(demonstration.showing(shown))
        err.print(f"The control room is at [bold]{url}[/]", highlight=False)
        warn("Every venue and every number there is made up. Ctrl-C ends it.")
        while not (interrupted() or once):
            crew.raise_failed()
            time.sleep(0.2)
