"""The command that looks at cameras as devices."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from passerby.cli.shared import Unsafe, app, bar, err
from passerby.errors import ConfigError, PasserbyError

if TYPE_CHECKING:
    from passerby.site.check import Wanted

_COULD_NOT_LOOK = 2
_INTERRUPTED = 130


@app.command()
def check(
    config: Annotated[Path, typer.Argument(help="The site's configuration.")],
    camera: Annotated[
        list[str] | None, typer.Option("--camera", help="Look at this camera alone. May be given again.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
    junit: Annotated[Path | None, typer.Option(help="Also write the result as JUnit XML, for a CI.")] = None,
    try_default_passwords: Annotated[
        bool, typer.Option("--try-default-passwords", help="Also try passwords of the factory; asks before it does.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    unsafe_no_lockdown: Unsafe = False,
) -> None:
    """Looks at the cameras of a configuration once: are they connected, good enough, and no open door?

    Nothing but the configured cameras is contacted. Exit status 0: all is well (notes may stand); 1: there are
    findings; 2: it could not look.
    """
    from passerby.site.check import Wanted, told
    from passerby.site.check import check as look

    try:
        wanted = Wanted(tuple(camera or ()), try_default_passwords, unsafe_no_lockdown)
        if junit and not junit.parent.is_dir():
            raise ConfigError([f"--junit {junit}: there is no folder {junit.parent}."])
        if try_default_passwords:
            _confirm(config, wanted, yes=yes)
        with bar("{task.completed:.0f} of {task.total:.0f} looks") as progress:
            task = progress.add_task("looking", total=2)
            reports = look(config, wanted, lambda done, total: progress.update(task, completed=done, total=total))
        if reports is None:
            err.print("Stopped; nothing is told.")
            raise typer.Exit(_INTERRUPTED)
        if junit:
            _write(junit, told.as_junit(reports))
    except PasserbyError as error:
        error.exit_code = _COULD_NOT_LOOK
        raise
    if as_json:
        print(json.dumps(told.as_dict(reports), ensure_ascii=False))
    else:
        Console().print(told.as_text(reports))
    raise typer.Exit(0 if told.clean(reports) else 1)


def _confirm(config: Path, wanted: "Wanted", *, yes: bool) -> None:
    """Has an operator confirm that factory passwords are tried.

    Raises:
        ConfigError: nobody can be asked.
    """
    from passerby.site.check.once import wanted_cameras
    from passerby.site.config import load

    names = ", ".join(camera.name for camera in wanted_cameras(load(config), wanted))
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError(["--try-default-passwords asks before it tries, and nobody can answer here; add --yes."])
    err.print(
        "At most three passwords that cameras leave the factory with are tried at each of these cameras, with pauses: "
        f"{names}. A camera may lock its account for a while after wrong tries. No password is shown or kept.",
        markup=False,
        highlight=False,
    )
    if not typer.confirm("Try them?", err=True):
        raise typer.Exit(_COULD_NOT_LOOK)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise ConfigError([f"--junit {file}: cannot be written ({error.strerror})."]) from None
