"""Opens the alerts of a configuration: reads secrets, and finds what cannot work before the hub starts."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from passerby.errors import ConfigError
from passerby.hub.alerts.desk import AlertDesk, DeskParts
from passerby.hub.alerts.post import Post
from passerby.hub.alerts.tables import PART
from passerby.hub.board import HubBoard
from passerby.hub.register import Register
from passerby.records.receivers import Service, ways_to

if TYPE_CHECKING:
    from passerby.hub.config import HubConfig

_MAIL = "{mail}"


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


def contact_url(config: "HubConfig") -> str | None:
    """The apprise URL by which contacts of venues are told, with {mail} in it; None where they are not.

    Raises:
        ConfigError: it cannot be read or used. The text does not hold it.
    """
    if config.contacts is None:
        return None
    url = config.contacts.kept.read(config.path_of).strip()
    if _MAIL not in url or len(url.split()) != 1:
        raise ConfigError(["contacts: the URL must stand alone, with {mail} where the address of a contact goes"])
    Service("contacts", url.replace(_MAIL, "somebody@mail.example"))
    return url
