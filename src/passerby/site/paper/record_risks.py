"""What could go wrong for visitors, and what of the promises does not hold at a site."""

from collections.abc import Iterator

from passerby.core.shares import MINIMUM_JUDGED
from passerby.core.tallies import DEFAULT_WINDOW_S
from passerby.site.config import OwnModel, SiteConfig
from passerby.site.paper.blocks import Block, Grid, Open
from passerby.site.paper.evidence import Evidence
from passerby.site.paper.facts import Facts

_RISKS = (
    (
        "Somebody is recognised, or a picture of somebody is seen by a person or a program that should not",
        "A fault in the program or in a decoder; somebody who breaks in; an operator who wants more than counts",
        "Pictures live in a process without network and disk; nothing that recognises people is installed; out of it "
        "come records of 24 bytes",
    ),
    (
        "Somebody's way or habits are followed",
        "Tracks that are kept or joined over cameras and days",
        "Tracks are numbers in one process for seconds; the record has no field for one",
    ),
    (
        "A small count tells of one person",
        "A quiet door, a short window, somebody who watches beside it",
        "Windows of a minute at least; heat maps blanked where few were; no masked share of too few",
    ),
    (
        "Staff are measured one by one",
        "A camera over one workplace",
        "Staff areas are not counted; whoever sets up the site decides what a camera sees",
    ),
    (
        "A picture is taken on its way from the camera",
        "A stream without encryption; a camera that sends elsewhere; the camera's own recorder",
        "rtsps where the camera can; a network of its own for cameras. passerby does not change what cameras do",
    ),
    (
        "Visitors are deterred, or feel watched",
        "Cameras without explanation",
        "The sign at the door and the page behind it, from the configuration as it runs",
    ),
)
_MASKS = (
    "A mask, which can tell of health or belief, is noted of somebody",
    "A window in which all gave the same answer; sums that are subtracted from each other",
    "Answers go into a count at once; no share of too few; the profile decree-2021-269 keeps the whole site alone",
)


def risks(config: SiteConfig) -> Iterator[Block]:
    """The risks of what is configured."""
    rows = (*_RISKS, *([_MASKS] if config.asks_for_masks else []))
    yield Grid(("What could happen", "How it could come about", "What keeps it small"), rows, (1.2, 1.2, 1.5))
    yield Open("how likely and how grave each of these is at this venue, and any that this list does not know.")


def not_so(config: SiteConfig, facts: Facts, evidence: Evidence) -> Iterator[str]:
    """What does not hold, or weakens a promise, as sentences."""
    yield from _of_locks(evidence)
    yield from _of_network(config, facts)
    least = config.masks.minimum_judged
    if config.window_s < DEFAULT_WINDOW_S:
        yield f"Windows of {config.window_s} s are short: at quiet places a count may be one person."
    if config.asks_for_masks and least < MINIMUM_JUDGED:
        yield f"The masked share is told from {least} people on; {MINIMUM_JUDGED} are usual."
    if any(camera.heat_map for camera in config.cameras):
        yield "Heat maps are kept; they tell more than a count does."
    if isinstance(config.model, OwnModel):
        yield "The detector is a model of your own: passerby counts what it finds, and cannot tell what that is."
    if facts.notice is None:
        yield "No notice is configured: visitors do not read who is responsible, and no sign can be made."


def _of_locks(evidence: Evidence) -> Iterator[str]:
    if not evidence.locked:
        yield "The kernel of this machine cannot lock a process completely; passerby does not open cameras here."
    if evidence.unsafe:
        told = "Counts of the last seven days were made without the lock-down (--unsafe-no-lockdown)"
        yield f"{told}, by processes that could have reached network and disk."
    if evidence.unsafe is None:
        yield "There is no store to look at, so nothing is known of how this site has run so far."


def _of_network(config: SiteConfig, facts: Facts) -> Iterator[str]:
    if facts.open_streams:
        cameras = ", ".join(facts.open_streams)
        yield f"Not encrypted on the way to this machine: {cameras}. Who listens in that network can see the pictures."
    if any(camera.source.lower().startswith("rtsps:") for camera in config.cameras):
        yield "The certificate of rtsps cameras is not checked: somebody in between could pretend to be the camera."
    if facts.reachable and not facts.encrypted:
        yield f"The page is served at {config.web.host} without TLS: who listens in that network can read the counts."
