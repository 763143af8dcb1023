"""Commands for cameras as devices: discover."""

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from passerby.cli.shared import app, bar, warn
from passerby.errors import InputError

if TYPE_CHECKING:
    from passerby.audit.discovery import Found, Network

_SILENCE = """No camera answered. It may be that
- ONVIF discovery is off in the cameras: switch it on in their network settings, or write their addresses by hand;
- the cameras are in another network or VLAN than this computer: multicast does not cross a router;
- this is a container or a virtual machine: run it with the host's network (docker run --network host);
- a firewall drops what comes back: let UDP from port 3702 in.
What the camera's own page shows as its RTSP address can always be written into `cameras:` by hand."""


@app.command()
def discover(
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.2, max=60, help="Seconds to listen.")] = 4.0,
    interface: Annotated[
        str | None, typer.Option(help="Network interface to ask on, such as eth0; all but loopback if absent.")
    ] = None,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print lines to paste under `cameras:`.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Finds ONVIF cameras on this computer's own network: one question to all, and a list of those that answer."""
    if as_yaml and as_json:
        raise InputError("--yaml and --json: choose one.")
    where = _networks(interface)
    found, deaf = asyncio.run(_listen(where, timeout_s))
    for network in deaf:
        warn(f"{network.interface}: nothing could be sent from {network.address}.")
    if as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=True, indent=2))
    elif as_yaml and found:
        print(yaml_lines(found))
    elif found:
        Console().print(_table(found))
    if not found:
        warn(_SILENCE)


def _networks(interface: str | None) -> list["Network"]:
    from passerby.audit.discovery import networks

    every = networks()
    where = [one for one in every if one.interface == interface or (interface is None and not one.address.is_loopback)]
    if not where:
        names = ", ".join(one.interface for one in every) or "none"
        asked = f"{interface}: no such network interface with an IPv4 address" if interface else "No network"
        raise InputError(f"{asked}. There are: {names}.")
    return where


async def _listen(where: list["Network"], timeout_s: float) -> tuple[list["Found"], list["Network"]]:
    from passerby.audit.discovery import discover as call

    with bar("{task.completed:.0f} s") as shown:
        task = shown.add_task("Listening for cameras", total=timeout_s)
        answers = asyncio.ensure_future(call(where, timeout_s))
        while not (await asyncio.wait([answers], timeout=0.25))[0]:
            shown.advance(task, 0.25)
        return answers.result()


def _table(found: Iterable["Found"]) -> Table:
    table = Table("address", "name", "model", "location", "ONVIF", "remarks")
    for one in found:
        cells = (one.address, one.name, one.hardware, one.location, one.onvif or "", "; ".join(one.remarks))
        table.add_row(*(Text(cell) for cell in cells))  # as text: what a device is called is no markup
    return table


def yaml_lines(found: Iterable["Found"]) -> str:
    """Lines for `cameras:` of a configuration. What is odd is there as a comment alone."""
    lines: list[str] = []
    taken: set[str] = set()
    for one in found:
        name = _free_name(one, taken)
        about = " ".join(text for text in (one.name, one.hardware, one.location) if text)
        lines.append(f"# {one.address} {about}".rstrip())
        lines += [f"#   {remark}" for remark in one.remarks]
        mark = "# " if one.remarks else ""
        lines.append(f"{mark}- name: {json.dumps(name)}")
        lines.append(f"{mark}  source: {json.dumps(f'rtsp://{one.address}:554/')} # add the path of its stream")
        lines.append("#   credentials: {username: ..., password_file: ...}")
    return "\n".join(f"  {line}" for line in lines)


def _free_name(one: "Found", taken: set[str]) -> str:
    """A name that a configuration takes and that no other has."""
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "", one.name).strip(" ._-")[:40].strip() or f"camera {one.address}"
    name, number = plain, 2
    while name.lower() in taken:
        name, number = f"{plain} {number}", number + 1
    taken.add(name.lower())
    return name
