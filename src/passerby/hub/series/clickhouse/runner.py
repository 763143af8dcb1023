"""The way to a ClickHouse: over HTTP to a server, or to the same engine in this process (chDB), as the tests use it.

Both are clients of clickhouse-connect, so that one piece of code speaks to both.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from passerby.errors import ConfigError, StoreError
from passerby.hub.series.clickhouse.settings import ClickHouse

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Parameters = Mapping[str, Any]
"""By name: numbers, texts and lists of either."""

SETTINGS: dict[str, Any] = {
    # A block that was sent before is not passed over by its hash: a row that was deleted since would be lost. Rows and
    # sums are known by their keys, for as long as they are kept.
    "insert_deduplicate": 0,
    # Rows of one key are in one partition, since it is made of the key.
    "do_not_merge_across_partitions_select_final": 1,
    # A site whose clock was wrong may send windows of a hundred months.
    "max_partitions_per_insert_block": 0,
}
CLUSTER_SETTINGS: dict[str, Any] = {
    # An insert returns when most replicas of the shard have it, not when one has taken note of it.
    "distributed_foreground_insert": 1,
    "insert_quorum": "auto",
    "insert_quorum_parallel": 0,
    # Sums are made anew from all that was inserted before, also where another replica answers.
    "select_sequential_consistency": 1,
    "load_balancing": "in_order",
    "distributed_ddl_output_mode": "throw",
    "lightweight_deletes_sync": 2,
}
_WAIT_S = 60
_WORDS = {
    192: "no such user; check store.series.username",
    516: "it does not take the name and password; check store.series in hub.yaml",
    81: "there is no such database; make it, or check store.series.database",
    170: "there is no such cluster; check store.series.cluster, or remote_servers of the server",
    243: "its disk is full; free some space. What was taken is safe; sites keep the rest and send it again",
    241: "it has too little memory for the question; give it more, or ask for less",
    252: "it has too many parts to merge; give its disk more speed, or let sites send in wider windows",
    289: "the replica that was asked is behind the others; it is asked again",
    285: "too few replicas are up to store safely; start those that are down. Sites keep the rest and send it again",
    999: "it does not reach its Keeper; start two of the three. Sites keep what they have and send it again",
}
"""By code of its error: what to do."""


class Runner:
    """Runs statements.

    Args:
        client: of clickhouse-connect.
        where: the server, for messages.
    """

    def __init__(self, client: "Client", where: str) -> None:
        self._client, self._where = client, where

    def query(self, sql: str, parameters: Parameters | None = None) -> Sequence[Sequence[Any]]:
        """Rows of an answer. Parameters stand in the statement as `{name:Type}`.

        Raises:
            StoreError: it cannot be asked.
        """
        with self._told():
            return self._client.query(sql, parameters=dict(parameters or {})).result_rows

    def command(self, sql: str, parameters: Parameters | None = None) -> None:
        """Does something that has no answer.

        Raises:
            StoreError: it cannot be done.
        """
        with self._told():
            self._client.command(sql, parameters=dict(parameters or {}))

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Inserts rows, as one block.

        Args:
            table: its name.
            columns: by name, all of one length.

        Raises:
            StoreError: they cannot be inserted.
        """
        with self._told():
            self._client.insert(table, list(columns.values()), column_names=list(columns), column_oriented=True)

    def close(self) -> None:
        """Ends it."""
        self._client.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        from clickhouse_connect.driver.exceptions import ClickHouseError

        try:
            yield
        except ClickHouseError as error:
            raise _told(error, self._where) from None


def connect(settings: ClickHouse, path_of: Callable[[str], Path]) -> Runner:
    """Opens the way to a server.

    Args:
        settings: which.
        path_of: a path of the configuration.

    Raises:
        ConfigError: the password or the authority's file cannot be read, or the package for it is not installed.
        StoreError: it does not answer, or does not let us in.
    """
    parts = urlsplit(settings.url)
    authority = path_of(settings.ca) if settings.ca else None
    if authority and not authority.is_file():
        raise ConfigError([f"store.series.ca: there is no file {authority}"])
    password = settings.password(path_of)
    return _opened(
        f"the ClickHouse at {parts.hostname}",
        lambda get_client: get_client(
            host=parts.hostname,
            port=parts.port,
            interface=parts.scheme,
            username=settings.username,
            password=password,
            ca_cert=str(authority) if authority else None,
            database=settings.database,
            settings={**SETTINGS, **(CLUSTER_SETTINGS if settings.cluster else {})},
            send_receive_timeout=_WAIT_S,
            # Lists of sites are longer than an address may be.
            form_encode_query_params=True,
            # Several threads ask at once, which a session does not allow.
            autogenerate_session_id=False,
        ),
    )


def in_process(folder: str, **options: str) -> Runner:
    """The engine in this process: one folder for each process, for tests and measurements.

    Args:
        folder: where it keeps its files.
        options: of chDB, such as `config-file`.

    Raises:
        ConfigError: the package for it is not installed.
        StoreError: the folder cannot be used.
    """
    return _opened(
        f"chDB in {folder}",
        lambda get_client: get_client(interface="chdb", path=folder, settings=SETTINGS, chdb_options=options or None),
    )


def _opened(where: str, open_: Callable[[Callable[..., "Client"]], "Client"]) -> Runner:
    try:
        from clickhouse_connect import get_client
        from clickhouse_connect.driver.exceptions import ClickHouseError
    except ImportError:
        raise ConfigError(
            ["store.series: ClickHouse needs a package that is not installed; install passerby[clickhouse]"]
        ) from None
    try:
        return Runner(open_(get_client), where)
    except ClickHouseError as error:
        raise _told(error, where) from None


def _told(error: Exception, where: str) -> StoreError:
    """What happened, where, and what to do; without the text of a statement, which may hold names."""
    code = getattr(error, "code", None)
    if code is None:
        return StoreError(f"{where} does not answer; check that it runs and is reached from here")
    name = getattr(error, "name", None) or ""
    return StoreError(f"{where}: {_WORDS.get(code, f'it answers with error {code} {name}'.rstrip())}")
