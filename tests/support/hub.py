"""A hub as its users run it: `passerby hub run` in a process of its own, on a free port."""

import http.client
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from passerby.hub.config import HubConfig, load
from passerby.hub.contract import Venue
from passerby.hub.enrolment import SiteKeys
from passerby.hub.opening import make_key, open_register
from passerby.hub.register import Register
from passerby.records.wire.joining import Token
from passerby.records.wire.keys import Key, PublicKey
from passerby.records.wire.link import HubLink
from tests.support.site import eventually, free_port

_PATIENCE_S = 60.0


class RunningHub:
    """`passerby hub run` in a folder, which is made with a key and an empty register.

    Attributes:
        folder: its own.
        port, url: where it is.
        log: path of what it said.
        more: keys of the configuration beside `web`.
    """

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder, self.more = folder, more
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log.jsonl"
        self.key = make_key(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self.write()

    def write(self) -> Path:
        """Writes the configuration."""
        path = self.folder / "hub.yaml"
        path.write_text(f"web: {{port: {self.port}}}\n{self.more}")
        return path

    @property
    def config(self) -> HubConfig:
        """As it is written."""
        return load(self.folder)

    @contextmanager
    def register(self) -> Iterator[Register]:
        """The register, also while the hub runs."""
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

    def link(self, hub: PublicKey | None = None) -> HubLink:
        """The way of a site to it."""
        return HubLink(self.url, hub or self.key.public)

    def start(self, *, ready: bool = True) -> Self:
        """Starts it, and waits until it answers."""
        command = [sys.executable, "-m", "passerby.cli", "hub", "run", str(self.folder)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if ready:
            eventually(lambda: self.get("/healthz"))
        return self

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self._process is not None
        return self._process.pid

    def get(self, path: str) -> Any:
        """An answer in JSON; empty while nothing answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=_PATIENCE_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)
        except (OSError, http.client.HTTPException):
            assert self._process is None or self._process.poll() is None, self.log.read_text()
            return {}

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it by a signal, and gives its exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        status = self._process.wait(_PATIENCE_S)
        self._process = None
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
