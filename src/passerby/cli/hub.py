"""Commands of a hub: init, run, invite, revoke, status."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from passerby.cli.shared import app, err, hub_app, warn

Place = Annotated[Path, typer.Option("--hub", help="The hub's folder, or its configuration.")]
Slug = Annotated[str, typer.Argument(help="Short name of the venue; `passerby hub venues list` shows all.")]


@hub_app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where the hub keeps everything; made where there is none.")] = Path(
        "hub"
    ),
    force: Annotated[bool, typer.Option(help="Write the configuration over one that exists; keys stay.")] = False,
) -> None:
    """Writes a commented configuration, and makes the hub's key, by which sites know it."""
    from passerby.hub import example
    from passerby.hub.opening import make_key

    path = example.write(folder, force=force)
    key = make_key(folder)
    print(f"{path}: written. The public key of this hub, by which sites know it: {key.public.name}")
    print("1. Set hub.url and web in it, so that sites and people reach the hub; docs/hub.md has both.")
    print(f"2. passerby hub access add {folder} NAME --role admin")
    print(f"3. passerby hub venues import VENUES.csv --hub {folder}")
    print(f"4. passerby hub run {folder}")
    warn(f"Keep a copy of {folder}/hub.key where no other can read it: without it, every site has to join again.")


@hub_app.command()
def run(place: Annotated[Path, typer.Argument(help="The hub's folder, or its configuration.")] = Path()) -> None:
    """Takes what sites send, and serves the pages, the API and the metrics."""
    from passerby.hub import run as hub

    hub.run(place)


@hub_app.command()
def invite(
    slug: Slug,
    place: Place = Path(),
    days: Annotated[int, typer.Option(help="How long the invitation is good.")] = 7,
) -> None:
    """Invites the site of a venue: prints a token, alone, on standard output. It is shown this once."""
    from passerby.hub.config import load
    from passerby.hub.enrolment import SiteKeys
    from passerby.hub.opening import hub_key, open_register
    from passerby.records.system import system_account

    config = load(place)
    key = hub_key(config)
    with open_register(config) as register:
        invitation = SiteKeys(register).invite(slug, days, key.public, system_account())
    until = datetime.fromtimestamp(invitation.until_unix_s, UTC).astimezone()
    print(invitation.token.text())
    err.print(
        f"The token of {invitation.venue.name}, good once, until {until:%Y-%m-%d %H:%M}. At the site:\n"
        f"  passerby join {config.url} --config site.yaml\n"
        "which asks for the token. Whoever has it can join in the venue's place: send it as you would a password.",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


@hub_app.command()
def revoke(slug: Slug, place: Place = Path()) -> None:
    """Shuts out the site of a venue, at once; it may join again by a new invitation."""
    from passerby.hub.config import load
    from passerby.hub.enrolment import SiteKeys
    from passerby.hub.opening import open_register
    from passerby.records.system import system_account

    with open_register(load(place)) as register:
        ended = SiteKeys(register).revoke(slug, system_account())
    if ended:
        print(f"{slug}: shut out; what its site sends is refused from now on. Invite it anew to let it in.")
    else:
        print(f"{slug}: no site has a key of it; an open invitation has ended.")


@hub_app.command()
def status(
    place: Place = Path(), as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> None:
    """Says how far the roll-out is, and what each venue lacks until it conforms."""
    from passerby.hub.config import load
    from passerby.hub.enrolment import SiteKeys
    from passerby.hub.opening import open_fleet, open_register
    from passerby.hub.rollout import rollout

    config = load(place)
    with open_register(config) as register, open_fleet(config) as fleet:
        found = rollout(register.venues(), fleet, SiteKeys(register).invited(), time.time())
    if as_json:
        venues = [{"venue": one.venue.slug, "state": one.state, "lacks": one.lacks} for one in found.venues]
        counts = {"connected": found.connected, "cameras": found.cameras, "cameras_conforming": found.conforming}
        print(json.dumps(counts | {"venues": venues}, ensure_ascii=False))
        return
    print(found.words())
    table = Table("venue", "name", "state", "lacks")
    for one in found.venues:
        table.add_row(one.venue.slug, one.venue.name, str(one.state), "; ".join(one.lacks))
    Console().print(table)


app.add_typer(hub_app, name="hub")
