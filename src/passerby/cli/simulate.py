"""Commands that show made-up venues: hub demo, simulate."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from passerby.cli.shared import app, bar, err, hub_app, warn

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


@app.command()
def simulate(
    hub: Annotated[
        Path, typer.Option(help="Folder of the hub, on this machine; one that has no real venues.")
    ] = Path(),
    venues: Venues = 60,
    cameras: Cameras = 6,
    minutes: Annotated[int, typer.Option(min=0, help="Begin so many minutes ago.")] = 0,
    speed: Annotated[
        float, typer.Option(min=0, help="Made-up minutes a second until it is now; 0: as fast as the hub takes them.")
    ] = 0.0,
    once: Annotated[bool, typer.Option("--once", help="End when all up to now is at the hub.")] = False,
    window: Annotated[int, typer.Option(min=60, max=3600, help="Width of the windows, in seconds.")] = 900,
    url: Annotated[str | None, typer.Option(help="Where to send; as the hub's configuration says if absent.")] = None,
    sites: Annotated[
        Path | None, typer.Option(help="Where the simulated sites keep keys and outboxes; absent: nowhere.")
    ] = None,
    all_well: Annotated[bool, typer.Option("--all-well", help="No venue is silent, overdue or failing.")] = False,
    seed: Seed = 1,
) -> None:
    """Sends a running hub what many made-up venues would send, each through an outbox with a key of its own."""
    from passerby.hub.simulate.fleet import Order
    from passerby.hub.simulate.load import Load, loading
    from passerby.records.interrupts import interruptible

    with ExitStack() as open_now:
        place = sites or Path(open_now.enter_context(tempfile.TemporaryDirectory(prefix="passerby-simulate-")))
        load = Load(hub, place, Order(venues, cameras, seed, all_well), minutes, window, speed, url, once)
        interrupted = open_now.enter_context(interruptible())
        progress = open_now.enter_context(bar("{task.fields[words]}"))
        task = progress.add_task("joining", total=venues, words="")
        crew = open_now.enter_context(loading(load, lambda done: progress.update(task, completed=done)))
        progress.update(task, description="made-up tallies", completed=0, total=None)
        began_s = time.monotonic()
        while not (interrupted() or (once and crew.done)):
            crew.raise_failed()
            progress.update(task, words=crew.progress().words())
            time.sleep(0.5)
        seconds, last = time.monotonic() - began_s, crew.progress()
    print(f"{last.words()}; {last.rows / seconds:,.0f} tallies a second, all of them made up")
