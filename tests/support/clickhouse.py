"""The hub's tallies in chDB, which is ClickHouse's engine in a process: a child of its own, since it takes over signals
and threads, and has one folder for all of its life."""

import shutil
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from passerby.errors import StoreError
from passerby.hub.contract import Delivered, Series, Taken
from passerby.hub.series.clickhouse import ClickHouseSeries
from passerby.hub.series.clickhouse.runner import Runner, in_process

_START_S = 120.0


class Failing(Runner):
    """The way to ClickHouse, which breaks once: what is done before stays done.

    Attributes:
        breaks_at: at which of the next inserts and commands; 0: at none.
    """

    breaks_at = 0

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        self._count()
        super().command(sql, parameters)

    def insert(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        self._count()
        super().insert(table, columns)

    def _count(self) -> None:
        if self.breaks_at:
            self.breaks_at -= 1
            if not self.breaks_at:
                raise StoreError("the ClickHouse of this test does not answer")


class Engine:
    """A chDB in a child. Each database in it is a store of its own.

    Args:
        config: XML for the engine; empty for none.
        folder: of one that was; None for a new one.
    """

    def __init__(self, config: str = "", folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="passerby-chdb-"))
        if config:
            (self.folder / "config.xml").write_text(config)
        self._mine, theirs = get_context("spawn").Pipe()
        self._process = get_context("spawn").Process(target=_serve, args=(theirs, self.folder), daemon=True)
        self._process.start()
        theirs.close()
        assert self._mine.poll(_START_S), "chDB did not start"
        self._mine.recv()

    def series(self, database: str, cluster: str | None = None, *, unreplicated: bool = False) -> "Remote":
        """Opens a store; its database is made where it is absent."""
        self.ask("open", database, cluster, unreplicated)
        return Remote(self, database)

    def ask(self, what: str, *arguments: Any) -> Any:
        """What the child answers.

        Raises:
            StoreError: the store's own.
        """
        self._mine.send((what, arguments))
        good, answer = self._mine.recv()
        if not good:
            raise answer
        return answer

    def sql(self, statement: str) -> Any:
        """Rows of an answer."""
        return self.ask("sql", statement)

    def kill(self) -> None:
        """Ends it at once."""
        self._process.kill()
        self._process.join(60)

    def again(self) -> "Engine":
        """Another with the same files; this one was killed."""
        return Engine(folder=self.folder)

    def close(self) -> None:
        """Ends it, and deletes its files."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Remote:
    """A store in the child. It has the methods of `ClickHouseSeries`."""

    def __init__(self, engine: Engine, database: str) -> None:
        self._engine, self._database = engine, database

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: self._engine.ask("call", self._database, name, *arguments)

    def take_together(self, deliveries: Sequence[Delivered]) -> list[Taken | StoreError]:
        """Hands in several at the same time, and gives what became of each."""
        found: list[Taken | StoreError] = self._engine.ask("together", self._database, deliveries)
        return found

    def break_at(self, step: int) -> None:
        """Breaks its way to ClickHouse at one of the next steps that change something."""
        self._engine.ask("break", self._database, step)

    @property
    def series(self) -> Series:
        """The same, for the type checker."""
        return cast(Series, self)


def _serve(pipe: Connection, folder: Path) -> None:
    child = _Child(folder)
    pipe.send(True)
    while True:
        try:
            what, arguments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((True, child.answer(what, *arguments)))
        except StoreError as error:
            pipe.send((False, error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the test is told
            pipe.send((False, AssertionError(f"{error}\n{traceback.format_exc()}")))


class _Child:
    def __init__(self, folder: Path) -> None:
        config = folder / "config.xml"
        self._options = {"config-file": str(config)} if config.exists() else {}
        self._folder = str(folder / "data")
        self._runner = in_process(self._folder, **self._options)
        self._stores: dict[str, tuple[ClickHouseSeries, Failing]] = {}

    def answer(self, what: str, *arguments: Any) -> Any:
        if what == "open":
            return self._open(*arguments)
        if what == "sql":
            return [tuple(row) for row in self._runner.query(*arguments)]
        database, *rest = arguments
        store, runner = self._stores[database]
        if what == "break":
            runner.breaks_at = rest[0]
            return None
        if what == "together":
            with ThreadPoolExecutor(max(1, len(rest[0]))) as pool:
                return [_result(one) for one in [pool.submit(store.take, delivered) for delivered in rest[0]]]
        name, *given = rest
        return getattr(store, name)(*given)

    def _open(self, database: str, cluster: str | None, unreplicated: bool) -> None:
        self._runner.command(f"CREATE DATABASE IF NOT EXISTS {database}")
        runner = in_process(self._folder, **self._options)
        runner.command(f"USE {database}")
        failing = Failing(runner._client, "chDB")
        made = _Unreplicated(failing._client, "chDB") if unreplicated else failing
        self._stores[database] = (ClickHouseSeries(made, database, cluster), failing)


def _result(one: "Future[Taken]") -> Taken | StoreError:
    error = one.exception(60)
    if error is None:
        return one.result()
    assert isinstance(error, StoreError)
    return error


class _Unreplicated(Runner):
    """Makes a cluster's tables without replicas, which need servers that talk to each other."""

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        if "ReplicatedReplacingMergeTree(" in sql:
            before, after = sql.split("ReplicatedReplacingMergeTree(")
            sql = f"{before}ReplacingMergeTree(version){after.split('version)', 1)[1]}"
        super().command(sql.replace(" ON CLUSTER 'passerby'", ""), parameters)
