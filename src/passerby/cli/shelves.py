"""Commands about shelves: teach one, and tell which are taught."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from passerby.cli.shared import Unsafe, app, bar, err, shelves_app
from passerby.gate.messages import TeachState

if TYPE_CHECKING:
    from passerby.site.shelf_references import Lessons

_INTERRUPTED = 130

app.add_typer(shelves_app, name="shelves")


@shelves_app.command()
def teach(
    config: Annotated[Path, typer.Argument(help="The site's configuration.")],
    camera: Annotated[str, typer.Argument(help="The camera that sees the shelf.")],
    state: Annotated[
        TeachState, typer.Option(help="What the shelf is shown as. now: each facing as it stands, as after new lamps.")
    ],
    shelf: Annotated[str | None, typer.Option(help="Which shelf, where the camera has several.")] = None,
    unsafe_no_lockdown: Unsafe = False,
) -> None:
    """Teaches a shelf: 20 seconds in which nobody is in front of it. The site may go on running.

    No picture is kept: numbers of 8 x 6 cells of each facing. A shelf is watched once it was taught full and empty.
    """
    from passerby.records.interrupts import interruptible
    from passerby.site.shelf_lessons import Lesson
    from passerby.site.shelf_lessons import teach as run

    wanted = Lesson(camera, state, shelf, unsafe_no_lockdown)
    with interruptible() as interrupted, bar("{task.percentage:.0f} %") as progress:
        task = progress.add_task("watching the shelf", total=1.0)
        known = run(config, wanted, lambda share: progress.update(task, completed=share), interrupted)
    if known is None:
        err.print("Stopped; nothing was taught.")
        raise typer.Exit(_INTERRUPTED)
    if known.lessons.whole:
        print(f"{known.shelf}: taught. A site that runs watches it within a few seconds, another one when it starts.")
    else:
        other = TeachState.EMPTY if known.lessons.full else TeachState.FULL
        print(f"{known.shelf}: taught {state}. It is watched once it is taught {other} too.")


@shelves_app.command(name="list")
def list_shelves(
    config: Annotated[Path, typer.Argument(help="The site's configuration.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tells which shelves there are, what each was taught, and when."""
    from passerby.site.config import load
    from passerby.site.shelf_lessons import shelves

    known = shelves(config)
    if as_json:
        print(json.dumps({"shelves": [asdict(one) for one in known]}, ensure_ascii=False))
        return
    if not known:
        print("No camera has a shelf. Draw one with Set-up on the page, or add shelves: to a camera.")
        return
    zone = load(config).site.zone
    table = Table(caption="Teach one with `passerby shelves teach`.", caption_justify="left")
    for column in ("camera", "shelf", "aisle", "facings", "taught", "last"):
        table.add_column(column)
    for one in known:
        at = one.lessons.taught_unix_s
        moment = "" if at is None else f"{datetime.fromtimestamp(at, zone).astimezone(zone):%Y-%m-%d %H:%M}"
        table.add_row(one.camera, one.shelf, one.aisle or "", str(one.facings), _taught(one.lessons), moment)
    Console().print(table)


def _taught(lessons: "Lessons") -> str:
    if lessons.moved_unix_s is not None:
        return "no: the camera was moved; see where it is drawn, and teach it full and empty"
    if lessons.whole:
        return "full and empty"
    states = [state for state, known in ((TeachState.FULL, lessons.full), (TeachState.EMPTY, lessons.empty)) if known]
    return f"{states[0]} only" if states else "no"
