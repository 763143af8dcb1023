"""Made-up venues in a hub's register, and their simulated sites joined to it by invitation, as sites are."""

import ssl
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import httpx
import msgspec

from passerby.hub.enrolment import SiteKeys
from passerby.hub.register import Register
from passerby.hub.simulate.fleet import Fate, SimulatedVenue
from passerby.hub.simulate.venues import venue_of
from passerby.records.outbox import HttpPost
from passerby.records.wire.joining import JOIN, JoinRequest, Token
from passerby.records.wire.keys import Key, PublicKey, read_key, write_key
from passerby.records.wire.link import HubLink, Proof, refuse
from passerby.records.wire.signing import INVITED_TAG

BY = "passerby simulate"
"""Stands in the hub's log as who did it."""
KEY_FILE = "site.key"
_INVITED_DAYS = 30
_HEADERS = {"content-type": "application/json"}


def enlist(register: Register, venues: Sequence[SimulatedVenue], today: date | None = None) -> dict[str, int]:
    """Adds made-up venues that are not there yet, and gives the numbers of all by short name.

    Raises:
        ConfigError: a venue cannot be taken.
        StoreError: the register cannot be used; it has a part of them.
    """
    known = {venue.slug: venue.number for venue in register.venues()}
    day = today or datetime.now(UTC).date()
    for one in venues:
        if one.slug not in known:
            known[one.slug] = register.add(venue_of(one, day), BY).number
    return {one.slug: known[one.slug] for one in venues}


def invite(keys: SiteKeys, venue: SimulatedVenue, hub: PublicKey) -> Token | None:
    """An invitation of a made-up venue's site; None for one that stays without, as its fate says.

    Raises:
        ConfigError: there is no such venue.
        StoreError: nothing was written.
    """
    if venue.fate is Fate.LISTED:
        return None
    return keys.invite(venue.slug, _INVITED_DAYS, hub, BY).token


def way(folder: Path, link: HubLink) -> HttpPost:
    """How a simulated site that has joined sends.

    Raises:
        ConfigError: its key cannot be read.
    """
    key = read_key(folder / KEY_FILE)
    assert key is not None, f"{folder} did not join"
    return HttpPost(link, lambda: key)


def has_joined(folder: Path) -> bool:
    """Whether a simulated site has a key."""
    return (folder / KEY_FILE).exists()


@cache
def trusted() -> ssl.SSLContext:
    """Whom this machine trusts; reading that anew for each of hundreds of sites would take minutes."""
    return httpx.create_ssl_context()


def join(folder: Path, url: str, token: Token) -> None:
    """Joins a hub with a key that is made here and stays in the folder.

    Raises:
        NotPostedError: the hub did not answer.
        HubError: the hub refused.
        ConfigError: the key cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = Key.made()
    link = HubLink(url, token.hub, trusted())
    try:
        body = msgspec.json.encode(JoinRequest(1, key.public.name))
        refuse(link.post(JOIN, body, _HEADERS, Proof(token.key, INVITED_TAG, key)))
    finally:
        link.close()
    write_key(key, folder / KEY_FILE)
