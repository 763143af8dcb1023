"""What the commands share: the application, options that several have, progress and the detector."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from passerby.site.models import ResolvedModel

app = typer.Typer(
    name="passerby",
    help="Anonymous camera analytics: numbers about places, never about people.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models_app = typer.Typer(help="Detectors: which there are, and getting them.", no_args_is_help=True)
shelves_app = typer.Typer(help="Shelves: teaching one, and which are taught.", no_args_is_help=True)
hub_app = typer.Typer(help="A hub: one picture of many venues, made of tallies only.", no_args_is_help=True)
access_app = typer.Typer(help="Who may open a site's page and use its API.", no_args_is_help=True)
err = Console(stderr=True)
"""The error stream, so that what is printed for programs stays clean."""

Unsafe = Annotated[
    bool, typer.Option("--unsafe-no-lockdown", help="Leave the rooms open to the system. For development only.")
]
ModelName = Annotated[
    str | None, typer.Option("--model", help="A detector of `passerby models list`; passerby-person if absent.")
]
Lines = Annotated[
    list[str] | None, typer.Option("--line", help="A counting line: NAME=x1,y1:x2,y2. May be given again.")
]


def mask_model() -> "ResolvedModel":
    """The judge of masks.

    Raises:
        ModelError: it cannot be had.
    """
    from passerby.site import models

    return models.resolve_masks()


def detector(name: str | None) -> "ResolvedModel":
    """The detector of that name, or passerby's own; says so if there is a better one.

    Raises:
        ModelError: it cannot be had.
    """
    from passerby.site import models

    found = models.resolve(name)
    if found.note:
        warn(found.note)
    return found


def warn(text: str) -> None:
    """Says something that is not an error, on the error stream."""
    err.print(f"[yellow]{escape(text)}[/]", highlight=False)


def bar(done: str = "{task.completed:.0f} s of video") -> Progress:
    """A bar of progress on a terminal, and nothing elsewhere."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn(done),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, transient=True, disable=not sys.stderr.isatty())
