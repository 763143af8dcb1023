"""What a hub needs before it opens: folder, key, stores, who is let in. `run` and the commands share it."""

import resource
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from passerby.errors import ConfigError
from passerby.hub.access.book import RegisterBook
from passerby.hub.config import HubConfig
from passerby.hub.contract import Series
from passerby.hub.fleet import Fleet
from passerby.hub.register import Database, Register
from passerby.hub.series import SqliteSeries
from passerby.hub.series.clickhouse import open_clickhouse
from passerby.records.access.book import Keeping
from passerby.records.access.opening import tls_of
from passerby.records.wire.keys import Key, read_key, write_key

_FILES = 8192
KEY_FILE = "hub.key"
ADD_ACCOUNT = "passerby hub access add"


def hub_key(config: HubConfig) -> Key:
    """The hub's key, which `passerby hub init` made.

    Raises:
        ConfigError: there is none, or others may read it.
    """
    file = config.folder / KEY_FILE
    found = read_key(file)
    if found is None:
        words = "bring it back from a copy: sites believe no other. For a new hub: passerby hub init"
        raise ConfigError([f"{file}: the key of this hub is not there; {words}"])
    return found


def make_key(folder: Path) -> Key:
    """The key of a folder; made where there is none.

    Raises:
        ConfigError: it cannot be read or written.
    """
    found = read_key(folder / KEY_FILE)
    if found is None:
        found = Key.made()
        write_key(found, folder / KEY_FILE)
    return found


@contextmanager
def open_register(config: HubConfig) -> Iterator[Register]:
    """The register, as long as it is open; commands and a running hub share it.

    Raises:
        ConfigError: the password of its PostgreSQL cannot be read.
        StoreError: it cannot be used.
    """
    kept = config.store.register_
    place = config.folder / kept if isinstance(kept, str) else kept.address(config.path_of)
    with closing(Database(place)) as database:
        yield Register(database)


@contextmanager
def open_fleet(config: HubConfig) -> Iterator[Fleet]:
    """What is known of each site now, with the hub's word on when one counts as silent.

    Raises:
        StoreError: its file cannot be used.
    """
    with closing(Fleet(config.fleet_file, config.sites.silent_after_s)) as fleet:
        yield fleet


@contextmanager
def open_series(config: HubConfig) -> Iterator[Series]:
    """The tallies of all venues, as long as they are open.

    Raises:
        ConfigError: the password cannot be read, or a package is not installed.
        StoreError: they cannot be used.
    """
    with closing(_series(config)) as series:
        yield series


def _series(config: HubConfig) -> Series:
    kept = config.store.series
    return SqliteSeries(config.folder / kept) if isinstance(kept, str) else open_clickhouse(kept, config.path_of)


def accounts(register: Register) -> Keeping:
    """Who is let in: kept in the register, so that all processes of a hub share it.

    Raises:
        StoreError: the register cannot be used.
    """
    return RegisterBook(register.database)


def most_connections() -> int:
    """How many connections a hub takes at once: half of the files that it may open, which it raises as far as needed.

    After an outage all sites come at once, and pages are read meanwhile.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return (_FILES if soft == resource.RLIM_INFINITY else min(soft, _FILES)) // 2


def open_tls(config: HubConfig) -> ssl.SSLContext | None:
    """What the pages are encrypted with; None where nothing is asked for.

    Raises:
        ConfigError: the certificate or its key cannot be read or made.
    """
    return tls_of(config.web, config.path_of, config.folder)
