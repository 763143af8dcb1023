"""A hub as its operators run it: `passerby hub run` in a process of its own, on a free port."""

import http.client
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from passerby.hub import example
from passerby.hub.config import HubConfig, load
from passerby.hub.contract import Venue
from passerby.hub.enrolment import SiteKeys
from passerby.hub.opening import hub_key, make_key, open_register
from passerby.hub.register import Register
from passerby.hub.series import SqliteSeries
from passerby.records.wire.joining import Token
from passerby.records.wire.keys import Key
from passerby.records.wire.link import HubLink
from tests.support.hub_forks import ForkedHub
from tests.support.site import eventually, free_port

_PATIENCE_S = 60.0


class RunningHub:
    """`passerby hub run` of a folder, which is made.

    Attributes:
        folder: of the hub.
        log: path of what it said.
        more: sections of the configuration beside `web:`.
    """

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder, self.log, self.port = folder, folder.parent / f"{folder.name}.log", free_port()
        example.write(folder)
        (folder / "hub.yaml").write_text(f"web: {{port: {self.port}}}\n{more}\n")
        self.key: Key = make_key(folder)
        self._process: subprocess.Popen[bytes] | ForkedHub | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> HubConfig:
        return load(self.folder)

    @contextmanager
    def register(self) -> Iterator[Register]:
        """Its register, as commands open it beside the running hub."""
        with open_register(self.config) as register:
            yield register

    def add(self, slug: str, **known: Any) -> Venue:
        """Registers a venue."""
        with self.register() as register:
            return register.add(Venue(0, slug, known.pop("name", slug.title()), **known), "test")

    def invite(self, slug: str, days: int = 7) -> Token:
        """Invites the site of a venue."""
        with self.register() as register:
            return SiteKeys(register).invite(slug, days, self.key.public, "test").token

    def enrol(self, slug: str) -> Key:
        """A key with which the site of a venue has joined; the venue is registered if it is not there."""
        key = Key.made()
        with self.register() as register:
            if register.venue(slug) is None:
                register.add(Venue(0, slug, slug.title()), "test")
            keys = SiteKeys(register)
            keys.join(keys.invite(slug, 7, self.key.public, "test").token.key.public.name, key.public)
        return key

    def link(self) -> HubLink:
        """The way of a site to it."""
        return HubLink(self.url, self.key.public)

    @contextmanager
    def series(self) -> Iterator[SqliteSeries]:
        """Its tallies; to be opened when it does not run."""
        assert self._process is None
        with closing(SqliteSeries(self.config.series_file)) as series:
            yield series

    def start(self, *before: str) -> Self:
        """Starts it, without waiting until it is open; `before`: a program that becomes it."""
        assert hub_key(self.config).public == self.key.public
        command = [*before, sys.executable, "-m", "passerby.cli", "hub", "run", str(self.folder)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def start_quickly(self) -> Self:
        """Starts it as `start`, by a process that has read the program's code before."""
        self._process = ForkedHub(self.folder, self.log)
        return self

    def wait_open(self, within_s: float = _PATIENCE_S) -> Self:
        """Waits until it answers."""
        eventually(lambda: self.get("/healthz"), within_s)
        return self

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def get(self, path: str) -> Any:
        """An answer in JSON, whatever its status; empty while nothing answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=_PATIENCE_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)
        except (OSError, http.client.HTTPException):
            assert self._process is None or self._process.poll() is None, self.log.read_text()
            return {}

    def kill(self) -> None:
        """As the kernel does when memory is short."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def stop(self) -> int:
        """Ends it as its operator does, and gives its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(_PATIENCE_S)
        self._process = None
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.kill()
