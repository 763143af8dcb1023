"""Commands that count and measure: count, demo, bench, masks."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from passerby.cli.shared import Lines, ModelName, Unsafe, app, bar, detector, mask_model, warn

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
        models=counting.Models(detector(model) if view == "level" else None, mask_model() if masks else None),
        heat_map=heat_map,
        limit_s=seconds,
        unsafe_no_lockdown=unsafe_no_lockdown,
    )
    with bar() as progress:
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
        warn(warning)


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
    _print_summary(demonstration.run(options, detector(model)))


@app.command()
def bench(
    config: Annotated[Path, typer.Argument(help="The site's configuration.")],
    seconds: Annotated[float, typer.Option("--for", min=5, help="Measure for so many seconds.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
    unsafe_no_lockdown: Unsafe = False,
) -> None:
    """Tells how many cameras like those of a site this box serves, and what limits it; nothing is stored."""
    from passerby.site import bench as measuring

    with bar("{task.completed:.0f} s") as progress:
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
        warn(note)


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

    model = mask_model()
    with bar("{task.completed:.0f} pictures") as progress:
        task = progress.add_task("judging", total=None)
        report = exam.examine(
            pictures,
            model,
            lambda done, total: progress.update(task, completed=done, total=total or None),
            unsafe_no_lockdown=unsafe_no_lockdown,
        )
    for problem in report.problems:
        warn(problem)
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        Console().print(report.table())
