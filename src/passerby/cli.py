"""The command line: each command calls one function and prints what comes back."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from passerby import __version__
from passerby.errors import PasserbyError

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
app.add_typer(models_app, name="models")
_err = Console(stderr=True)

Unsafe = Annotated[
    bool, typer.Option("--unsafe-no-lockdown", help="Leave the rooms open to the system. For development only.")
]
ModelName = Annotated[
    str | None, typer.Option("--model", help="A detector of `passerby models list`; the best at hand if absent.")
]
Lines = Annotated[
    list[str] | None, typer.Option("--line", help="A counting line: NAME=x1,y1:x2,y2. May be given again.")
]
Zones = Annotated[list[str] | None, typer.Option("--zone", help="A zone: NAME=x,y:x,y:x,y. May be given again.")]
Queues = Annotated[
    list[str] | None, typer.Option("--queue", help="A zone that is a queue: ZONE=x,y:x,y, its head and its tail.")
]
CrowdLimits = Annotated[
    list[str] | None, typer.Option("--crowd-limit", help="How many people may be in a zone: ZONE=20.")
]
StaffAreas = Annotated[
    list[str] | None, typer.Option("--staff-area", help="Who stands in x,y:x,y:x,y is not counted. May be given again.")
]
PrivacyMasks = Annotated[
    list[str] | None, typer.Option("--privacy-mask", help="x,y:x,y:x,y is blanked before anything looks at it.")
]


@app.command()
def count(
    source: Annotated[
        str, typer.Argument(help="A video file, an rtsp:// or rtsps:// URL, a folder of pictures, or - .")
    ],
    line: Lines = None,
    zone: Zones = None,
    queue: Queues = None,
    crowd_limit: CrowdLimits = None,
    staff_area: StaffAreas = None,
    privacy_mask: PrivacyMasks = None,
    masks: Annotated[
        bool, typer.Option("--masks", help="Ask at every line and zone whether a mask is visible.")
    ] = False,
    heat_map: Annotated[bool, typer.Option("--heat-map", help="Also tell where people were, coarsely.")] = False,
    view: Annotated[
        str, typer.Option(help="level: people stand upright; overhead: the camera looks straight down.")
    ] = "level",
    model: ModelName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
    seconds: Annotated[float | None, typer.Option("--for", help="Leave a camera after so many seconds.")] = None,
    unsafe_no_lockdown: Unsafe = False,
) -> None:
    """Counts people at lines and in zones of one source, and prints the totals.

    Coordinates are fractions of the picture from 0 to 1, or pixels of the source with px behind
    (560px,100px:560px,575px). "In" is crossing from the left hand to the right hand of someone who walks from the first
    point to the second on the picture.
    """
    from passerby.gate.sources import parse
    from passerby.site import count as counting
    from passerby.site.shapes import Written, parse_places

    written = Written(
        lines=tuple(line or ()),
        zones=tuple(zone or ()),
        queues=tuple(queue or ()),
        crowd_limits=tuple(crowd_limit or ()),
        staff_areas=tuple(staff_area or ()),
        privacy_masks=tuple(privacy_mask or ()),
        masks=masks,
    )
    shapes = parse_places(written, nothing_else=not heat_map)
    _check_view(view, masks=masks)
    order = counting.Order(
        source=parse(source),
        shapes=shapes,
        view=view,
        models=counting.Models(_model(model) if view == "level" else None, _masks() if masks else None),
        heat_map=heat_map,
        limit_s=seconds,
        unsafe_no_lockdown=unsafe_no_lockdown,
    )
    with _progress() as progress:
        task = progress.add_task("counting", total=None)
        result = counting.count(
            order, lambda done_s, total_s: progress.update(task, completed=done_s, total=total_s or None)
        )
    summary = result.summary()
    if as_json:
        print(json.dumps(summary, ensure_ascii=False))
    else:
        _print_summary(summary)


def _check_view(view: str, *, masks: bool) -> None:
    from passerby.errors import ConfigError

    if view not in ("level", "overhead"):
        raise ConfigError([f"--view {view}: it is level or overhead."])
    if view == "overhead" and masks:
        raise ConfigError(["--masks: from straight above no face is seen; leave it away, or count with --view level."])


def _masks() -> "ResolvedModel":
    from passerby.site import models

    return models.resolve_masks()


def _model(name: str | None) -> "ResolvedModel":
    from passerby.site import models

    found = models.resolve(name)
    if found.note:
        _err.print(f"[yellow]{escape(found.note)}[/]", highlight=False)
    return found


def _progress(done: str = "{task.completed:.0f} s of video") -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn(done),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=_err, transient=True, disable=not sys.stderr.isatty())


def _print_summary(summary: dict[str, Any]) -> None:
    console = Console()
    seen = f"{summary['seconds']:.1f} s of video, seen {summary['coverage']:.0%} of the time"
    console.print(f"{summary['source']}: {seen}", markup=False, highlight=False, soft_wrap=True)
    from passerby.site.summary import tables

    for table in tables(summary):
        console.print(table)
    locked = summary["lockdown"]
    words = (
        f"Landlock ABI {locked['landlock_abi']} and seccomp"
        if locked["seccomp"]
        else "NOT LOCKED DOWN (--unsafe-no-lockdown)"
    )
    console.print(f"detector {summary['model']['name']}; pixel room: {words}", highlight=False)
    for warning in summary["warnings"]:
        _err.print(f"[yellow]{escape(warning)}[/]", highlight=False)


@app.command()
def run(
    config: Annotated[Path, typer.Argument(help="The site's configuration; `passerby init` writes one.")],
    unsafe_no_lockdown: Unsafe = False,
) -> None:
    """Counts a site's cameras live, keeps the windows, and serves the page, the API and the metrics."""
    from passerby.site import run as site

    site.run(config, unsafe=unsafe_no_lockdown)


