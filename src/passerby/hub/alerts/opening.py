"""Opens the alerts of a configuration: reads secrets, and finds what cannot work before the hub starts."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from passerby.errors import ConfigError
from passerby.hub.alerts.config import CONTACT
from passerby.hub.alerts.desk import AlertDesk, DeskParts
from passerby.hub.alerts.post import MAIL, Post, contact_way
from passerby.hub.alerts.tables import PART
from passerby.hub.alerts.words import test_message
from passerby.hub.board import HubBoard
from passerby.hub.contract import Venue
from passerby.hub.register import Register
from passerby.records.receivers import tried, ways_to

if TYPE_CHECKING:
    from passerby.hub.config import HubConfig


def alert_desk(
    config: "HubConfig", board: HubBoard, register: Register, clock: Callable[[], float] = time.time
) -> AlertDesk:
    """The alerts of a hub; without rules none begins, and those that were open end.

    Raises:
        ConfigError: with every secret that cannot be read, or a URL of contacts that cannot be used.
        StoreError: the register cannot be used.
    """
    register.database.prepare(PART)
    post = Post(register.database, ways_to(config.notify, config.path_of), contact_url(config), clock=clock)
    return AlertDesk(config.alerts, DeskParts(config.hub.name, board, register, post, clock))


def send_test(config: "HubConfig", name: str, venue: Venue | None = None) -> dict[str, str | None]:
    """Sends a test message to all receivers of an alert, or to one receiver, once.

    Args:
        config: of the hub.
        name: of the alert or the receiver.
        venue: whose responsible contact gets it too; None: nobody's.

    Returns:
        Why it did not arrive, by receiver; None for one that got it.

    Raises:
        ConfigError: there is no such alert or receiver, a secret cannot be read, or the contact has no address.
    """
    alert = next((one for one in config.alerts if one.name == name), None)
    receivers = [one.name for one in config.notify]
    if alert is None and name not in receivers:
        known = ", ".join([*(one.name for one in config.alerts), *receivers]) or "none"
        raise ConfigError([f"there is no alert or receiver {name}; there is: {known}"])
    named = (*alert.to, *(one for step in alert.escalate for one in step.to)) if alert else (name,)
    ways = ways_to([one for one in config.notify if one.name in named], config.path_of)
    if venue is not None:
        url = contact_url(config)
        if url is None or not venue.contact.mail:
            raise ConfigError([f"{venue.slug}: its contact has no mail address, or the configuration no contacts"])
        ways[CONTACT] = contact_way(url, venue.contact.mail)
    told = test_message(config.hub.name, name)
    return {one: tried(way, told) for one, way in ways.items()}


def contact_url(config: "HubConfig") -> str | None:
    """The apprise URL by which contacts of venues are told, with {mail} in it; None where they are not.

    Raises:
        ConfigError: it cannot be read or used. The text does not hold it.
    """
    if config.contacts is None:
        return None
    url = config.contacts.kept.read(config.path_of).strip()
    if MAIL not in url or len(url.split()) != 1:
        raise ConfigError(["contacts: the URL must stand alone, with {mail} where the address of a contact goes"])
    contact_way(url, "somebody@mail.example")
    return url