@app.command()
def demo(
    video: Annotated[
        Path | None, typer.Option(help="A video file of your own instead of the demonstration clip.")
    ] = None,
    line: Lines = None,
    once: Annotated[bool, typer.Option("--once", help="End by itself when the clip ends.")] = False,
    port: Annotated[int, typer.Option(help="Port of the page on 127.0.0.1.")] = 8765,
    model: ModelName = None,
    unsafe_no_lockdown: Unsafe = False,
) -> None:
    """Counts a real clip and shows the page: numbers rise until Ctrl-C, or once through without a terminal."""
    from passerby.site import demo as demonstration

    once = once or not (sys.stdin.isatty() and sys.stdout.isatty())
    options = demonstration.Options(video, tuple(line or ()), once, port, unsafe_no_lockdown)
    _print_summary(demonstration.run(options, _model(model)))


@app.command()
def bench(
    config: Annotated[Path, typer.Argument(help="The site's configuration.")],
    seconds: Annotated[float, typer.Option("--for", min=5, help="Measure for so many seconds.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
    unsafe_no_lockdown: Unsafe = False,
) -> None:
    """Tells how many cameras like those of a site this box serves, and what limits it; nothing is stored."""
    from passerby.site import bench as measuring

    with _progress("{task.completed:.0f} s") as progress:
        task = progress.add_task("measuring", total=None)
        report = measuring.bench(
            config,
            seconds,
            lambda done_s, total_s: progress.update(task, completed=done_s, total=total_s),
            unsafe_no_lockdown=unsafe_no_lockdown,
        )
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
        return
    Console().print(report.table())
    print(report.words())
    for note in report.notes:
        _err.print(f"[yellow]{escape(note)}[/]", highlight=False)


@app.command()
def masks(
    pictures: Annotated[
        list[Path], typer.Argument(help="Pictures, or folders of them, with Pascal VOC labels beside them.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    unsafe_no_lockdown: Unsafe = False,
) -> None:
    """Scores the judge of masks on labelled pictures of your own; for evaluation only, and no picture is written."""
    from passerby.site import exam

    model = _masks()
    with _progress("{task.completed:.0f} pictures") as progress:
        task = progress.add_task("judging", total=None)
        report = exam.examine(
            pictures,
            model,
            lambda done, total: progress.update(task, completed=done, total=total or None),
            unsafe_no_lockdown=unsafe_no_lockdown,
        )
    for problem in report.problems:
        _err.print(f"[yellow]{escape(problem)}[/]", highlight=False)
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        Console().print(report.table())


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
    force: Annotated[bool, typer.Option(help="Write over a file that exists.")] = False,
) -> None:
    """Writes a commented configuration to begin with."""
    from passerby.site import example

    example.write(file, force=force)
    print(f"{file}: written. Set the camera's address and lines, and start it with `passerby run {file}`.")


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


def _say_version(asked: bool) -> None:
    if asked:
        print(f"passerby {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Anonymous camera analytics: numbers about places, never about people."""


def main() -> None:
    """Runs a command. Errors meant for people are printed plainly, with the exit status that they carry."""
    try:
        app()
    except PasserbyError as error:
        _err.print("[bold red]passerby:[/] ", end="", highlight=False)
        _err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
